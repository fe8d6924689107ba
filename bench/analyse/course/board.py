"""Teams ranked and graded by what their course asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from bench.analyse.course.figures import figure, ranks
from bench.analyse.course.rulings import record_rulings
from bench.analyse.planning.amount import Amount
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.analyse.training.accuracy import mean_of_metric
from bench.analyse.training.seeds import Repeats, repeats
from bench.errors import Fault, InputError, nearest
from bench.results.metrics import METRICS
from bench.results.query import Identity, identity
from bench.results.record import Record
from bench.suite.cells import Suite
from bench.suite.course import Course, Selection
from bench.suite.formula import Formula, FormulaError, evaluated, parse_formula
from bench.system.nvml import Reading

__all__ = ["SPEEDUP", "Board", "Entry", "Graded", "Ranked", "board", "check_names"]

SPEEDUP = "speedup"
"""Not of a record but over its team's own baseline."""
ACCURACY = "accuracy"
"""In a formula that accuracy which the course goes by."""

Teams = Mapping[str, Sequence[Record]]
"""The newest records of each team, by its name."""


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
class Ranked:
    """A ranking: its entries by rank, those without a figure last. `group` is the host, or empty."""

    title: str
    metric: str
    group: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Graded:
    """What a team gets, from which cell; None: nothing, and why."""

    title: str
    team: str
    grade: float | None
    cell: str = ""
    absent: str | None = None


@dataclass(frozen=True)
class Board:
    """Everything that a course's section asks for, of these teams."""

    teams: tuple[str, ...]
    rankings: tuple[Ranked, ...]
    grades: tuple[Graded, ...]


def check_names(suite: Suite) -> None:
    """Raise InputError where a ranking or a formula names no metric, or one that nothing is better by."""
    course, faults = suite.course or Course(), []
    known = (*METRICS, SPEEDUP)
    for title, ranking in course.rankings.items():
        place = suite.place("course", "rankings", title, "by")
        if ranking.by not in known:
            what = f"ranking '{title}': there is no metric '{ranking.by}'"
            faults.append(Fault(what, nearest(ranking.by, known), *place))
        elif _better(ranking.by) is None:
            what = f"ranking '{title}': neither more nor less of '{ranking.by}' is better"
            faults.append(Fault(what, "a metric that has a direction", *place))
    for title, grade in course.grades.items():
        place = suite.place("course", "grades", title, "formula")
        faults += [
            Fault(f"grade '{title}': there is no metric '{name}'", nearest(name, known), *place)
            for name in parse_formula(grade.formula).names
            if name not in known
        ]
    if faults:
        raise InputError(*faults)


def board(suite: Suite, teams: Teams, spreads: Mapping[str, Spread]) -> Board:
    """The rankings and grades of the `suite`'s course. `spreads` are by host.

    Raises InputError where a formula divides by nothing, or comes to no number.
    """
    course = suite.course or Course()
    of_suite = {team: [one for one in records if one.suite == suite.name] for team, records in teams.items()}
    view = _View(course, of_suite, spreads)
    rankings = tuple(
        Ranked(title, one.by, group, _ordered(entries, _better(one.by) or "higher"))
        for title, one in course.rankings.items()
        for group, entries in view.entries(one, one.by).items()
    )
    grades: list[Graded] = []
    faults: list[Fault] = []
    for title, grade in course.grades.items():
        formula = parse_formula(grade.formula)
        try:
            grades += view.graded(title, grade, formula, grade.decimals)
        except FormulaError as error:
            place = suite.place("course", "grades", title, "formula")
            faults.append(Fault(f"grade '{title}': {error}", error.hint, *place))
    if faults:
        raise InputError(*faults)
    return Board(tuple(of_suite), rankings, tuple(grades))


class _View:
    """Teams' cells that keep the rules of their course."""

    def __init__(self, course: Course, teams: Teams, spreads: Mapping[str, Spread]) -> None:
        self._course, self._spreads, self._teams = course, spreads, teams
        self._cells: dict[str, list[Repeats]] = {}
        self._broken: dict[str, str] = {}
        self._speedups: dict[str, Mapping[Identity, Ratio | Refusal]] = {}
        for team, records in teams.items():
            self._cells[team] = list(self._kept(team, repeats(records)))

    def _kept(self, team: str, found: Iterable[Repeats]) -> Iterator[Repeats]:
        for one in found:
            rules = [r for record in one.records for r in record_rulings(self._course, record) if r.verdict != "holds"]
            if not rules:
                yield one
            else:
                self._broken[team] = f"{one.name}: {rules[0].rule}, {rules[0].found}"

    def entries(self, selection: Selection, name: str) -> dict[str, list[Entry]]:
        """The best entry of each team by the metric, in each group."""
        found: dict[str, list[Entry]] = {}
        for team in self._cells:
            for group, cells in self._chosen(team, selection).items():
                found.setdefault(group, []).append(self._best(team, cells, name)[0])
        return {group: found[group] for group in sorted(found)}

    def graded(self, title: str, selection: Selection, formula: Formula, decimals: int) -> Iterator[Graded]:
        """What each team gets; one that is in several groups gets the best of its grades."""
        names = {name: self._course.accuracy if name == ACCURACY else name for name in formula.names}
        given: dict[str, Graded] = {}
        known: dict[str, dict[str, tuple[Entry, dict[str, float]]]] = {}
        for team in self._cells:
            for group, cells in self._chosen(team, selection).items():
                values = self._values(team, cells, names)
                if values.value is not None:
                    known.setdefault(group, {})[team] = values.value
                else:
                    given.setdefault(team, Graded(title, team, None, absent=values.reason))
        for of_group in known.values():
            every = {name: [values[name] for _, values in of_group.values()] for name in formula.names}
            for team, (entry, ours) in of_group.items():
                grade = round(evaluated(formula, ours, every), decimals)
                before = given.get(team)
                if before is None or before.grade is None or grade > before.grade:
                    given[team] = Graded(title, team, grade, entry.cell)
        return iter([given[team] for team in self._cells if team in given])

    def _values(
        self, team: str, cells: Sequence[Repeats], names: Mapping[str, str]
    ) -> Reading[tuple[Entry, dict[str, float]]]:
        """What the formula's metrics are of the team's best cell by the first of them."""
        entry, best = self._best(team, cells, next(iter(names.values()), "step_seconds"))
        if best is None:
            return Reading(None, entry.absent)
        values = {}
        for name, metric in names.items():
            found = self._figure(team, best, metric)
            if found.value is None:
                return Reading(None, f"{entry.cell}: {found.reason}")
            values[name] = found.value.value
        return Reading((entry, values))

    def _chosen(self, team: str, selection: Selection) -> dict[str, list[Repeats]]:
        """The team's cells that are meant, by group; a group that would have none is there where all teams are one."""
        groups: dict[str, list[Repeats]] = {} if selection.group == "host" else {"": []}
        for one in self._cells[team]:
            first = one.first
            if _fits(first.model, selection.model) and _fits(first.variant, selection.variant):
                groups.setdefault(first.host if selection.group == "host" else "", []).append(one)
        return groups

    def _best(self, team: str, cells: Sequence[Repeats], name: str) -> tuple[Entry, Repeats | None]:
        known = [(one, value) for one in cells if (value := self._value(team, one, name)) is not None]
        if not known:
            why = self._broken.get(team, "nothing of it was measured")
            why = self._figure(team, cells[0], name).reason or why if cells else why
            return Entry(team, "", "", None, why), None
        pick: Callable[..., tuple[Repeats, float]] = min if _better(name) == "lower" else max
        best, _ = pick(known, key=lambda one: one[1])
        return Entry(team, best.first.host, best.name, self._figure(team, best, name).value), best

    def _value(self, team: str, found: Repeats, name: str) -> float | None:
        """The figure alone: an interval takes time, and the best one's is all that is shown."""
        if name != SPEEDUP:
            return mean_of_metric(found.ok, name)
        one = self._figure(team, found, name).value
        return None if one is None else one.value

    def _figure(self, team: str, found: Repeats, name: str) -> Reading[Amount]:
        if name != SPEEDUP:
            return figure(found, name, self._spreads.get(found.first.host, UNMEASURED))
        if team not in self._speedups:
            self._speedups[team] = Standings(self._teams[team], self._spreads).speedups()
        ratio = self._speedups[team].get(identity(found.first))
        if not isinstance(ratio, Ratio):
            return Reading(None, "it is the baseline" if ratio is None else str(ratio))
        return Reading(Amount(ratio.value, ratio.low, ratio.high))


def _fits(name: str, pattern: str | None) -> bool:
    return pattern is None or fnmatchcase(name, pattern)


def _better(name: str) -> Literal["lower", "higher"] | None:
    return "higher" if name == SPEEDUP else METRICS[name].better


def _ordered(entries: Sequence[Entry], better: Literal["lower", "higher"]) -> tuple[Entry, ...]:
    known = [(one, one.value) for one in entries if one.value is not None]
    places = ranks([value for _, value in known], better)
    sign = -1 if better == "higher" else 1
    ranked = [
        (place, sign * value.value, Entry(one.team, one.host, one.cell, value, rank=place))
        for place, (one, value) in zip(places, known, strict=True)
    ]
    ranked.sort(key=lambda one: (one[0], one[1], one[2].team))
    return (*(one for _, _, one in ranked), *(one for one in entries if one.value is None))
