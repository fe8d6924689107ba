"""All that the page shows, as blocks of JSON by name."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from bench.analyse.findings.registry import kinds
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.spread import UNMEASURED, Spread, spreads
from bench.host.profile import HostProfile
from bench.report.core.change_text import PRICE
from bench.report.core.columns import SYNTHETIC
from bench.report.core.speedup_text import MARKS
from bench.report.html.answer import answer, published
from bench.report.html.bottleneck import bottlenecks
from bench.report.html.cells import cell_columns, comparisons
from bench.report.html.networks import network_blocks
from bench.report.html.palette import palette
from bench.report.html.roofline import rooflines
from bench.report.html.runs import Runs, Told, told_of
from bench.report.suite.bottleneck_plot import SHARES
from bench.results.architecture import Architecture
from bench.results.metrics import METRICS
from bench.results.query import Identity, attempts, identity, joined, newest
from bench.results.record import Record
from bench.support.side_by_side import side_by_side

__all__ = ["CHUNK", "blocks"]

CHUNK: Final = 64
"""Runs in a block: a page reads one of some hundred kilobytes to show a run."""

_TOLD_AT_ONCE: Final = 512
"""Runs that a process tells of before it hands them over."""
_COSTS: Final = ("training_seconds", "step_seconds", "trainable_params", "train_state_bytes", "peak_resident_bytes")
_ACCURACIES: Final = ("held_out_accuracy", "test_accuracy")


def blocks(
    records: Sequence[Record],
    profiles: Sequence[HostProfile],
    networks: Mapping[str, Architecture] = MappingProxyType({}),
) -> dict[str, Any]:
    """The model: `page` for what is seen at once, `shared` and `runs-0` … for what is seen of a run.

    `profiles` are those of the records' hosts and of references, `networks` what is known of
    the records', by digest: each is told once, in a block of its own.
    """
    known, labels = spreads(profiles), {profile.id: profile.label for profile in profiles}
    runs, cells, of_cell, of_run = _added(Runs(networks), records, known)
    standings = Standings(cells, known)
    standing = standings.to_baselines()
    page = {
        "answer": answer(cells, profiles, standings, standing, known),
        "columns": cell_columns(cells, [runs.figures[run] for run in of_cell], labels, standing),
        "comparisons": comparisons(cells, standing),
        "findings": [runs.codes(run) for run in of_cell],
        "run": of_cell,
        "runs": {"cell": of_run} | runs.history(),
        "bottlenecks": bottlenecks(cells, profiles, standings, known),
        "shares": SHARES,
        "rooflines": rooflines(cells, profiles),
        "published": published(profiles),
        "costs": _COSTS,
        "accuracies": _ACCURACIES,
        "metrics": [[metric.name, metric.title, metric.unit, metric.legend] for metric in METRICS.values()],
        "step": {"heading": METRICS["step_seconds"].heading, "per_second": METRICS["step_seconds"].scale},
        "kinds": {code: [kind.severity, kind.meaning] for code, kind in kinds().items()},
        "marks": MARKS,
        "signs": {SYNTHETIC: "accuracy on synthetic images", PRICE: "faster, and less accurate"},
        "colours": palette(),
        "chunk": CHUNK,
    }
    chunks = {f"runs-{place}": chunk for place, chunk in enumerate(runs.chunks(CHUNK))}
    return {"page": page, "shared": runs.shared} | chunks | network_blocks(networks)


def _added(
    runs: Runs, records: Sequence[Record], spreads: Mapping[str, Spread]
) -> tuple[Runs, list[Record], list[int], list[int]]:
    """Every run added; each cell's newest record, the place of its run, and the place of each run's cell."""
    every = list(attempts(records))
    last = newest(every)
    places = {id(attempt): place for place, attempt in enumerate(last)}
    cells: dict[Identity, int] = {identity(attempt[0]): place for place, attempt in enumerate(last)}
    found: list[Record | None] = [None] * len(places)
    of_cell = [0] * len(places)
    of_run = []
    stands = [joined(attempt) for attempt in every]

    def tell(part: range) -> list[Told]:
        return [told_of(stands[run], every[run], spreads.get(stands[run].host, UNMEASURED)) for run in part]

    parts = (range(start, min(start + _TOLD_AT_ONCE, len(every))) for start in range(0, len(every), _TOLD_AT_ONCE))
    told = itertools.chain.from_iterable(side_by_side(tell, parts))
    for attempt, record, of in zip(every, stands, told, strict=True):
        run = runs.add(record, of)
        of_run.append(cells[identity(record)])
        if (place := places.get(id(attempt))) is not None:
            found[place], of_cell[place] = record, run
    return runs, [record for record in found if record is not None], of_cell, of_run
