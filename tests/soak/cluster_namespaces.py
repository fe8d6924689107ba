"""Nodes that reach each other by a network alone, in namespaces of this script's own; one of them is cut off.

    sudo .venv/bin/python tests/soak/cluster_namespaces.py

Three network namespaces on one bridge are three machines: the driver's with the cluster's head, and two nodes. A
suite of networks whose batches wait, so that two cores suffice, is run on one node and on two, in turns; told is how
the times compare. Then the second node's cable is pulled in mid-run: the run must end by itself with every cell
measured once, and nothing of the node's may be left at work.

Exit status 1 where two nodes take more than 0.55 of one's time, or the run with the pulled cable isn't whole. Where
namespaces can't be made, it says so and ends with 0.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
BRIDGE, NAMES = "benchbr0", ("bench-head", "bench-one", "bench-two")
HEAD = "10.77.0.2"
PORT = 6380
NETWORKS = 4
GONE_SECONDS = 60.0
RAY = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
"""Nothing outside reaches the namespaces."""
SUITE = """\
data: {{name: synthetic, shape: [24, 24, 3], classes: 5, images: 400, test_images: 10}}
models: {models}
variants: {{waits: {{batch_map: 'own:wait', prefetch: 0}}}}
batch_sizes: [16]
protocol: {{precision: 0.00001, min_seconds: {seconds}, max_seconds: {seconds}, eval_images: 0}}
"""
OWN = """\
import time

import keras
import tensorflow as tf


def wait(images, labels):
    def waiting(given):
        time.sleep(0.02)
        return given

    labels = tf.ensure_shape(tf.py_function(waiting, [labels], labels.dtype), labels.shape)
    return images, labels


def dense(input_shape, classes, units=4):
    layers = [keras.layers.Flatten(), keras.layers.Dense(units), keras.layers.Dense(classes, activation="softmax")]
    return keras.Sequential([keras.Input(input_shape), *layers])
"""


def ip(*words: str, check: bool = True) -> None:
    """One `ip` command."""
    subprocess.run(["ip", *words], check=check, capture_output=True, text=True)


@contextmanager
def machines() -> Iterator[None]:
    """The namespaces, joined by a bridge."""
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("link", "set", BRIDGE, "up")
        for number, name in enumerate(NAMES, start=2):
            ip("netns", "add", name)
            ip("link", "add", f"bench-v{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", f"bench-v{number}", "master", BRIDGE, "up")
            ip("-n", name, "addr", "add", f"10.77.0.{number}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for number, name in enumerate(NAMES, start=2):
            ip("link", "del", f"bench-v{number}", check=False)
            ip("netns", "del", name, check=False)
        ip("link", "del", BRIDGE, check=False)


def within(name: str, *words: str) -> list[str]:
    """A command in a namespace."""
    return ["ip", "netns", "exec", name, *words]


@contextmanager
def cluster(folder: Path) -> Iterator[None]:
    """A raylet in each; the two nodes have a label."""
    ray = str(Path(sys.executable).with_name("ray"))
    common = ["--num-cpus=2", "--object-store-memory=80000000", "--disable-usage-stats"]
    environ = {**os.environ, **RAY}
    try:
        for number, name in enumerate(NAMES, start=2):
            place = [f"--node-ip-address=10.77.0.{number}", f"--node-name={name}"]
            if number == 2:
                place += ["--head", f"--port={PORT}", "--include-dashboard=false", f"--temp-dir={folder}"]
            else:
                place += [f"--address={HEAD}:{PORT}", "--labels=measures=yes"]
            done = subprocess.run(
                within(name, ray, "start", *common, *place), env=environ, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise SystemExit(f"{name}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        yield
    finally:
        for name in NAMES:
            subprocess.run(within(name, ray, "stop", "--force"), env=environ, capture_output=True, check=False)


def begin(tree: Path, nodes: int) -> subprocess.Popen[str]:
    """A run that waits for its nodes."""
    words = ["run", "suites/waits.yaml", "--executor", f"ray:{HEAD}:{PORT}", "--on", "measures=yes"]
    command = within(NAMES[0], sys.executable, "-m", "bench", *words, "--nodes", str(nodes), "--json")
    environ = {**os.environ, **RAY, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.Popen(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)


def plant(tree: Path, seconds: float) -> None:
    """The suite and its code."""
    (tree / "suites").mkdir(parents=True)
    models = ", ".join(f"net{n}: {{network: 'own:dense', args: {{units: {4 + n}}}}}" for n in range(NETWORKS))
    (tree / "suites" / "waits.yaml").write_text(SUITE.format(models=f"{{{models}}}", seconds=seconds))
    (tree / "suites" / "own.py").write_text(OWN)


def measured(tree: Path) -> Counter[str]:
    """How often each cell has a good record."""
    lines = [line for path in tree.glob("results/*/*.jsonl") for line in path.read_text().splitlines()]
    return Counter(one["cell"] for one in map(json.loads, lines) if one["status"] == "ok")


def timed(folder: Path, nodes: int, seconds: float) -> float:
    """What a whole run takes."""
    tree = Path(tempfile.mkdtemp(dir=folder))
    plant(tree, seconds)
    began = time.monotonic()
    process = begin(tree, nodes)
    _, said = process.communicate()
    took = time.monotonic() - began
    if process.returncode or set(measured(tree).values()) != {1} or len(measured(tree)) != NETWORKS:
        raise SystemExit(f"the run on {nodes} ended with {process.returncode}: {measured(tree)}\n{said}")
    return took


def cut_off(folder: Path, seconds: float) -> list[str]:
    """Pull the second node's cable in mid-run; gives what went wrong."""
    tree = Path(tempfile.mkdtemp(dir=folder))
    plant(tree, seconds)
    process = begin(tree, 2)
    while sum(measured(tree).values()) < 1 and process.poll() is None:
        time.sleep(0.5)
    time.sleep(seconds / 3)
    began = time.monotonic()
    ip("link", "set", "bench-v4", "down")
    _, said = process.communicate()
    took = time.monotonic() - began
    found = measured(tree)
    print(f"cable pulled: ended with {process.returncode} after {took:.0f} s, {dict(found)}")
    print(*(line for line in said.splitlines() if "lost" in line or "goes on" in line), sep="\n")
    wrong = []
    if process.returncode or len(found) != NETWORKS or set(found.values()) != {1}:
        wrong.append(f"not whole: {found}\n{said}")
    deadline = time.monotonic() + GONE_SECONDS
    while (left := at_work(NAMES[2])) and time.monotonic() < deadline:
        time.sleep(1)
    print(f"of the lost node's: {left or 'nothing'} left, {time.monotonic() - began:.0f} s after")
    if left:
        wrong.append(f"still at work: {left}")
    return wrong


def at_work(name: str) -> list[str]:
    """Processes of bench's in a namespace: a node's, its server and its cells."""
    pids = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False).stdout.split()
    found = []
    for pid in pids:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "bench.run" in command:
            found.append(f"{pid} {command[:80]}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passes", type=int, default=2, help="0: only the cable is pulled")
    parser.add_argument("--seconds", type=float, default=25.0, help="of a cell's windows")
    asked = parser.parse_args()
    try:
        ip("netns", "add", "bench-try")
        ip("netns", "del", "bench-try")
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"network namespaces can't be made here ({error}): nothing was tried")
        return
    # the paths of Ray's sockets have room for a short folder only
    folder = Path(tempfile.mkdtemp(prefix="ns-", dir="/tmp"))
    wrong: list[str] = []
    try:
        with machines(), cluster(folder / "ray"):
            ratios = []
            for number in range(asked.passes):
                one, two = timed(folder, 1, asked.seconds), timed(folder, 2, asked.seconds)
                ratios.append(two / one)
                print(f"pass {number + 1}: one node {one:.1f} s, two {two:.1f} s: {two / one:.3f}", flush=True)
            if ratios and (ratio := statistics.median(ratios)) > 0.55:
                wrong.append(f"two nodes take {ratio:.3f} of one's time")
            wrong += cut_off(folder, asked.seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
