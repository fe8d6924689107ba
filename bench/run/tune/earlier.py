"""What results of before say of the candidates: a search begins with it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.analyse.tune.surrogate import Sample
from bench.results.index.newest import read_newest
from bench.results.query import Identity, identity
from bench.results.record import Record
from bench.results.recorded_setup import Workload
from bench.run.plan import Planned, timing_software, workload
from bench.run.prepare import Prepared
from bench.run.tune.evaluator import example_times

__all__ = ["Earlier", "earlier", "same_work", "samples_of"]

_SINCE, _OTHER_SOFTWARE = 0.03, 0.1
"""What the time of a candidate's step may have changed by since, as a share (standard deviation)."""


@dataclass(frozen=True)
class Earlier:
    """`samples` of processes of before, whose groups have numbers below 0, and `notices` on what can't be read."""

    samples: tuple[Sample, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def known(self) -> frozenset[str]:
        """The candidates that there are samples of."""
        return frozenset(one.candidate for one in self.samples)


def earlier(root: Path, ready: Prepared, planned: Mapping[str, Planned]) -> Earlier:
    """Of the candidates `planned`, by name, what cells of the same work gave last on this host, for this owner, in
    whatever suite or search. Raises InputError where results can't be read."""
    setting = ready.setting
    read = read_newest(root, hosts=[setting.host.id], teams=None if setting.team is None else [setting.team])
    names = {
        same_work(Workload.model_validate(workload(one, one.data, setting.software))): name
        for name, one in planned.items()
        if one.data is not None
    }
    own = [one for one in read.records if one.team == setting.team]
    return Earlier(samples_of(own, names, setting.software), read.notices)


def samples_of(records: Sequence[Record], names: Mapping[str, str], software: Mapping[str, str]) -> tuple[Sample, ...]:
    """Of cells' newest records, in any order, those of candidates, whose `names` are by `same_work`; `software` is that
    of now. Only processes that took turns with one of another candidate count."""
    of_cell: dict[Identity, tuple[str, Record]] = {}
    same = []
    for one in records:
        if one.counts and one.ok and (name := names.get(same_work(one.workload))) is not None:
            same.append(one)
            of_cell[identity(one)] = name, one
    times = [one for one in example_times(same) if not one.disturbed]
    several = Counter(group for group, _ in {(one.group, one.cell) for one in times})
    times = [one for one in times if several[one.group] > 1]
    places = {key: -number for number, key in enumerate(dict.fromkeys(one.group for one in times), 1)}
    counts = Counter(of_cell[one.cell][0] for one in times)
    return tuple(
        # however often it was measured, what has changed since is one unknown
        Sample(name, places[one.group], one.log, one.variance + counts[name] * _since(record, software) ** 2)
        for one in times
        for name, record in (of_cell[one.cell],)
    )


def same_work(work: Workload) -> str:
    """Equal for the same network, options and batch size on data of the same form, whatever software did it, and
    however many images there were."""
    data = {name: value for name, value in work.data.complete.items() if name != "train_images"}
    parts = [work.version, work.model.complete, work.options.complete, work.batch_size, data]
    return json.dumps([*parts, work.optimizer and work.optimizer.complete], sort_keys=True)


def _since(record: Record, software: Mapping[str, str]) -> float:
    return _SINCE if dict(record.workload.software) == timing_software(software) else _OTHER_SOFTWARE
