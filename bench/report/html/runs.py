"""Every run of every cell: its place in the cell's history, and all that its records say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from bench.analyse.findings.registry import judge
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.instruments.stats import estimate_of
from bench.report.core.notes import why_not
from bench.report.html.cells import figure_text
from bench.report.html.curves import learning_curves
from bench.report.html.pool import Pool, rounded
from bench.report.html.provenance import command, of_run, reasons, setup
from bench.report.html.windows import processes
from bench.results.metrics import METRICS
from bench.results.record import Finding, Record
from bench.support.plain_text import plain_text

__all__ = ["Runs"]

_OF_SETUP = ("software", "device", "environment", "options", "workload", "data", "data_spec", "train", "protocol")


class Runs:
    """Runs as they are added, one after another; what several of them share is kept once.

    `spreads` are by host, and one that isn't among them counts as unmeasured.
    """

    def __init__(self, spreads: Mapping[str, Spread]) -> None:
        self._spreads = spreads
        self._metrics = {name: place for place, name in enumerate(METRICS)}
        self._setups: Pool[Record] = Pool(setup)
        self._reasons: Pool[Record] = Pool(reasons)
        self._messages: Pool[str] = Pool(plain_text)
        self._found: list[tuple[Finding, ...]] = []
        self._details: list[dict[str, Any]] = []
        self._records: list[Record] = []

    def add(self, record: Record, attempt: Sequence[Record]) -> int:
        """Add the run that `record` stands for and whose records are `attempt`; gives its place."""
        found = judge(record, self._spreads.get(record.host, UNMEASURED))
        self._found.append(found)
        self._records.append(record)
        self._details.append(self._detail(record, attempt, found))
        return len(self._details) - 1

    def codes(self, run: int) -> list[str]:
        """What was found of a run, the gravest first."""
        return list(dict.fromkeys(plain_text(one.code) for one in self._found[run]))

    def history(self) -> dict[str, list[Any]]:
        """Of each run when it was started, how it ended, and its step's time with the ends of the 95 % interval, in
        the unit that people see."""
        metric, records = METRICS["step_seconds"], self._records
        steps = [estimate_of(record.timed) if record.ok else None for record in records]
        return {
            "started": [record.started for record in records],
            "status": [record.status.replace("_", " ") for record in records],
            "value": rounded([one.step_seconds * metric.scale if one else None for one in steps]),
            "low": rounded([one.low * metric.scale if one else None for one in steps]),
            "high": rounded([one.high * metric.scale if one else None for one in steps]),
        }

    @property
    def shared(self) -> dict[str, list[Any]]:
        """What runs share; their details have the places in it."""
        return {"setups": self._setups.values, "reasons": self._reasons.values, "messages": self._messages.values}

    def chunks(self, size: int) -> Iterator[list[dict[str, Any]]]:
        """The details, so many at a time: a page reads those that it shows."""
        for start in range(0, len(self._details), size):
            yield self._details[start : start + size]

    def _detail(self, record: Record, attempt: Sequence[Record], found: Sequence[Finding]) -> dict[str, Any]:
        why = why_not(record)
        log = record.failure.log if record.failure else None
        return {
            "own": of_run(record),
            "setup": self._setups.place(record, _key(record)),
            "reasons": self._reasons.place(record, (*record.absent.items(), "", *record.notes.items())),
            "figures": list(self._figures(record)) if record.ok else [],
            "findings": [(plain_text(one.code), self._messages.place(one.message)) for one in found],
            "why": plain_text(f"{why} (see {log})" if log else why),
            "processes": processes(attempt),
            "curves": learning_curves(record),
            "command": command(record),
        }

    def _figures(self, record: Record) -> Iterator[tuple[int, str]]:
        """Each metric's place among all and its figure."""
        for name, metric in METRICS.items():
            if (value := metric.read(record)) is not None:
                yield self._metrics[name], figure_text(metric, record, value)


def _key(record: Record) -> bytes:
    """Equal for records of which `setup` tells the same."""
    return to_json([getattr(record, name) for name in _OF_SETUP])
