"""What one team has to show for a course: its best cells, and its records' rulings.

It is made of the team's records and holds none of them, so that a large class needs the memory of one team.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from bench.analyse.course.figures import figure
from bench.analyse.course.rulings import Ruling, record_rulings
from bench.analyse.planning.amount import Amount
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.analyse.training.accuracy import mean_of_metric
from bench.analyse.training.seeds import Repeats, repeats
from bench.results.metrics import METRICS
from bench.results.query import Identity, identity
from bench.results.record import Record
from bench.suite.cells import Suite
from bench.suite.course import Course, Selection
from bench.suite.formula import parse_formula
from bench.system.nvml import Reading

__all__ = ["SPEEDUP", "Best", "Entry", "TeamResult", "better_by", "team_result"]

SPEEDUP = "speedup"
"""Not of a record but over its team's own baseline."""
ACCURACY = "accuracy"
"""In a formula that accuracy which the course goes by."""


@dataclass(frozen=True)
class Entry:
    """The best cell of a team that keeps the rules, and its figure; `rank` is 1 and the number of those surely better.

    Without a figure `absent` says why, and there is no rank.
    """

    team: str
    host: str
    cell: str
    value: Amount | None
    absent: str | None = None
    rank: int | None = None


@dataclass(frozen=True)
class Best:
    """What a formula's metrics are, by their names there, of the team's best `cell` by the first of them."""

    cell: str
    values: Mapping[str, float]


@dataclass(frozen=True)
class TeamResult:
    """By the title of a ranking or grade, and by group (a host, or empty): the team's entry, and what it is graded by.

    `rulings` are of each of its records of the suite, the newest of each cell.
    """

    team: str
    entries: Mapping[str, Mapping[str, Entry]]
    inputs: Mapping[str, Mapping[str, Reading[Best]]]
    rulings: tuple[Ruling, ...]


def team_result(suite: Suite, team: str, records: Iterable[Record], spreads: Mapping[str, Spread]) -> TeamResult:
    """What the team's newest `records`, joined, come to; `spreads` are by host."""
    course = suite.course or Course()
    found = _Team(course, team, [one for one in records if one.suite == suite.name], spreads)
    entries = {
        title: {group: found.best(cells, one.by)[0] for group, cells in found.chosen(one).items()}
        for title, one in course.rankings.items()
    }
    inputs = {}
    for title, grade in course.grades.items():
        names = parse_formula(grade.formula).names
        inputs[title] = {group: found.values(cells, names) for group, cells in found.chosen(grade).items()}
    return TeamResult(team, entries, inputs, tuple(found.rulings))


def better_by(name: str) -> Literal["lower", "higher"] | None:
    """Which direction of a metric, or of `speedup`, is better."""
    return "higher" if name == SPEEDUP else METRICS[name].better


class _Team:
    """A team's cells that keep the rules of the course."""

    def __init__(self, course: Course, team: str, records: Sequence[Record], spreads: Mapping[str, Spread]) -> None:
        self._course, self._team, self._records, self._spreads = course, team, records, spreads
        self._speedups: Mapping[Identity, Ratio | Refusal] | None = None
        self._broken: str | None = None
        self.rulings: list[Ruling] = []
        self._cells = list(self._kept(repeats(records)))

    def _kept(self, found: Iterable[Repeats]) -> Iterator[Repeats]:
        for one in found:
            rulings = [ruling for record in one.records for ruling in record_rulings(self._course, record)]
            self.rulings += rulings
            broken = next((ruling for ruling in rulings if ruling.verdict != "holds"), None)
            if broken is None:
                yield one
            else:
                self._broken = f"{one.name}: {broken.rule}, {broken.found}"

    def chosen(self, selection: Selection) -> dict[str, list[Repeats]]:
        """The cells that are meant, by group; where all teams are one group, it is there without any, too."""
        groups: dict[str, list[Repeats]] = {} if selection.group == "host" else {"": []}
        for one in self._cells:
            first = one.first
            if _fits(first.model, selection.model) and _fits(first.variant, selection.variant):
                groups.setdefault(first.host if selection.group == "host" else "", []).append(one)
        return groups

    def best(self, cells: Sequence[Repeats], name: str) -> tuple[Entry, Repeats | None]:
        """The best of the cells by the metric."""
        known = [(one, value) for one in cells if (value := self._value(one, name)) is not None]
        if not known:
            why = self._broken or "nothing of it was measured"
            why = self._figure(cells[0], name).reason or why if cells else why
            return Entry(self._team, "", "", None, why), None
        pick: Callable[..., tuple[Repeats, float]] = min if better_by(name) == "lower" else max
        best, _ = pick(known, key=lambda one: one[1])
        return Entry(self._team, best.first.host, best.name, self._figure(best, name).value), best

    def values(self, cells: Sequence[Repeats], names: Sequence[str]) -> Reading[Best]:
        """What a formula's metrics are of the best cell by the first of them."""
        metrics = {name: self._course.accuracy if name == ACCURACY else name for name in names}
        entry, best = self.best(cells, next(iter(metrics.values()), "step_seconds"))
        if best is None:
            return Reading(None, entry.absent)
        values = {}
        for name, metric in metrics.items():
            value = self._value(best, metric)
            if value is None:
                return Reading(None, f"{entry.cell}: {self._figure(best, metric).reason}")
            values[name] = value
        return Reading(Best(entry.cell, values))

    def _value(self, found: Repeats, name: str) -> float | None:
        """The figure alone: an interval takes time, and the best one's is all that is shown."""
        if name != SPEEDUP:
            return mean_of_metric(found.ok, name)
        one = self._figure(found, name).value
        return None if one is None else one.value

    def _figure(self, found: Repeats, name: str) -> Reading[Amount]:
        if name != SPEEDUP:
            return figure(found, name, self._spreads.get(found.first.host, UNMEASURED))
        if self._speedups is None:
            self._speedups = Standings(self._records, self._spreads).speedups()
        ratio = self._speedups.get(identity(found.first))
        if not isinstance(ratio, Ratio):
            return Reading(None, "it is the baseline" if ratio is None else str(ratio))
        return Reading(Amount(ratio.value, ratio.low, ratio.high))


def _fits(name: str, pattern: str | None) -> bool:
    return pattern is None or fnmatchcase(name, pattern)
