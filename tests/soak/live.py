"""What a page that is open beside a run costs what is measured.

    python tests/soak/live.py --pairs 5

Measures the simple CNN without the live page and with it, open in a headless Chromium, in turns. Of each run it prints
the time of a step, and what the parent's main thread and its other threads (the server's) used of a processor while
windows were measured; then the median of the pairs' ratios. It judges nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.report.html.browser import browser

SUITE = """\
data: {name: synthetic, shape: [32, 32, 3], classes: 100, images: 8500}
models: [simple_cnn]
variants: {notebook: {}}
batch_sizes: [128]
protocol: {precision: 0.0000001, max_seconds: 20}
"""
MARGIN = 2.0
"""Seconds at either end of the windows that are left out, for their ends aren't known exactly."""


@dataclass(frozen=True)
class Sample:
    """Processor seconds by a moment."""

    at: float
    main: float
    others: float


@dataclass(frozen=True)
class Measured:
    step_seconds: float
    main_share: float
    others_share: float


def sampled(pid: int) -> Sample:
    """Of the process's main thread, and of all others."""
    times = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        times[int(task.name)] = int((task / "schedstat").read_text().split()[0]) / 1e9
    main = times.pop(pid)
    return Sample(time.time(), main, sum(times.values()))


@contextmanager
def looked_at(process: subprocess.Popen[str], chromium: Browser | None) -> Iterator[None]:
    """The page of the run, open in a tab."""
    if chromium is None:
        yield
        return
    assert process.stderr is not None
    address = next(line.split()[1] for line in process.stderr if line.startswith("live: "))
    page = chromium.new_page()
    page.goto(address)
    try:
        yield
    finally:
        page.close()


def kept(root: Path) -> int:
    """Records by now: the newest tells how long before it its windows ended."""
    return sum(len(path.read_text().splitlines()) for path in root.glob("results/*/cnn.jsonl"))


def measure(root: Path, chromium: Browser | None) -> Measured:
    """One run of one cell."""
    suite = root / "cnn.yaml"
    suite.write_text(SUITE)
    line = [sys.executable, "-m", "bench", "run", str(suite), "--root", str(root)]
    if chromium is not None:
        line.append("--live")
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    samples = []
    with looked_at(process, chromium):
        before = kept(root)
        while kept(root) == before and process.poll() is None:
            samples.append(sampled(process.pid))
            time.sleep(0.5)
    _, said = process.communicate()
    assert process.returncode == 0, said
    newest = [json.loads(path.read_text().splitlines()[-1]) for path in root.glob("results/*/cnn.jsonl")][-1]
    steps, seconds = map(sum, zip(*newest["windows"], strict=True))
    stages = list(newest["stages"].items())
    after = sum(value for _, value in stages[1 + [name for name, _ in stages].index("windows") :])
    end = samples[-1].at - after - MARGIN
    inside = [one for one in samples if end - seconds + 2 * MARGIN <= one.at <= end]
    whole = inside[-1].at - inside[0].at
    main, others = inside[-1].main - inside[0].main, inside[-1].others - inside[0].others
    return Measured(seconds / steps, main / whole, others / whole)


def told(name: str, one: Measured) -> str:
    return (
        f"{name:<8} {one.step_seconds * 1e3:8.2f} ms/step; of a processor during windows: parent's main thread "
        f"{one.main_share:.3%}, its other threads {one.others_share:.4%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    pairs = parser.parse_args().pairs
    ratios = []
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        for number in range(pairs):
            order = [("without", None), ("--live", chromium)]
            found = {}
            for name, opened in order if number % 2 == 0 else order[::-1]:
                found[name] = measure(Path(folder), opened)
                print(told(name, found[name]), flush=True)
            ratios.append(found["--live"].step_seconds / found["without"].step_seconds)
    print(f"step time with --live over without: {', '.join(f'{one:.3f}' for one in ratios)};", end=" ")
    print(f"median {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
