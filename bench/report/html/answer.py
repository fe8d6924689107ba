"""The answer: this machine beside the published cards, what is fastest, and what to change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.analyse.expectation.handout import handout
from bench.analyse.speedup.recommendation import recommendations
from bench.analyse.speedup.standings import Standing, Standings
from bench.analyse.stats.spread import Spread
from bench.analyse.training.before_after import beside_by_record
from bench.host.profile import HostProfile
from bench.report.core.notes import conclusions, titled
from bench.report.handout.expectation_text import outcome_lines
from bench.report.handout.table import handout_tables
from bench.report.suite.recommendation_text import code_lines, recommendation_text
from bench.results.metrics import METRICS
from bench.results.query import Identity, by_suite
from bench.results.record import Record
from bench.support.plain_text import plain_values

__all__ = ["answer", "published"]

_NO_HANDOUT = "No record is of the handout's cell: bench run suites/handout.yaml measures it on this machine."
_NOTHING_FASTER = "Nothing that was measured is surely faster than its baseline and leaves what is learnt as it is."


def answer(
    cells: Sequence[Record],
    profiles: Sequence[HostProfile],
    standings: Standings,
    standing: Mapping[Identity, Standing],
    spreads: Mapping[str, Spread],
) -> dict[str, Any]:
    """Sentences, lines of code and tables, in the order in which they are read; `standing` is to the baselines."""
    labels = {profile.id: profile.label for profile in profiles}
    beside = outcome_lines(cells, profiles)
    changes = [
        {
            "where": f"{found.record.suite} on {labels.get(found.record.host, found.record.host)}",
            "text": recommendation_text(found),
            "code": code_lines(found.changes),
        }
        for found in recommendations(cells, standings)
    ]
    told: dict[str, Any] = plain_values(
        {
            "beside": beside or (_NO_HANDOUT,),
            "tables": [asdict(table) for table in handout_tables(handout(profiles, cells), profiles)],
            "fastest": list(_fastest(cells, labels, standings, standing, spreads)),
            "changes": changes,
            "no_changes": _NOTHING_FASTER,
        }
    )
    return told


def published(profiles: Sequence[HostProfile]) -> list[dict[str, Any]]:
    """The published times that stand beside measured ones in a chart, in the unit that people see."""
    metric = METRICS["step_seconds"]
    return [
        {
            "host": f"{profile.label}, published",
            "model": time.model,
            "variant": time.variant,
            "batch": time.batch_size,
            "value": time.step_ms / 1e3 * metric.scale,
            "text": f"{metric.text(time.step_ms / 1e3)} {metric.unit}",
        }
        for profile in profiles
        for time in (profile.published.times if profile.published else ())
    ]


def _fastest(
    cells: Sequence[Record],
    labels: Mapping[str, str],
    standings: Standings,
    standing: Mapping[Identity, Standing],
    spreads: Mapping[str, Spread],
) -> Iterator[dict[str, Any]]:
    ratios = {key: one.ratio for key, one in standing.items()}
    for (host, _, _), group in by_suite(cells).items():
        told = [note.text for note in conclusions(group, ratios, standings, beside_by_record(group, spreads))]
        if told:
            yield {"where": titled(group, labels.get(host, host)), "lines": told}
