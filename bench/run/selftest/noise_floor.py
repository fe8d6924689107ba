"""A cell against itself, interleaved: this host's noise floor."""

from __future__ import annotations

from pathlib import Path

from bench.results.journal import pairs_path
from bench.results.pair import Pair
from bench.results.writable import writable
from bench.run.interleaved.pairs import PairObserver, PairPlan, measure_pair
from bench.run.prepare import Notice, Prepared, Request, prepared
from bench.run.process.executors import LocalExecutor
from bench.run.selftest.ground_truth import SelfTestError
from bench.suite.cells import Cell, Suite
from bench.suite.spec import DataSpec, ModelSpec, Protocol, Variant

__all__ = ["NOISE_CELL", "measure_noise", "noise_path"]

_DATA = DataSpec(name="synthetic", images=4_000, test_images=100)

_SUITE = Suite(
    name="selftest",
    title="A cell against itself",
    data=_DATA,
    models=(ModelSpec(name="simple_cnn", network="simple_cnn"),),
    variants=(Variant(name="notebook"),),
    protocol=Protocol(eval_images=0),
)

NOISE_CELL: Cell = _SUITE.cells()[0]
"""The handout's simple CNN under its notebook's options, on images made from a seed: it takes part of every layer of
the stack, and is short enough that what disturbs a step shows."""


def measure_noise(
    root: Path, host: str | None, rounds: int, observer: PairObserver, notice: Notice
) -> tuple[Prepared, Pair]:
    """So many rounds of the cell against itself, and what the run was; nothing is stored.

    Raises InputError where they can't be stored, and `SelfTestError` where the cell fails.
    """
    request = Request(_SUITE, (NOISE_CELL, NOISE_CELL), root, host=host, idle_power=False)
    with prepared(request, LocalExecutor(), notice) as ready:
        writable(noise_path(root, ready.setting.host.id, ready.setting.team), Pair)
        plan = PairPlan(min_rounds=rounds, max_rounds=rounds)
        pair = measure_pair(ready, ready.planned[0], ready.planned[1], plan, observer, purpose="noise")
    if pair.failure is not None:
        raise SelfTestError(f"a cell against itself ended as {pair.status.replace('_', ' ')}: {pair.failure.message}")
    return ready, pair


def noise_path(root: Path, host: str, team: str | None = None) -> Path:
    """Where the rounds of self-tests are kept."""
    return pairs_path(root, host, _SUITE.name, team)
