"""Do verdicts come again? Real runs, one after another, on this machine. Not one of the tests: a run takes minutes.

    .venv/bin/python tests/soak/replicate.py options --runs 6 [--old CHECKOUT]
    .venv/bin/python tests/soak/replicate.py equal --runs 12 [--busy] [--planted 5]

`options` runs the simple CNN's part of `suites/cnn.yaml` again and again and tells by variant what each run found, the
standard deviation of the speed-ups, and which variants were marked both ways. With `--old` each run is followed by one
of that checkout, which has a `.venv` of its own, as long as this one's whole time allows.

`equal` runs a table of twenty variants that are one and the same (`notebook`'s pipeline with `prefetch: 0`), and tells
how many were marked, and how many were decided. `--planted P` makes one of them wait P % of a step in each batch;
`--busy` runs a busy loop beside all of it.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
OPTIONS = ["suites/cnn.yaml", "--only", "simple_cnn/*"]
EQUAL = """\
data: {{name: synthetic, images: 8500, test_images: 100}}
models: [simple_cnn]
batch_sizes: [128]
variants:
  base: {{prefetch: 0}}
{variants}
protocol: {{max_seconds: 5}}
"""
WAITING = """
import time
import tensorflow as tf

def _wait(labels):
    time.sleep({seconds})
    return labels

def wait(images, labels):
    waited = tf.numpy_function(_wait, [labels], labels.dtype)
    waited.set_shape(labels.shape)
    return images, waited
"""
BUSY = "while True: pass"

Rows = list[dict[str, Any]]


def run(checkout: Path, *arguments: str, folder: Path | None = None) -> tuple[Rows, float]:
    """The rows that a run gives, and the seconds that it took."""
    with tempfile.TemporaryDirectory() as root:
        began = time.monotonic()
        done = subprocess.run(
            [checkout / ".venv/bin/python", "-m", "bench", "run", *arguments, "--root", root, "--json"],
            cwd=folder or checkout,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        seconds = time.monotonic() - began
    return [row for row in json.loads(done.stdout) if row["speedup"] is not None], seconds


def options(runs: int, old: Path | None) -> int:
    """Tell how the speed-ups of the simple CNN's options come again."""
    found: dict[str, list[tuple[Rows, float]]] = {}
    for number in range(runs):
        for name, checkout in (("new", CHECKOUT), *([("old", old)] if old else [])):
            found.setdefault(name, []).append(run(checkout, *OPTIONS))
            print(f"run {number + 1} of {runs}, {name}: {found[name][-1][1]:.0f} s", flush=True)
    both = 0
    for name, every in found.items():
        print(f"\n{name}: {statistics.fmean(seconds for _, seconds in every):.0f} s a run")
        spreads, decided = [], 0
        variants = [row["variant"] for row in every[0][0]]
        for variant in variants:
            rows = [row for rows, _ in every for row in rows if row["variant"] == variant]
            spread = statistics.stdev(math.log(row["speedup"]) for row in rows) if len(rows) > 1 else math.nan
            verdicts = [row["speedup_verdict"] for row in rows]
            both += {"faster", "slower"} <= {*verdicts}
            decided += sum(verdict in ("faster", "slower", "same") for verdict in verdicts)
            spreads.append(spread)
            shown = " ".join(f"{row['speedup']:.2f}{row['speedup_verdict'][0]}" for row in rows)
            print(f"  {variant:<22} sd {spread:6.2%}  {shown}")
        print(f"  median sd {statistics.median(spreads):.2%}; {decided / len(variants) / runs:.0%} decided")
    print(f"\n{both} variants were marked both ways")
    return int(both > 0)


def equal(runs: int, planted: float, busy: bool) -> int:
    """Tell how often one of twenty equal variants is marked, and whether the planted one is found."""
    false = caught = 0
    for number in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            names = [f"  equal-{place:02}: {{prefetch: 0}}" for place in range(20)]
            if planted:
                names[7] = "  planted: {prefetch: 0, batch_map: 'waiting:wait'}"
                step = step_seconds()
                Path(folder, "waiting.py").write_text(WAITING.format(seconds=step * planted / 100))
            Path(folder, "equal.yaml").write_text(EQUAL.format(variants="\n".join(names)))
            with beside() if busy else nullcontext():
                rows, seconds = run(CHECKOUT, "equal.yaml", folder=Path(folder))
        marked = [row for row in rows if row["speedup_verdict"] in ("faster", "slower")]
        wrong = [row["variant"] for row in marked if row["variant"] != "planted"]
        decided = sum(row["speedup_verdict"] != "undecided" for row in rows)
        false += bool(wrong)
        seen = any(row["variant"] == "planted" and row["speedup_verdict"] == "slower" for row in marked)
        caught += seen
        ratios = [math.log(row["speedup"]) for row in rows if row["variant"] != "planted"]
        print(
            f"table {number + 1} of {runs}: {seconds:.0f} s, {decided} of {len(rows)} decided, marked wrongly: "
            f"{', '.join(wrong) or 'none'}, sd of the equal ones {statistics.stdev(ratios):.2%}"
            + (f", planted found: {'yes' if seen else 'no'}" if planted else ""),
            flush=True,
        )
    print(
        f"{false} of {runs} tables with a false mark"
        + (f"; {caught} of {runs} found what was planted" if planted else "")
    )
    return int(false > max(1, runs // 12))


def step_seconds() -> float:
    """Seconds a step of the baseline, measured now."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "equal.yaml").write_text(EQUAL.format(variants="  other: {prefetch: 0, pixels: uint8}"))
        done = subprocess.run(
            [sys.executable, "-m", "bench", "run", "equal.yaml", "--only", "*/base/*", "--root", folder, "--json"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    return float(json.loads(done.stdout)[0]["step_seconds"])


class beside(AbstractContextManager[None]):  # noqa: N801 - a context, as one reads it
    """A busy loop of somebody else's."""

    def __enter__(self) -> None:
        self._loop = subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True)

    def __exit__(self, *_: object) -> None:
        self._loop.kill()
        self._loop.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("options", "equal"))
    parser.add_argument("--runs", type=int, default=6)
    parser.add_argument("--old", type=Path)
    parser.add_argument("--planted", type=float, default=0.0)
    parser.add_argument("--busy", action="store_true")
    asked = parser.parse_args()
    if asked.what == "options":
        return options(asked.runs, asked.old)
    return equal(asked.runs, asked.planted, asked.busy)


if __name__ == "__main__":
    sys.exit(main())
