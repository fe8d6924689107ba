"""Pairs of cells as measuring them interleaved would leave them, with windows from a seeded generator."""

import math

import numpy as np

from bench.results.pair import Pair, Round, Side
from bench.results.record import Window


def make_side(record, **changes):
    """The side of a pair that is the cell of `record`."""
    fields = {
        "cell": record.cell,
        "model": record.model,
        "variant": record.variant,
        "batch_size": record.batch_size,
        "seed": record.seed,
        "fingerprint": record.fingerprint,
        "workload": record.workload,
        "options": record.options,
        "compile_seconds": record.values.get("compile_seconds"),
    }
    return Side(**(fields | changes))


def make_rounds(a_ms=16.0, b_ms=16.0, count=6, windows=8, noise=0.005, between=0.005, seed=0):
    """Rounds in which a step takes `a_ms` and `b_ms` give or take `noise` a window, and `between` a process."""
    generator = np.random.default_rng(seed)

    def side(step_ms):
        own = step_ms / 1e3 * (1 + between * generator.standard_normal())
        steps = max(1, math.ceil(0.1 / own))
        factors = 1 + noise * generator.standard_normal(windows)
        return tuple(Window(steps, float(steps * own * factor)) for factor in factors)

    return tuple(Round(a=side(a_ms), b=side(b_ms)) for _ in range(count))


def make_pair(a, b, *, a_ms=16.0, b_ms=16.0, rounds=6, seed=0, **changes):
    """A good pair of the cells of two records, in that many rounds or in these; `changes` are fields."""
    fields = {
        "suite": a.suite,
        "purpose": "option",
        "host": a.host,
        "started": "2026-01-06T10:00:00+00:00",
        "status": "ok",
        "a": make_side(a),
        "b": make_side(b),
        "rounds": make_rounds(a_ms, b_ms, rounds, seed=seed) if isinstance(rounds, int) else rounds,
        "software": a.software,
        "device": a.device,
        "data": a.data,
    }
    return Pair(**(fields | changes))
