"""Whether a suite can be handed in at all: that its `course:` section doesn't contradict the rest of it."""

from __future__ import annotations

from collections.abc import Iterator

from bench.suite.cells import Cell, Suite
from bench.suite.course import Course
from bench.suite.faults import Faults
from bench.suite.formula import FormulaError, parse_formula
from bench.suite.wording import quoted

__all__ = ["check_course"]

_OF_TRAINING = ("max_epochs", "max_seconds", "max_memory_mib", "min_accuracy")


def check_course(suite: Suite, faults: Faults) -> None:
    """Every rule that the suite, run as it stands, could not keep: a fault at the rule."""
    course = suite.course
    if course is None:
        return
    told: set[str] = set()
    for cell in suite.cells():
        for rule, what, hint in _broken(course, cell):
            if rule not in told:
                told.add(rule)
                faults.add(("course", rule), what, hint)
    _check_formulas(course, faults)
    for place, name in enumerate(course.columns):
        if suite.table and name not in suite.table:
            what = f"the course asks for the column {quoted(name)}, which 'table' doesn't show"
            faults.add(("course", "columns", place), what, "add it to `table`, or take it out here")


def _check_formulas(course: Course, faults: Faults) -> None:
    for title, grade in course.grades.items():
        try:
            parse_formula(grade.formula)
        except FormulaError as error:
            faults.add(("course", "grades", title, "formula"), f"grade {quoted(title)}: {error}", error.hint)


def _broken(course: Course, cell: Cell) -> Iterator[tuple[str, str, str]]:
    """Rule, what contradicts it, and what would be right."""
    train, model = cell.train, quoted(cell.model.name)
    if train is None:
        for rule in _OF_TRAINING:
            if getattr(course, rule) is not None:
                what = f"{quoted(rule)} of the course is of a training, and the suite doesn't train {model}"
                yield rule, what, "add e.g. `train: {epochs: 10}`"
    else:
        if course.max_epochs is not None and train.most_epochs > course.max_epochs:
            what = f"the course allows {course.max_epochs:,} epochs, and {model} is trained for {train.most_epochs:,}"
            yield "max_epochs", what, "let one of them be what the other says"
        if course.max_params is not None and train.max_params is not None and train.max_params > course.max_params:
            what = f"the course allows {course.max_params:,} parameters, and 'train' of {model} {train.max_params:,}"
            yield "max_params", what, "let one of them be what the other says"
        least, target = course.min_accuracy, train.target_accuracy
        if least is not None and train.stop_at_target and target is not None and target < least:
            what = f"the course asks for {least:.1%}, and the training of {model} stops at {target:.1%}"
            yield "min_accuracy", what, "raise 'target_accuracy', or leave 'stop_at_target' out"
    if course.accuracy == "held_out_accuracy" and cell.data.pipeline is None and cell.data.held_out == 0:
        yield "accuracy", f"the course goes by held-out images, and none are held out of {model}'s", "hold some out"
    if course.data and cell.data.name not in course.data:
        what = f"the course allows the data of {' or '.join(course.data)}, and {model} is trained on {cell.data.name}"
        yield "data", what, "let one of them be what the other says"
