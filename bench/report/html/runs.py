"""Every run of every cell: its place in the cell's history, and all that its records say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic_core import to_json

from bench.analyse.findings.registry import judge
from bench.analyse.stats.spread import Spread
from bench.instruments.stats import estimate_of
from bench.report.core.notes import why_not
from bench.report.html.cells import Figures, figures_of
from bench.report.html.curves import learning_curves
from bench.report.html.pool import Pool, rounded
from bench.report.html.provenance import command, of_run, reasons, setup
from bench.report.html.windows import processes
from bench.results.metrics import METRICS
from bench.results.record import Record
from bench.support.plain_text import plain_text

__all__ = ["Runs", "Told", "told_of"]


class Told(NamedTuple):
    """What is told of a run by itself, in plain values: `found` are codes and messages, `step` is its time with both
    ends of the 95 % interval, in seconds, and `key` is equal for runs of which `setup` tells the same."""

    found: tuple[tuple[str, str], ...]
    figures: Figures
    step: tuple[float, float, float] | None
    details: Mapping[str, Any]
    key: bytes


def told_of(record: Record, attempt: Sequence[Record], spread: Spread) -> Told:
    """Of the run that `record` stands for and whose records are `attempt`."""
    why = why_not(record)
    log = record.failure.log if record.failure else None
    step = estimate_of(record.timed) if record.ok else None
    return Told(
        found=tuple((plain_text(one.code), one.message) for one in judge(record, spread)),
        figures=figures_of(record),
        step=(step.step_seconds, step.low, step.high) if step else None,
        details={
            "own": of_run(record),
            "why": plain_text(f"{why} (see {log})" if log else why),
            "processes": processes(attempt),
            "curves": learning_curves(record),
            "command": command(record),
        },
        key=_key(record),
    )


class Runs:
    """Runs as they are added, one after another; what several of them share is kept once.

    `figures` are each run's. `networks` are the digests of those that the page shows.
    """

    def __init__(self, networks: Collection[str] = ()) -> None:
        self._networks = networks
        self._metrics = {name: place for place, name in enumerate(METRICS)}
        self._setups: Pool[Record] = Pool(setup)
        self._reasons: Pool[Record] = Pool(reasons)
        self._messages: Pool[str] = Pool(plain_text)
        self._told: list[Told] = []
        self._details: list[dict[str, Any]] = []
        self._records: list[Record] = []
        self.figures: list[Figures] = []

    def add(self, record: Record, told: Told) -> int:
        """Add the run that `record` stands for; gives its place."""
        self._told.append(told)
        self._records.append(record)
        self.figures.append(told.figures)
        self._details.append(self._detail(record, told))
        return len(self._details) - 1

    def codes(self, run: int) -> list[str]:
        """What was found of a run, the gravest first."""
        return list(dict.fromkeys(code for code, _ in self._told[run].found))

    def history(self) -> dict[str, list[Any]]:
        """Of each run when it was started, how it ended, and its step's time with the ends of the 95 % interval, in
        the unit that people see."""
        scale = METRICS["step_seconds"].scale
        steps = [one.step for one in self._told]
        figures = {
            name: rounded([one[place] * scale if one else None for one in steps])
            for place, name in enumerate(("value", "low", "high"))
        }
        return {
            "started": [record.started for record in self._records],
            "status": [record.status.replace("_", " ") for record in self._records],
            **figures,
        }

    @property
    def shared(self) -> dict[str, list[Any]]:
        """What runs share; their details have the places in it."""
        return {"setups": self._setups.values, "reasons": self._reasons.values, "messages": self._messages.values}

    def chunks(self, size: int) -> Iterator[list[dict[str, Any]]]:
        """The details, so many at a time: a page reads those that it shows."""
        for start in range(0, len(self._details), size):
            yield self._details[start : start + size]

    def _detail(self, record: Record, told: Told) -> dict[str, Any]:
        return {
            **told.details,
            "setup": self._setups.place(record, told.key),
            "reasons": self._reasons.place(record, (*record.absent.items(), "", *record.notes.items())),
            "figures": [(self._metrics[name], text) for name, (_, text) in told.figures.items()],
            "findings": [(code, self._messages.place(message)) for code, message in told.found],
            **self._network(record),
        }

    def _network(self, record: Record) -> dict[str, str]:
        if record.network in self._networks and record.network is not None:
            return {"network": record.network}
        if record.network is not None:
            return {"network_absent": "Its layers do not lie beside the results, or this page has too many networks."}
        why = record.absent.get("network", "this record has none, as those of earlier versions")
        return {"network_absent": plain_text(f"Its layers are not told of: {why}.")}


def _key(record: Record) -> bytes:
    """Equal for records of which `setup` tells the same."""
    parts = (record.device, record.options, record.protocol, record.workload.model, record.data_spec)
    # their fields as they stand: each part's own way of being written takes five times as long
    told = [
        [[getattr(part, name) for name in type(part).model_fields], part.model_extra]
        for part in parts
        if part is not None
    ]
    return to_json([record.software, record.environment, record.data, record.train, told])
