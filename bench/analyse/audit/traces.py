"""What an audit keeps of each record to compare it with all others: little, for there are many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from bench.results.fingerprint import canonical
from bench.results.record import Record

__all__ = ["Trace", "Where", "trace_of"]


_LEARNT_OTHERWISE: Final = ("precision", "augment", "batch_map", "image_size")
"""Options that another curve comes of, if only in its last digits."""


class Where(NamedTuple):
    """A record's place: its file under the tree, and its line there; and what names it to people."""

    file: str
    line: int
    host: str
    team: str | None
    suite: str
    cell: str
    started: str

    def __str__(self) -> str:
        team = f"team {self.team}'s " if self.team is not None else ""
        return f"{team}{self.cell} on {self.host} ({self.file}:{self.line})"


@dataclass(frozen=True, slots=True)
class Trace:
    """`seconds` are those of its windows and then of its epochs, `steps` those of the windows; `losses` the epochs'.

    `cell` is equal for records of equal work on machines of one kind, `learning` for trainings that should go alike,
    `curve` for those that may have the very same curve, and `process` for records of one process.
    """

    where: Where
    seconds: np.ndarray
    steps: np.ndarray
    losses: tuple[float, ...]
    cell: tuple[str, str]
    learning: tuple[str, str]
    curve: str
    process: tuple[object, ...]


def _curve(record: Record) -> str:
    """What decides what is learnt. How steps are executed and batches are fetched is left out: on one kind of processor
    a training gives the very same losses with caches, prefetching or several steps an execution as without."""
    options = record.options.complete
    return canonical(
        {
            "seed": record.seed,
            "batch_size": record.batch_size,
            "model": record.workload.model.plain,
            "data": record.data.digest if record.data is not None else None,
            "train": record.train.plain if record.train is not None else None,
            "options": {name: options.get(name) for name in _LEARNT_OTHERWISE},
        }
    )


def trace_of(record: Record, where: Where) -> Trace:
    """The trace of a record."""
    device = record.device.gpu_name or record.device.name or record.device.kind
    seconds = [window.seconds for window in record.windows] + [epoch.seconds for epoch in record.history]
    turns = record.turns
    return Trace(
        where,
        np.array(seconds, dtype=np.float64),
        np.array([window.steps for window in record.windows], dtype=np.float64),
        tuple(epoch.loss for epoch in record.history),
        (record.fingerprint, device),
        (record.accuracy_fingerprint, record.device.kind),
        _curve(record) if record.history else "",
        (
            record.host,
            record.team,
            record.suite,
            record.cell,
            record.seed,
            record.started,
            (turns.run, turns.round, turns.group, turns.place) if turns is not None else None,
        ),
    )
