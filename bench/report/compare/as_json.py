"""A comparison as plain values, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from bench.analyse.compare.comparison import Answer, Compared, Comparison
from bench.analyse.stats.processes import Mean
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.analyse.stats.spread import Spread
from bench.results.metrics import METRICS
from bench.results.record import Finding, Record
from bench.results.sides import StoredSide

__all__ = ["compare_rows"]

_BESIDE = ("peak_gpu_allocator_bytes", "peak_resident_bytes", "held_out_accuracy")


def compare_rows(comparison: Comparison) -> dict[str, Any]:
    """The comparison as a dict that JSON takes.

    `cells` hold the answer, `ratio` (above 1 where `b` takes less time) with its 95 % interval, seconds a step and
    other figures of both sides (null where there is none), the findings of each, and what differs. `summary` counts
    the answers; its `geometric_mean` is over the cells that were compared.
    """
    joined = comparison.joined
    return {
        "a": _side(joined.before, comparison.spreads[0]),
        "b": _side(joined.after, comparison.spreads[1]),
        "summary": {
            **{answer.replace(" ", "_"): comparison.counts[answer] for answer in get_args(Answer)},
            "geometric_mean": _ratio(comparison.overall),
        },
        "cells": [_cell(one) for one in comparison.cells],
        "only_a": [_names(record) for record in joined.only_before],
        "only_b": [_names(record) for record in joined.only_after],
    }


def _side(side: StoredSide, spreads: Any) -> dict[str, Any]:
    return {"text": side.text, "spreads": {host: _spread(spread) for host, spread in spreads.items()}}


def _spread(spread: Spread) -> dict[str, Any]:
    return {"share": spread.share, "measured": spread.measured}


def _cell(one: Compared) -> dict[str, Any]:
    return {
        **_names(one.after),
        "answer": one.answer,
        "ratio": _ratio(one.ratio),
        "same_within": one.same_within if isinstance(one.ratio, Ratio) else None,
        "resolvable_share": one.resolvable,
        "why_not": list(one.ratio.reasons) if isinstance(one.ratio, Refusal) else None,
        "a": _figures(one.before, one.mean_before, one.findings_before),
        "b": _figures(one.after, one.mean_after, one.findings_after),
        "differs": [each._asdict() for each in one.differs],
    }


def _names(record: Record) -> dict[str, Any]:
    names = ("cell", "model", "variant", "batch_size", "seed", "suite", "host", "team")
    return {name: getattr(record, name) for name in names}


def _ratio(ratio: Ratio | Refusal | None) -> dict[str, float] | None:
    return {"value": ratio.value, "low": ratio.low, "high": ratio.high} if isinstance(ratio, Ratio) else None


def _figures(record: Record, mean: Mean | None, findings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "host": record.host,
        "team": record.team,
        "suite": record.suite,
        "started": record.started,
        "status": record.status,
        "step_seconds": mean.step_seconds if mean else None,
        "step_margin_share": mean.margin if mean else None,
        "processes": mean.processes if mean else 0,
        **{name: METRICS[name].read(record) for name in _BESIDE},
        "findings": [finding.model_dump() for finding in findings],
    }
