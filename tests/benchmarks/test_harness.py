"""What the harness costs and whether it tells the truth: ratios measured in one run. `make benchmark` runs these."""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from bench.results.query import latest
from bench.results.reading import read
from bench.run.job import Job
from bench.run.process.executors import LocalExecutor
from bench.run.process.forkserver import ForkServer
from bench.run.process.worker import PRELOAD
from bench.suite import load as load_suite
from bench.workload.data import load, store
from tests.benchmarks.handwritten import measure
from tests.run.listener import Listener

pytestmark = pytest.mark.benchmark(disable_gc=False)


def median_and_interval(ratios):
    """Median, and its 95 % interval by bootstrap."""
    draws = np.random.default_rng(0).choice(ratios, (10_000, len(ratios)))
    low, high = np.quantile(np.median(draws, axis=1), [0.025, 0.975])
    return float(np.median(ratios)), float(low), float(high)


@pytest.mark.parametrize(("network", "pairs"), [("simple_cnn", 24), ("vgg16", 8)])
def test_a_cell_against_a_hand_written_fit(benchmark, found, checkout, tmp_path, network, pairs):
    """ms/step of the notebook's cell, harness over hand-written: pairs of processes, forked alike, in turns."""
    suite = load_suite(checkout / "suites" / "cnn.yaml", ["protocol.max_seconds=5"])
    cell = next(cell for cell in suite.cells() if cell.id == f"{network}/notebook/b128")
    store(load(suite.data, data_dir=None, strict=False, folder=checkout), tmp_path / "data")

    kind = "cpu"

    def harness(executor):
        scratch = Path(tempfile.mkdtemp(dir=tmp_path))
        asked = time.perf_counter()
        job = Job(cell, cell.variant.options, kind, tmp_path / "data", scratch, tmp_path / "log", asked)
        outcome = executor.run(job, Listener())
        return 1e3 * sum(seconds for _, seconds in outcome.windows) / sum(steps for steps, _ in outcome.windows)

    def by_hand(server):
        child = server.fork(measure, network)
        try:
            return child.hear()
        finally:
            child.end()

    def compare():
        nonlocal kind
        ratios = []
        with LocalExecutor() as executor, ForkServer(PRELOAD) as server:
            kind = executor.probe().kind
            by_hand(server)
            for pair in range(pairs):
                # first one, then the other goes first: drift hits both
                if pair % 2:
                    plain = by_hand(server)
                    ratios.append(harness(executor) / plain)
                else:
                    own = harness(executor)
                    ratios.append(own / by_hand(server))
        return ratios

    ratios = benchmark.pedantic(compare, rounds=1)
    median, low, high = median_and_interval(ratios)
    found(
        f"{network}: {median:.3f} times the hand-written step ({low:.3f}..{high:.3f}, {pairs} pairs)",
        median=median,
        low=low,
        high=high,
        ratios=ratios,
    )


def test_the_whole_of_cnn_yaml(benchmark, found, checkout, tmp_path):
    """How long the suite takes, what a cell costs beside its own steps, what the parent takes, what options bring."""
    used = []

    def whole():
        command = [sys.executable, "-m", "bench", "run", checkout / "suites" / "cnn.yaml", "--root", tmp_path]
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, **pipes) as process:
            for line in process.stderr:
                if re.match(r" *\d+/\d+  ", line):
                    used.append((time.monotonic(), own_cpu_seconds(process.pid)))
        return process.returncode

    began = time.monotonic()
    assert benchmark.pedantic(whole, rounds=1) == 0
    seconds = time.monotonic() - began
    (path,) = tmp_path.glob("results/*/cnn.jsonl")
    records = [record for record in latest(read(path).records) if record.ok]
    costs = [
        record.values["seconds"] - sum(record.stages[stage] for stage in ("first step", "warm-up", "windows"))
        for record in records
    ]
    parent = (used[-1][1] - used[0][1]) / (used[-1][0] - used[0][0])
    steps = {
        record.cell: sum(w.seconds for w in record.windows) / sum(w.steps for w in record.windows) for record in records
    }
    gains = {}
    for network in ("simple_cnn", "vgg16"):
        own = {cell: step for cell, step in steps.items() if cell.startswith(network) and "image-48" not in cell}
        fastest = min(own, key=own.get)
        gains[fastest] = own[f"{network}/notebook/b128"] / own[fastest]
    found(
        f"{seconds:.0f} s in all; beside its steps a cell costs {statistics.median(costs):.2f} s in the median; "
        f"the parent takes {parent:.2%} of a core; fastest against notebook: "
        + ", ".join(f"{cell} {gain:.2f} times" for cell, gain in gains.items()),
        seconds=seconds,
        cell_cost_seconds=statistics.median(costs),
        parent_share=parent,
        gains=gains,
    )


def own_cpu_seconds(pid):
    """Seconds of processor time that the process itself has taken, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("verb", ["--help", "hosts"])
def test_verbs_that_only_read_are_quick(benchmark, found, checkout, verb):
    def call():
        subprocess.run([sys.executable, "-m", "bench", verb], cwd=checkout, check=True, stdout=subprocess.DEVNULL)

    benchmark.pedantic(call, rounds=10, warmup_rounds=1)
    median = benchmark.stats.stats.median
    found(f"bench {verb} takes {median:.2f} s", seconds=median)


@pytest.mark.parametrize("network", ["simple_cnn", "vgg16"])
def test_beside_pytorch(benchmark, found, checkout, tmp_path, network):
    """TensorFlow's cells beside PyTorch's usual options, in turns. Needs PyTorch, which is no dependency."""
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    cells = [f"{network}/{name}/b128" for name in ("notebook", "everything")]

    def pytorch(*options):
        script = checkout / "tests" / "benchmarks" / "pytorch.py"
        done = subprocess.run([sys.executable, script, network, *options], check=True, capture_output=True, text=True)
        return float(done.stdout)

    def tensorflow(root):
        command = [sys.executable, "-m", "bench", "run", checkout / "suites" / "cnn.yaml", "--root", root, "--json"]
        for cell in cells:
            command += ["--only", cell]
        rows = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return {row["variant"]: 1e3 * row["step_seconds"] for row in rows}

    def compare():
        times = []
        for turn in range(3):
            root = tmp_path / str(turn)
            root.mkdir()
            times.append(
                {
                    "PyTorch float32": pytorch("float32"),
                    **{f"TensorFlow {name}": step for name, step in tensorflow(root).items()},
                    "PyTorch bfloat16": pytorch("bfloat16"),
                    "PyTorch bfloat16 compiled": pytorch("bfloat16", "compiled"),
                }
            )
        return {name: statistics.median(turn[name] for turn in times) for name in times[0]}

    times = benchmark.pedantic(compare, rounds=1)
    found(f"{network}, ms/step: " + ", ".join(f"{name} {step:.4g}" for name, step in times.items()), **times)
