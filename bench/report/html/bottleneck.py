"""Where a step's time goes, of each cell that was measured with its loops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.analyse.bottleneck.breakdown import Attributed, attribute
from bench.analyse.bottleneck.text import words
from bench.analyse.options.advice import advice
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.host.profile import HostProfile
from bench.report.suite.bottleneck_plot import shares_of
from bench.results.record import Record
from bench.support.plain_text import plain_text

__all__ = ["bottlenecks"]


def bottlenecks(
    cells: Sequence[Record], profiles: Sequence[HostProfile], standings: Standings, spreads: Mapping[str, Spread]
) -> list[dict[str, Any]]:
    """The place of each such cell, its shares in per cent, the verdict in words, and what to try next."""
    hardware = {profile.id: profile.hardware for profile in profiles}
    told: list[dict[str, Any]] = []
    for place, record in enumerate(cells):
        if record.attribution is None:
            continue
        found = attribute(record, spreads.get(record.host, UNMEASURED))
        if not isinstance(found, Attributed):
            told.append({"cell": place, "shares": None, "text": plain_text(str(found))})
            continue
        tip = advice(record, found, hardware.get(record.host), cells, standings)
        told.append(
            {
                "cell": place,
                "shares": [round(share, 1) for share in shares_of(found)],
                "text": plain_text(f"{words(found)}{f'; {tip}' if tip else ''}"),
            }
        )
    return told
