"""Is a cell measured by Ray on this machine what it is measured by the local executor? Not one of the tests: minutes.

    .venv/bin/python tests/soak/cluster_beside_local.py --pairs 10

One cell is measured by the two executors in turn, each time in a run of its own, the order drawn anew. Its batches wait
5 ms, so that a step takes a known while and other load on the machine moves it little; `--network simple_cnn` takes one
that computes. Told are the ratio of the step times, by pairs, with its 95 % interval; the seconds of a cell beside its
windows; and what Ray took meanwhile.

Exit status 1 where the interval of the ratio isn't within 1 ± 0.01, or a cell's fixed cost is over 1.5 times as much.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from scipy import stats

CHECKOUT = Path(__file__).resolve().parents[2]
SUITE = """\
data: {{name: synthetic, images: 2000, test_images: 10}}
models: {{cell: {{network: {network}}}}}
variants: {{waits: {{batch_map: 'own:wait', prefetch: 0}}}}
batch_sizes: [32]
protocol: {{precision: 0.002, min_windows: 20, min_seconds: 4, max_seconds: 8, eval_images: 0}}
"""
OWN = """\
import time

import keras
import tensorflow as tf


def wait(images, labels):
    def waiting(given):
        time.sleep(0.005)
        return given

    labels = tf.ensure_shape(tf.py_function(waiting, [labels], labels.dtype), labels.shape)
    return images, labels


def dense(input_shape, classes):
    layers = [keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")]
    return keras.Sequential([keras.Input(input_shape), *layers])
"""


def measured(folder: Path, executor: str) -> dict[str, Any]:
    """The record of one run."""
    words = ["run", "suites/beside.yaml", "--executor", executor, "--host", f"beside-{executor}", "--json"]
    subprocess.run([sys.executable, "-m", "bench", *words], cwd=folder, check=True, capture_output=True)
    lines = (folder / "results" / f"beside-{executor}" / "beside.jsonl").read_text().splitlines()
    record: dict[str, Any] = json.loads(lines[-1])
    assert record["status"] == "ok", record["failure"]
    return record


def step_seconds(record: dict[str, Any]) -> float:
    windows = record["windows"]
    return sum(seconds for _, seconds in windows) / sum(steps for steps, _ in windows)


def fixed_seconds(record: dict[str, Any]) -> float:
    """What the cell took beside its windows."""
    seconds: float = record["values"]["seconds"]
    return seconds - sum(one for _, one in record["windows"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--network", default="own:dense")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    logs: list[float] = []
    fixed: dict[str, list[float]] = {"local": [], "ray": []}
    with tempfile.TemporaryDirectory(prefix="beside-") as name:
        folder = Path(name)
        (folder / "suites").mkdir()
        (folder / "suites" / "beside.yaml").write_text(SUITE.format(network=f"'{arguments.network}'"))
        (folder / "suites" / "own.py").write_text(OWN)
        for number in range(arguments.pairs):
            pair = {executor: measured(folder, executor) for executor in rng.sample(["local", "ray"], 2)}
            logs.append(math.log(step_seconds(pair["ray"]) / step_seconds(pair["local"])))
            for executor, record in pair.items():
                fixed[executor].append(fixed_seconds(record))
            steps = ", ".join(f"{one} {step_seconds(pair[one]) * 1e3:.3f} ms/step" for one in ("local", "ray"))
            ray = pair["ray"]["values"]
            share, held = ray["ray_cpu_share"], ray["ray_resident_bytes"] / 2**20
            print(f"{number + 1:>3}  {steps}; Ray took {share:.1%} of the processors, {held:.0f} MiB", flush=True)
    half = stats.t.ppf(0.975, len(logs) - 1) * statistics.stdev(logs) / math.sqrt(len(logs))
    low, middle, high = (math.exp(statistics.mean(logs) + side * half) for side in (-1, 0, 1))
    print(f"ray takes {middle:.4f} times as long a step as local ({low:.4f} to {high:.4f})")
    costs = {executor: statistics.median(seconds) for executor, seconds in fixed.items()}
    times = costs["ray"] / costs["local"]
    print(f"a cell beside its windows: local {costs['local']:.2f} s, ray {costs['ray']:.2f} s, {times:.2f} times")
    return 0 if low >= 0.99 and high <= 1.01 and times <= 1.5 else 1


if __name__ == "__main__":
    sys.exit(main())
