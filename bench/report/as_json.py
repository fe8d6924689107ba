"""Records as rows of plain values, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.analyse.efficiency import efficiency
from bench.analyse.expectation.outcome import outcomes
from bench.analyse.findings.registry import judge
from bench.analyse.scaling.curves import scaling_curves
from bench.analyse.speedup.baseline import baselines
from bench.analyse.speedup.standings import Standing, Standings
from bench.analyse.stats.ratio import Ratio
from bench.analyse.stats.spread import UNMEASURED, spread_of, spreads
from bench.host.profile import HostProfile
from bench.instruments.stats import estimate_of
from bench.report.handout.expectation_text import outcome_fields
from bench.report.options.as_json import gain_fields
from bench.report.suite.bottleneck_json import attribution_fields
from bench.report.suite.scaling_json import scaling_fields
from bench.report.training.as_json import training_fields
from bench.results.metrics import METRICS
from bench.results.pair import Pair
from bench.results.query import by_suite, identity, latest
from bench.results.record import Record

__all__ = ["efficiency_fields", "rows"]

_NAMES = ("host", "team", "suite", "cell", "model", "variant", "batch_size", "seed", "executor", "started", "status")


def rows(
    records: Sequence[Record], profiles: Sequence[HostProfile] = (), pairs: Sequence[Pair] = ()
) -> list[dict[str, Any]]:
    """The newest record of each host, suite and cell as a dict that JSON takes: what names it, and every metric.

    Keys are the metrics' names, which end in their units; shares are 0..1. What was not measured is null, and
    `absent` says why. `step_seconds_low` and `…_high` bound the 95 % interval, as do those of `speedup`, which is
    times as fast as the suite's baseline; `speedup_needs_processes` is how many more would decide it.

    For `attribution` see `attribution_fields`, for `scaling` (null of a plain device) `scaling_fields`, for
    `option_effects` and `break_even` see `gain_fields`, for FLOP/s, `mfu`, energy and cost `efficiency_fields`, for
    what was trained `training_fields`. `expected` is what the handout's cell should take on its host, and null of every
    other cell. `profiles` are those of the records' hosts and of references, `pairs` the cells measured interleaved.
    """
    newest = latest(records)
    groups = by_suite(newest).values()
    known = spreads(profiles)
    standings = Standings(newest, known)
    standing = standings.to_baselines()
    given = {key: fields for group in groups for key, fields in gain_fields(group, pairs, standings).items()}
    learnt = {key: fields for group in groups for key, fields in training_fields(group, known).items()}
    over = {identity(record) for record in baselines(newest).values()}
    hardware = {profile.id: profile.hardware for profile in profiles}
    by_id = {profile.id: profile for profile in profiles}
    scaling = {key: one for group in groups for key, one in scaling_fields(scaling_curves(group, standings)).items()}
    fell = {identity(one.record): outcome_fields(one) for one in outcomes(newest, profiles)}
    return [
        _row(record, identity(record) in over, standing.get(identity(record)), by_id.get(record.host))
        | {
            "attribution": attribution_fields(
                record, hardware.get(record.host), newest, standings, known.get(record.host, UNMEASURED)
            )
        }
        | {"scaling": scaling.get(identity(record))}
        | {"expected": fell.get(identity(record))}
        | given[identity(record)]
        | learnt[identity(record)]
        for record in newest
    ]


def _row(record: Record, baseline: bool, standing: Standing | None, profile: HostProfile | None) -> dict[str, Any]:
    efficient, lacking = efficiency_fields(record, profile)
    figures = {name: metric.read(record) for name, metric in METRICS.items()}
    found = estimate_of(record.timed)
    compared = standing.ratio if standing is not None and isinstance(standing.ratio, Ratio) else None
    fields = record.model_dump(mode="json", include={*_NAMES, "failure", "stopped_by", "fingerprint", "options"})
    return {
        **{name: fields[name] for name in _NAMES},
        "baseline": baseline,
        "failure": fields["failure"],
        "step_seconds_low": found.low if found else None,
        "step_seconds_high": found.high if found else None,
        **figures,
        **efficient,
        "windows": sum(map(len, record.timed)),
        "processes": len(record.processes),
        "stopped_by": fields["stopped_by"],
        "speedup": compared.value if compared else None,
        "speedup_low": compared.low if compared else None,
        "speedup_high": compared.high if compared else None,
        "speedup_verdict": compared.verdict if compared else None,
        "speedup_needs_processes": standing.needed if standing is not None else None,
        "accuracy_synthetic": record.accuracy.synthetic if record.accuracy else None,
        "findings": [finding.model_dump() for finding in judge(record, spread_of(profile))],
        "absent": {name: METRICS[name].why_absent(record) for name, figure in figures.items() if figure is None}
        | {name: why for name, why in record.absent.items() if name == "attribution"}
        | lacking,
        "options": fields["options"],
        "fingerprint": fields["fingerprint"],
    }


def efficiency_fields(record: Record, profile: HostProfile | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The figures of `bench.analyse.efficiency`, each null where it is absent, and why it is, by name."""
    found = efficiency(record, profile)
    readings = {
        "training_flops_per_image": found.flops_per_image,
        "achieved_flops_per_second": found.achieved_flops_per_second,
        "mfu": found.mfu,
        "share_of_convolutions_rate": found.convolution_share,
        "energy_per_step_joules": found.energy_per_step_joules,
        "energy_above_idle_per_step_joules": found.energy_above_idle_joules,
        "images_per_joule": found.images_per_joule,
        "cost_per_million_images": found.cost_per_million_images,
    }
    roof = found.roof.value
    fields = {name: reading.value for name, reading in readings.items()}
    why = {name: reading.reason or "unknown" for name, reading in readings.items() if reading.value is None}
    return {
        **fields,
        "mfu_peak_flops_per_second": roof.flops_per_second if roof else None,
        "mfu_peak_origin": roof.origin if roof else None,
        "mfu_data_type": roof.data_type if roof else None,
        "energy_note": found.energy_note,
        "currency": found.currency,
    }, why
