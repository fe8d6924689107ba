"""Columns that a suite names, looked at before anything is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.errors import Fault, InputError

if TYPE_CHECKING:
    from bench.suite.cells import Suite

__all__ = ["check_columns"]


def check_columns(suite: Suite) -> None:
    """Raise InputError where `table` or `course` name a metric that there isn't: a report would find out too late."""
    from bench.analyse.course.board import check_names
    from bench.analyse.course.rulings import unknown_metrics
    from bench.report.training.columns import unknown_columns

    unknown = unknown_columns(suite.table, suite.models)
    faults = [
        Fault(f"'table' names no column '{name}'", unknown[name], *suite.place("table", place))
        for place, name in enumerate(suite.table)
        if name in unknown
    ]
    asked = suite.course.columns if suite.course is not None else ()
    lacking = unknown_metrics(asked)
    faults += [
        Fault(f"'course' names no metric '{name}'", lacking[name], *suite.place("course", "columns", place))
        for place, name in enumerate(asked)
        if name in lacking
    ]
    if faults:
        raise InputError(*faults)
    check_names(suite)
