"""A cell against itself, in turns: this host's noise floor."""

from __future__ import annotations

from pathlib import Path

from bench.errors import InputError
from bench.host.registry import remember
from bench.results.journal import Journal, pairs_path
from bench.results.pair import Pair
from bench.results.writable import writable
from bench.run.executors import LocalExecutor
from bench.run.pairs import PairObserver, PairPlan, measure_pair
from bench.run.prepare import Notice, Prepared, Request, prepared
from bench.suite.spec import Cell, DataSpec, ModelSpec, Protocol, Suite, Variant

__all__ = ["NOISE_CELL", "measure_noise"]

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
    """Measure so many rounds of the cell against itself, and keep them as a pair; gives what the run was as well.

    Raises InputError, and RuntimeError where the cell fails.
    """
    request = Request(_SUITE, (NOISE_CELL, NOISE_CELL), root, host=host)
    with prepared(request, LocalExecutor(), notice) as ready:
        path = pairs_path(root, ready.setting.host.id, _SUITE.name)
        writable(path, Pair)
        remember(root, ready.setting.host)
        plan = PairPlan(min_rounds=rounds, max_rounds=rounds)
        pair = measure_pair(ready, ready.planned[0], ready.planned[1], plan, observer, purpose="noise")
    if pair.failure is not None:
        raise InputError(f"the self-test's cell ended as {pair.status}: {pair.failure.message}")
    for said in Journal(path, Pair).append(pair):
        notice(said)
    return ready, pair
