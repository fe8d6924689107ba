"""Simulates a run's rounds, from the first to the last look, and tells how often its verdicts are right.

    .venv/bin/python -m tests.simulate.rounds --tables 2000

Tables of twenty variants and a baseline: all are equal, or one of them is 5 % slower. Processes and windows vary as
they are told to. Each round goes to the variants that are undecided, as in `bench.run.interleaved.rounds`, until all
are decided or have had twelve processes. Told are the share of tables with any false mark, those in which what was
planted was found, the share of variants that are decided after each round, and how often the interval of a speed-up
holds the truth.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench.analyse.speedup.standings import NetworkTimes, Standing
from bench.analyse.stats.process_times import ProcessTime
from bench.analyse.stats.ratio import Ratio
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.run.interleaved.rounds import MOST_PROCESSES

BASELINE = ("box", "suite", "net", "base", 128, 0)
SAME_WITHIN = 0.05


@dataclass(frozen=True)
class World:
    """What tables are drawn from: standard deviations of logarithms of processes, and of a process's windows together;
    a share of processes that lie off by as much as `outlier`, and by how much variant 0 is slower."""

    processes: float = 0.02
    windows: float = 0.02
    outliers: float = 0.0
    outlier: float = 0.1
    planted: float = 0.0
    variants: int = 20
    spread: Spread = UNMEASURED


@dataclass
class Table:
    """What became of one: the verdicts in the end, how many were decided after each round, and how many intervals of
    the last look held the truth."""

    verdicts: dict[int, str]
    decided: list[int]
    held: int


def simulate(world: World, rng: np.random.Generator) -> Table:
    """One table."""
    times: list[ProcessTime] = []
    processes = dict.fromkeys(range(world.variants), 0)
    open_ones, decided, found = list(processes), [], {}
    for number in range(1, MOST_PROCESSES + 1):
        times += _group(world, rng, number, open_ones)
        for one in open_ones:
            processes[one] += 1
        together = NetworkTimes(times, BASELINE, world.spread, SAME_WITHIN)
        found = {_cell(one): together.standing(_cell(one), BASELINE) for one in processes}
        open_ones = [one for one in processes if found[_cell(one)].verdict == "undecided" and found[_cell(one)].needed]
        decided.append(world.variants - sum(one.verdict == "undecided" for one in found.values()))
        if not open_ones:
            break
    verdicts = {one: str(found[_cell(one)].verdict) for one in processes}
    return Table(verdicts, decided, sum(_holds(found[_cell(one)], _truth(world, one)) for one in processes))


def false_marks(world: World, table: Table) -> int:
    """Of the variants that are equal to the baseline."""
    return sum(verdict in ("faster", "slower") for one, verdict in table.verdicts.items() if _truth(world, one) == 0)


def _group(world: World, rng: np.random.Generator, number: int, variants: Sequence[int]) -> Iterator[ProcessTime]:
    """A round: a process of each of these variants, and those of the baseline."""
    moment = 0.05 * rng.standard_normal()
    baselines = [(BASELINE, 0.0)] * round(math.sqrt(len(variants)))
    for cell, slower in (*baselines, *((_cell(one), _truth(world, one)) for one in variants)):
        luck = world.processes * rng.standard_normal() + world.windows * rng.standard_normal()
        if rng.random() < world.outliers:
            luck += world.outlier
        # four turns tell the variance of their mean, with as many degrees of freedom as the pooled ones have
        variance = world.windows**2 * rng.chisquare(8) / 8
        yield ProcessTime(cell, ("run", number, number), moment + slower + luck, variance, 1.2, disturbed=False)


def _cell(variant: int) -> tuple[str, str, str, str, int, int]:
    return "box", "suite", "net", f"variant-{variant}", 128, 0


def _truth(world: World, variant: int) -> float:
    return math.log1p(world.planted) if variant == 0 else 0.0


def _holds(found: Standing, truth: float) -> bool:
    assert isinstance(found.ratio, Ratio)
    return found.ratio.low <= math.exp(-truth) <= found.ratio.high


def report(name: str, world: World, tables: int, seed: int = 1) -> str:
    """A line: what `tables` of them came to."""
    rng = np.random.default_rng(seed)
    drawn = [simulate(world, rng) for _ in range(tables)]
    marked = sum(false_marks(world, one) > 0 for one in drawn) / tables
    held = sum(one.held for one in drawn) / tables / world.variants
    rounds = [sum(one.decided[min(number, len(one.decided)) - 1] for one in drawn) for number in (1, 2, 3, 4, 6, 12)]
    shares = " ".join(f"{count / tables / world.variants:4.0%}" for count in rounds)
    found = f"{sum(one.verdicts[0] == 'slower' for one in drawn) / tables:6.1%}" if world.planted else "     –"
    return f"{name:<44} {marked:6.1%} {found} {held:6.1%}   {shares}"


WORLDS = {
    **{
        f"processes {between:.1%}, windows {windows:.1%}": World(between, windows)
        for between in (0.005, 0.02, 0.04)
        for windows in (0.01, 0.02)
    },
    "processes 2.0%, 5 % of them 10 % slower": World(outliers=0.05),
    "processes 2.0%, self-test says 2.0%": World(spread=Spread(0.02, 19, measured=True)),
    "processes 2.0%, self-test says 1.0%": World(spread=Spread(0.01, 19, measured=True)),
    "processes 1.0%, one is 5 % slower": World(0.01, 0.01, planted=0.05),
    "processes 2.0%, one is 5 % slower": World(planted=0.05),
    "processes 2.0%, one is 15 % slower": World(planted=0.15),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=2000)
    tables = parser.parse_args().tables
    print(f"{'world':<44} {'false':>6} {'found':>6} {'holds':>6}   decided after 1, 2, 3, 4, 6, 12 rounds")
    for name, world in WORLDS.items():
        print(report(name, world, tables), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
