"""Records as rows of plain values, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.analyse.baseline import baselines, speedups
from bench.analyse.compare import Ratio
from bench.analyse.judge import judge
from bench.measure.stats import estimate
from bench.results.metrics import METRICS
from bench.results.query import by_suite, identity, latest
from bench.results.record import Record

__all__ = ["rows"]

_NAMES = ("host", "suite", "cell", "model", "variant", "batch_size", "seed", "executor", "started", "status")


def rows(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The newest record of each host, suite and cell as a dict that JSON takes: what names it, and every metric.

    Keys are the metrics' names, which end in their units; shares are 0..1. What was not measured is null, and
    `absent` says why. `step_seconds_low` and `…_high` bound the 95 % interval, as do those of `speedup`, which is
    times as fast as the suite's baseline.
    """
    newest = latest(records)
    groups = by_suite(newest).values()
    ratios = {key: ratio for group in groups for key, ratio in speedups(group).items()}
    over = {identity(record) for record in baselines(newest).values()}
    return [_row(record, identity(record) in over, ratios.get(identity(record))) for record in newest]


def _row(record: Record, baseline: bool, ratio: object) -> dict[str, Any]:
    found = estimate(record.windows)
    compared = ratio if isinstance(ratio, Ratio) else None
    fields = record.model_dump(mode="json", include={*_NAMES, "failure", "stopped_by", "fingerprint", "options"})
    return {
        **{name: fields[name] for name in _NAMES},
        "baseline": baseline,
        "failure": fields["failure"],
        "step_seconds_low": found.low if found else None,
        "step_seconds_high": found.high if found else None,
        **{name: metric.read(record) for name, metric in METRICS.items()},
        "windows": len(record.windows),
        "stopped_by": fields["stopped_by"],
        "speedup": compared.value if compared else None,
        "speedup_low": compared.low if compared else None,
        "speedup_high": compared.high if compared else None,
        "speedup_verdict": compared.verdict if compared else None,
        "accuracy_synthetic": record.accuracy.synthetic if record.accuracy else None,
        "findings": [finding.model_dump() for finding in judge(record)],
        "absent": {name: why for name, metric in METRICS.items() if (why := metric.why_absent(record)) is not None},
        "options": fields["options"],
        "fingerprint": fields["fingerprint"],
    }
