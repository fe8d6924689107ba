"""Does being stopped change a process? Each turn after a stop beside the next one, which follows it without a stop.

    .venv/bin/python tests/soak/stopped.py [--cell VARIANT …] [--pairs 60]

Two processes of a cell of the simple CNN alternate, each stopped while the other is at work, as in a run; but each has
two turns in a row, and isn't stopped between these. Told is, by cell, how many times as long a step takes in the first
as in the second, with its 95 % interval over such pairs, and how the first window of a turn compares with the others.

Both are of one process and less than a second apart, so that neither what equal processes differ by is in the figure,
nor what drifts.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.instruments.log_ratio import log_ratio
from bench.results.window_stats import step_seconds, totals
from bench.run.interleaved.turn_process import TurnProcess
from bench.run.interleaved.turns import Group, Servers
from bench.run.plan import Planned
from bench.run.prepare import Prepared, Request, prepared
from bench.run.process.executors import LocalExecutor
from bench.suite import load

CHECKOUT = Path(__file__).resolve().parents[2]
VARIANTS = ("notebook", "prefetch-0", "prefetch-2", "cache-memory", "map-autotune", "one-thread", "everything")
Turn = Sequence[tuple[int, float]]


def two_turns(live: TurnProcess) -> tuple[Turn, Turn]:
    """Of a process that is stopped before the first and after the second."""
    stop = live._stop
    live._stop = lambda: None  # type: ignore[method-assign]
    first = live.turn()
    live._stop = stop  # type: ignore[method-assign]
    return first, live.turn()


def measure(ready: Prepared, planned: Planned, pairs: int) -> list[tuple[Turn, Turn]]:
    """Pairs of turns of both processes."""
    found: list[tuple[Turn, Turn]] = []
    with (
        tempfile.TemporaryDirectory(dir=ready.scratch) as scratch,
        Servers(ready.executor.fork) as servers,  # type: ignore[attr-defined]
    ):
        jobs = [replace(ready.job(planned, Path(scratch), Path(scratch, f"{n}.log")), whole=False) for n in range(2)]
        with Group(jobs, servers, lambda _job, _word: None, (0, 1)) as group:
            group.start()
            for _ in range(pairs):
                found += [two_turns(live) for live in group.live.values()]
    return found


def first_over_rest(turns: Sequence[Turn]) -> float:
    """The median, over turns, of the first window's step time over that of the others."""
    found = [step_seconds(turn[:1]) / step_seconds(turn[1:]) for turn in turns if len(turn) > 1]
    return statistics.median(found) if found else math.nan


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", action="append", help="a variant of suites/cnn.yaml, such as prefetch-0")
    parser.add_argument("--pairs", type=int, default=60, help="of each process")
    asked = parser.parse_args()
    suite = load(CHECKOUT / "suites" / "cnn.yaml")
    wanted = [f"simple_cnn/{variant}/b128" for variant in asked.cell or VARIANTS]
    cells = [cell for cell in suite.cells() if cell.id in wanted]
    print("a turn after a stop over one without (95 % interval); first window of a turn over the others")
    beyond = 0
    with tempfile.TemporaryDirectory() as root:
        request = Request(suite, cells, Path(root), idle_power=False)
        with prepared(request, LocalExecutor(), lambda _: None) as ready:
            for planned in ready.planned:
                firsts, seconds = zip(*measure(ready, planned, asked.pairs), strict=True)
                log, error = log_ratio(list(map(totals, firsts)), list(map(totals, seconds)))
                low, high = (math.exp(log + sign * 1.96 * error) for sign in (-1, 1))
                beyond += low > 1.01 or high < 0.99
                name = planned.cell.variant.name
                print(
                    f"{name:<14} {math.exp(log):.4f} ({low:.4f} to {high:.4f}, {len(firsts)} pairs)"
                    f"   {first_over_rest(firsts):.3f} after a stop, {first_over_rest(seconds):.3f} without",
                    flush=True,
                )
    print(f"{beyond} of {len(cells)} surely beyond 1 ± 0.01")
    return int(beyond > 0)


if __name__ == "__main__":
    sys.exit(main())
