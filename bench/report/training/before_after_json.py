"""One trained cell beside another, as plain values for programs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from bench.analyse.stats.processes import Mean
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.analyse.stats.samples import Interval
from bench.analyse.training.before_after import BeforeAfter
from bench.analyse.training.change import Change
from bench.analyse.training.seeds import Repeats

__all__ = ["before_after_fields", "interval_fields"]


def before_after_fields(one: BeforeAfter) -> dict[str, Any]:
    """`a` and `b` are the two cells, seeds together; `speedup` is how many times as fast `b`'s steps are.

    `changes` have each metric's mean and values by seed, in stored units. `change` is a difference of shares for
    accuracies, and else by what share of the first the second lies above it; `low` and `high` bound its 95 % interval,
    null where `why` says or seeds don't matter. `faster_and_less_accurate` is what the tables warn of.
    """
    return {
        "a": _side(one.before, one.means[0]),
        "b": _side(one.after, one.means[1]),
        "differs": [each._asdict() for each in one.differs],
        "speedup": _ratio(one.step),
        "speedup_verdict": one.step.verdict if isinstance(one.step, Ratio) else None,
        "why_not_compared": list(one.step.reasons) if isinstance(one.step, Refusal) else None,
        "judged_by": one.judged,
        "accuracy_verdict": one.accuracy.verdict,
        "faster_and_less_accurate": one.at_a_price,
        "changes": {change.name: _change(change) for change in one.changes if change.before or change.after},
    }


def interval_fields(interval: Interval | None) -> dict[str, float | None]:
    """`low` and `high`, null where there is no interval."""
    return {"low": interval.low if interval else None, "high": interval.high if interval else None}


def _side(side: Repeats, mean: Mean | None) -> dict[str, Any]:
    record = side.first
    return {
        "cell": side.name,
        **{name: getattr(record, name) for name in ("host", "suite", "model", "variant", "batch_size")},
        "seeds": [one.seed for one in side.records],
        "step_seconds": mean.step_seconds if mean else None,
        "step_margin_share": mean.margin if mean else None,
        "accuracy_synthetic": side.synthetic,
    }


def _ratio(ratio: Ratio | Refusal) -> dict[str, float] | None:
    return {"value": ratio.value, "low": ratio.low, "high": ratio.high} if isinstance(ratio, Ratio) else None


def _change(change: Change) -> dict[str, Any]:
    return {
        "a": _mean(change.before),
        "b": _mean(change.after),
        "a_by_seed": list(change.before),
        "b_by_seed": list(change.after),
        "change": change.value,
        **interval_fields(change.interval),
        "verdict": change.verdict,
        "why": change.why,
    }


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None
