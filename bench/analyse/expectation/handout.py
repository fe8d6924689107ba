"""The handout's table: published step times beside those of measured hosts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.analyse.options.measured_options import NOTEBOOK, settings
from bench.analyse.stats.ratio import Ratio, interval
from bench.analyse.stats.spread import Spread
from bench.host.profile import HostProfile, PublishedTime
from bench.instruments.stats import Estimate, estimate_of
from bench.results.query import when
from bench.results.record import Record
from bench.suite.names import SEARCHED

__all__ = ["INPUT_SHAPE", "Handout", "Row", "beside", "handout", "matches", "published_cell"]

INPUT_SHAPE = (32, 32, 3)
"""The images that the published times are for."""


@dataclass(frozen=True)
class Row:
    """One network: what was published for it and what was measured, by host id."""

    model: str
    batch_size: int
    trainable_params: int
    published: dict[str, PublishedTime]
    measured: dict[str, Record]


@dataclass(frozen=True)
class Handout:
    """Reference hosts in the order of their ids, ids of hosts with any measured figure, and a row for each network."""

    references: tuple[HostProfile, ...]
    measured: tuple[str, ...]
    rows: tuple[Row, ...]


def handout(profiles: Iterable[HostProfile], records: Sequence[Record]) -> Handout:
    """What `profiles` publish for the notebook's variant, with the newest of `records` that is the same cell."""
    references = tuple(one for one in profiles if one.published and (one.published.times or one.ai_score))
    times = [
        (profile.id, time)
        for profile in references
        if profile.published
        for time in profile.published.times
        if time.variant == "notebook"
    ]
    keys = dict.fromkeys((time.model, time.batch_size, time.trainable_params) for _, time in times)
    rows = tuple(
        Row(
            *key,
            published={
                host: time for host, time in times if (time.model, time.batch_size, time.trainable_params) == key
            },
            measured=_newest(record for record in records if matches(record, *key)),
        )
        for key in keys
    )
    return Handout(references, tuple(dict.fromkeys(host for row in rows for host in row.measured)), rows)


def matches(record: Record, model: str, batch_size: int, trainable_params: int) -> bool:
    """Did the record measure the published cell: that network, batch and input, with the notebook's options?"""
    return _is_notebooks(record) and (
        (record.workload.model.network, record.batch_size, record.values.get("trainable_params"))
        == (model, batch_size, trainable_params)
    )


def published_cell(record: Record) -> dict[str, Any] | None:
    """What `matches` would be asked with for the record's own cell, by name; None where no published cell could be it.

    It goes along with a time that leaves the harness, so that whoever takes it in again knows what was timed.
    """
    count = record.values.get("trainable_params")
    if count is None or not _is_notebooks(record):
        return None
    model = record.workload.model.network
    return {"model": model, "batch_size": record.batch_size, "trainable_params": int(count)}


def _is_notebooks(record: Record) -> bool:
    """Was it measured with the notebook's options on the notebook's input, so that its time counts?"""
    work = record.workload
    return (
        record.ok
        and record.counts
        and not record.suite.startswith(SEARCHED)
        and settings(work) == NOTEBOOK
        and work.data.shape == INPUT_SHAPE
        and estimate_of(record.timed) is not None
    )


def beside(published: PublishedTime, ours: Estimate, spread: Spread) -> Ratio:
    """How many times as fast as the published time `ours` is.

    A time published in whole milliseconds may stand for anything that rounds to it; the interval holds all of that,
    the 95 % interval of `ours`, and the `spread` between processes of its host, and so is wider than 95 %.
    """
    rounding = 0.5 if published.step_ms.is_integer() else 0.0
    step_ms = ours.step_seconds * 1e3
    noise = interval(1, math.hypot(ours.margin, spread.half_width(after=math.inf))).high
    return Ratio(
        published.step_ms / step_ms,
        (published.step_ms - rounding) / (step_ms * noise),
        (published.step_ms + rounding) / (step_ms / noise),
    )


def _newest(records: Iterable[Record]) -> dict[str, Record]:
    newest: dict[str, Record] = {}
    for record in records:
        if record.host not in newest or when(record) >= when(newest[record.host]):
            newest[record.host] = record
    return newest
