"""What several devices gain over plain training on one: speed-ups and efficiencies of a suite's cells, by number."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bench.analyse.scaling.fits import Kind, ScalingFit, fit
from bench.analyse.speedup.standings import Standing, Standings
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.analyse.stats.samples import Interval
from bench.instruments.log_ratio import log_ratio
from bench.results.record import Record
from bench.results.window_stats import impossible

__all__ = ["ScalingCurve", "ScalingPoint", "all_reduce_share", "scaling_curves"]

_QUANTILE = 1.96

_OF_DEVICES = frozenset({"devices", "strategy", "batch", "logical_devices"})


@dataclass(frozen=True)
class ScalingPoint:
    """A cell of so many `devices`.

    `speedup` is over plain training on one device, without a strategy: examples a second. `over_fewer` says how it
    stands to the cell of the next smaller number of devices, the plain one among them; None where either wasn't
    measured.
    """

    record: Record
    speedup: Ratio | Refusal
    over_fewer: Standing | None = None

    @property
    def devices(self) -> int:
        """How many share the step."""
        return self.record.options.devices

    @property
    def efficiency(self) -> Ratio | Refusal:
        """The speed-up over the number of devices: 1 where each gains a whole one."""
        if isinstance(self.speedup, Refusal):
            return self.speedup
        return self.speedup.times(1 / self.devices)


@dataclass(frozen=True)
class ScalingCurve:
    """The cells that differ in their devices alone, by their number: `strong` where they share one batch, `weak` where
    each has one. `reference` is the plain cell of one device; None where the suite has none."""

    kind: Kind
    reference: Record | None
    points: tuple[ScalingPoint, ...]

    @cached_property
    def fit(self) -> ScalingFit | None:
        """The law of its kind; None where no cell of several devices has a speed-up."""
        return fit(self.kind, [(one.devices, one.speedup) for one in self.points if isinstance(one.speedup, Ratio)])

    @property
    def last_that_pays(self) -> ScalingPoint | None:
        """The largest number up to which each step to more devices was surely faster; None where the first wasn't."""
        found = None
        for point in self.points:
            if point.devices == 1:
                continue
            if point.over_fewer is None or point.over_fewer.verdict != "faster":
                break
            found = point
        return found


def scaling_curves(records: Sequence[Record], standings: Standings) -> tuple[ScalingCurve, ...]:
    """Those of the newest records of one suite on one host; `standings` hold these."""
    plain = {_key(record): record for record in records if record.ok and record.options.strategy is None}
    groups: dict[tuple[str, Kind], list[Record]] = {}
    for record in records:
        if record.options.strategy is not None or record.options.devices > 1:
            kind: Kind = "weak" if record.options.batch == "per_replica" else "strong"
            groups.setdefault((_key(record), kind), []).append(record)
    return tuple(
        ScalingCurve(kind, plain.get(key), tuple(_points(group, plain.get(key), standings)))
        for (key, kind), group in groups.items()
    )


def all_reduce_share(record: Record) -> Interval | None:
    """The share (0..1) of a step that summing gradients over the devices takes, with its 95 % interval: the same step
    without that sum was timed in turns with it. None where it wasn't measured."""
    windows = record.replication.all_reduce if record.replication is not None else None
    if windows is None or impossible(windows.reducing) or impossible(windows.local):
        return None
    log, error = log_ratio(windows.local, windows.reducing)
    left, half = math.exp(log), _QUANTILE * error
    return Interval(1 - left, 1 - left * math.exp(half), 1 - left * math.exp(-half))


def _points(group: Sequence[Record], reference: Record | None, standings: Standings) -> Iterator[ScalingPoint]:
    before = reference
    for record in sorted(group, key=lambda one: one.options.devices):
        if not record.ok:
            why = record.failure.message if record.failure is not None else record.status
            yield ScalingPoint(record, Refusal((why,)))
            continue
        if reference is None:
            yield ScalingPoint(record, Refusal(("no cell trains the same on one device without a strategy",)))
            continue
        several = record.options.devices > 1
        over = standings.of(record, before) if before is not None and several else None
        yield ScalingPoint(record, standings.of(record, reference).ratio, over)
        before = record if several else before


def _key(record: Record) -> str:
    """Equal for cells that differ in their devices alone."""
    options = {name: value for name, value in record.options.complete.items() if name not in _OF_DEVICES}
    return json.dumps([record.host, record.suite, record.model, record.batch_size, record.seed, options], default=str)
