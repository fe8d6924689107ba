"""Records that differ in their seed alone, together: the repeats of one cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.results.query import when
from bench.results.record import Record
from bench.suite.recipe import NOTHING_LEARNT

__all__ = ["Repeats", "has_trained", "repeats"]


@dataclass(frozen=True)
class Repeats:
    """The newest record of each seed of a cell, in the order of the seeds.

    `apart` are those of seeds that were measured with other settings than the newest (the suite has changed since):
    they are no repeats of it, and count in no mean.
    """

    records: tuple[Record, ...]
    apart: tuple[Record, ...] = ()

    @property
    def first(self) -> Record:
        """Stands for all of them in what they have in common: a good one where there is any."""
        return next((record for record in self.records if record.ok), self.records[0])

    @property
    def ok(self) -> tuple[Record, ...]:
        return tuple(record for record in self.records if record.ok)

    @property
    def trained(self) -> tuple[Record, ...]:
        """The good ones that have epochs."""
        return tuple(record for record in self.ok if record.history)

    @property
    def name(self) -> str:
        """The cell's id without a seed: `simple_cnn/notebook/b128`."""
        return f"{self.first.model}/{self.first.variant}/b{self.first.batch_size}"

    @property
    def synthetic(self) -> bool:
        """Are accuracies of any of them on synthetic images?"""
        return any(record.accuracy is not None and record.accuracy.synthetic for record in self.ok)


def repeats(records: Iterable[Record]) -> tuple[Repeats, ...]:
    """The repeats of each team, host, suite, model, variant and batch size, in the order in which these first appear.

    The records hold each cell once.
    """
    groups: dict[tuple[str | None, str, str, str, str, int], list[Record]] = {}
    for record in records:
        key = (record.team, record.host, record.suite, record.model, record.variant, record.batch_size)
        groups.setdefault(key, []).append(record)
    return tuple(map(_alike, groups.values()))


def has_trained(record: Record) -> bool:
    """Was it trained to accuracy, or was it to be?"""
    return record.train is not None


def _alike(records: Sequence[Record]) -> Repeats:
    newest = max(records, key=lambda one: (one.ok, when(one)))
    wanted = _setting(newest)
    ordered = sorted(records, key=lambda one: one.seed)
    return Repeats(
        tuple(record for record in ordered if _setting(record) == wanted),
        tuple(record for record in ordered if _setting(record) != wanted),
    )


def _setting(record: Record) -> tuple[Any, ...]:
    """Equal where nothing but the seed differs that a figure depends on."""
    train = record.train.plain if record.train else {}
    learnt = {name: value for name, value in train.items() if name not in NOTHING_LEARNT}
    return record.workload, learnt, record.data.digest if record.data else None
