"""What each setting does to accuracy: cells that differ in it alone, set side by side."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.analyse.stats.samples import Interval, difference, mean_interval
from bench.analyse.training.accuracy import image_step, judged_by, mean_of_metric, values_of
from bench.analyse.training.seeds import repeats
from bench.analyse.training.settings import SPEED_ONLY, settings_of
from bench.results.query import rank
from bench.results.record import Record

__all__ = ["Effect", "Level", "effects"]

Settings = dict[str, Any]

_ALONG = {
    "optimizer": ("learning_rate",),
    **dict.fromkeys(("early_stopping", "reduce_on_plateau", "restore_best"), ("monitor",)),  # idle without them
}
"""Settings that another brings with it: each optimizer wants a rate of its own."""


@dataclass(frozen=True)
class Level:
    """The cells with one value of a setting, a record a seed.

    `values` are their accuracies and `interval` is their mean's, None with one seed. `gain` is what the mean lies above
    the base level's, with `gain_interval` (Welch's) where both have several seeds; both are None at the base, and
    where the images are synthetic.
    """

    value: Any
    records: tuple[Record, ...]
    values: tuple[float, ...]
    interval: Interval | None
    seconds: float | None
    gain: float | None = None
    gain_interval: Interval | None = None


@dataclass(frozen=True)
class Effect:
    """One setting, its base level and the others in the suite's order; `metric` is the accuracy that all are judged by.

    `company` are other settings that aren't the suite's usual ones, and are the same at all levels. `elsewhere` counts
    the other such companies in which the setting varies too.
    """

    setting: str
    company: Settings
    metric: str
    base: Level
    others: tuple[Level, ...]
    synthetic: bool
    elsewhere: int = 0

    @property
    def levels(self) -> tuple[Level, ...]:
        return self.base, *self.others

    @property
    def speed_only(self) -> bool:
        """Is it an option that changes nothing of what is computed?"""
        return self.setting in SPEED_ONLY


@dataclass(frozen=True)
class _Group:
    """Records of equal settings; of these only those that aren't the same in all groups."""

    settings: Settings
    records: tuple[Record, ...]

    def beside(self, setting: str) -> Settings:
        """All settings but this one, and what comes along with it."""
        left_out = {setting, *_ALONG.get(setting, ())}
        return {name: value for name, value in self.settings.items() if name not in left_out}


def effects(records: Iterable[Record]) -> tuple[Effect, ...]:
    """Of the newest records of one suite's cells on one host: an effect for each setting in which cells differ with
    everything else equal.

    Only good records that were trained by a recipe count. The number of classes is one setting, although the number of
    training images changes with it; so is an optimizer with the rate that suits it. Where a setting varies in several
    companies, the one nearest to the suite's usual settings is told.
    """
    groups = _groups([record for record in records if record.ok and record.history and record.train is not None])
    if len(groups) < 2:
        return ()
    varied = {setting: _buckets(groups, setting) for setting in groups[0].settings}
    usual = _centre(groups, varied).settings
    metric = judged_by(record for group in groups for record in group.records)
    found = []
    for setting, buckets in varied.items():
        if buckets:
            nearest = min(buckets, key=lambda members: len(_company(members[0], setting, usual)))
            found.append(_effect(setting, nearest, usual, metric, len(buckets) - 1))
    return tuple(found)


def _groups(records: Sequence[Record]) -> list[_Group]:
    """Records of equal settings together, the newest of each seed: two cells may have the same settings."""
    every = [(settings_of(record), record) for cell in repeats(records) for record in cell.records]
    draw = next((one["which_classes"] for one, _ in every if one["which_classes"] is not None), None)
    names = dict.fromkeys(name for one, _ in every for name in one)
    found: dict[str, tuple[Settings, dict[int, Record]]] = {}
    for own, record in every:
        settings = {name: own.get(name) for name in names}
        if settings["which_classes"] is None and not isinstance(settings["classes"], list):
            settings["which_classes"] = draw  # all are kept: that is no other draw than the suite's
        _, by_seed = found.setdefault(_text(settings), (settings, {}))
        if record.seed not in by_seed or rank(record) > rank(by_seed[record.seed]):
            by_seed[record.seed] = record
    return [_Group(settings, tuple(by_seed[seed] for seed in sorted(by_seed))) for settings, by_seed in found.values()]


def _buckets(groups: Iterable[_Group], setting: str) -> list[list[_Group]]:
    """The groups that are equal but for `setting`, where it has several values among them."""
    found: dict[str, list[_Group]] = {}
    for group in groups:
        found.setdefault(_text(group.beside(setting)), []).append(group)
    return [one for one in found.values() if len({_text(group.settings[setting]) for group in one}) > 1]


def _centre(groups: Sequence[_Group], varied: Mapping[str, Sequence[Sequence[_Group]]]) -> _Group:
    """The group that most others differ from in one setting: in a design of one factor at a time, what is varied.

    Of equal ones a baseline, and of these the first.
    """
    neighbours: Counter[int] = Counter()
    for members in (members for buckets in varied.values() for members in buckets):
        neighbours.update({id(one): len(members) - 1 for one in members})
    return max(groups, key=lambda one: (neighbours[id(one)], one.records[0].baseline))


def _company(group: _Group, setting: str, usual: Settings) -> Settings:
    return {name: value for name, value in group.beside(setting).items() if not _same(value, usual.get(name))}


def _effect(setting: str, members: Sequence[_Group], usual: Settings, metric: str, elsewhere: int) -> Effect:
    base = next((one for one in members if _is_usual(one, setting, usual)), members[0])
    others = [one for one in members if one is not base and not _same(one.settings[setting], base.settings[setting])]
    every = [record for group in (base, *others) for record in group.records]
    synthetic = any(record.accuracy is not None and record.accuracy.synthetic for record in every)
    step = image_step(every, metric)
    against = () if synthetic else values_of(base.records, metric)
    return Effect(
        setting,
        _company(base, setting, usual),
        metric,
        _level(setting, base, metric, step, ()),
        tuple(_level(setting, one, metric, step, against) for one in others),
        synthetic,
        elsewhere,
    )


def _is_usual(group: _Group, setting: str, usual: Settings) -> bool:
    return all(_same(group.settings.get(name), usual.get(name)) for name in (setting, *_ALONG.get(setting, ())))


def _level(setting: str, group: _Group, metric: str, step: float, against: Sequence[float]) -> Level:
    values = values_of(group.records, metric)
    mean = mean_of_metric(group.records, metric)
    gain = None if mean is None or not against else mean - sum(against) / len(against)
    return Level(
        group.settings[setting],
        group.records,
        values,
        mean_interval(values, step),
        mean_of_metric(group.records, "training_seconds"),
        gain,
        difference(against, values, step) if against and values else None,
    )


def _same(one: Any, other: Any) -> bool:
    """As the suite writes them: freezing 1 layer is not freezing 1.0 of them."""
    return _text(one) == _text(other)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
