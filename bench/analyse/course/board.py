"""Teams ranked and graded by what their course asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.analyse.course.figures import ranks
from bench.analyse.course.one_team import SPEEDUP, Best, Entry, TeamResult, better_by
from bench.errors import Fault, InputError, nearest
from bench.results.metrics import METRICS
from bench.suite.cells import Suite
from bench.suite.course import Course
from bench.suite.formula import Formula, FormulaError, evaluated, parse_formula
from bench.system.nvml import Reading

__all__ = ["Board", "Graded", "Ranked", "board", "check_names"]


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
        elif better_by(ranking.by) is None:
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


def board(suite: Suite, results: Sequence[TeamResult]) -> Board:
    """The rankings and grades of the `suite`'s course, of the `results` of its teams.

    Raises InputError where a formula divides by nothing, or comes to no number.
    """
    course = suite.course or Course()
    rankings = []
    for title, ranking in course.rankings.items():
        groups: dict[str, list[Entry]] = {}
        for one in results:
            for group, entry in one.entries[title].items():
                groups.setdefault(group, []).append(entry)
        better = better_by(ranking.by) or "higher"
        rankings += [Ranked(title, ranking.by, group, _ordered(groups[group], better)) for group in sorted(groups)]
    grades: list[Graded] = []
    faults: list[Fault] = []
    for title, grade in course.grades.items():
        inputs = {one.team: one.inputs[title] for one in results}
        try:
            grades += _graded(title, parse_formula(grade.formula), grade.decimals, inputs)
        except FormulaError as error:
            place = suite.place("course", "grades", title, "formula")
            faults.append(Fault(f"grade '{title}': {error}", error.hint, *place))
    if faults:
        raise InputError(*faults)
    return Board(tuple(one.team for one in results), tuple(rankings), tuple(grades))


def _graded(
    title: str, formula: Formula, decimals: int, inputs: Mapping[str, Mapping[str, Reading[Best]]]
) -> Iterable[Graded]:
    """What each team gets; one that is in several groups gets the best of its grades."""
    given: dict[str, Graded] = {}
    known: dict[str, dict[str, Best]] = {}
    for team, groups in inputs.items():
        for group, found in groups.items():
            if found.value is not None:
                known.setdefault(group, {})[team] = found.value
            else:
                given.setdefault(team, Graded(title, team, None, absent=found.reason))
    for of_group in known.values():
        every = {name: [best.values[name] for best in of_group.values()] for name in formula.names}
        for team, best in of_group.items():
            grade = round(evaluated(formula, best.values, every), decimals)
            before = given.get(team)
            if before is None or before.grade is None or grade > before.grade:
                given[team] = Graded(title, team, grade, best.cell)
    return [given[team] for team in inputs if team in given]


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
