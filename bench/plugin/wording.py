"""What the plugin says: of a cell that failed, one that is slower, one that may be, and all of them at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.analyse.compare.regression import NEWEST, Regression
from bench.analyse.conditions import conditions
from bench.instruments.stats import estimate
from bench.results.record import Record

if TYPE_CHECKING:
    from bench.plugin.gate import Judged

__all__ = ["count", "doubt", "failure", "line", "nothing_stored", "regressed"]


def failure(record: Record, root: Path) -> str:
    """A cell that didn't end well: where, why, and where to read more."""
    assert record.failure is not None
    log = f"\nlog: {root / record.failure.log}" if record.failure.log else ""
    return f"{record.cell} {_status(record)} in {record.failure.stage}: {record.failure.message}{log}"


def regressed(judged: Judged, verdict: Regression) -> str:
    """A cell that is slower than before."""
    record, newest = judged.records[-1], judged.before[-1]
    remarks = [f"changed since then: {each}" for each in _changes(judged)]
    remarks += [f"{finding.code}: {finding.message}" for finding in record.findings]
    return "\n".join(
        (
            f"{record.cell} is slower than the stored records of {record.host}: a step takes {_times(verdict)} as long",
            "",
            f"    now        {_ms(verdict.now_step_seconds)}, {count(verdict.now, 'process', 'processes')}",
            f"    before     {_ms(verdict.before_step_seconds)}, {count(verdict.before, 'stored record')}, "
            f"the newest of {newest.started}",
            f"    threshold  {_threshold(verdict)} ({verdict.source})",
            *(f"    {remark}" for remark in remarks),
            "",
            "Make sure that nothing else runs beside it. To accept the new step time, measure it with `bench run`:",
            f"a cell is judged by its newest {NEWEST} records.",
        )
    )


def doubt(judged: Judged, verdict: Regression) -> str:
    """A cell that may be slower than before."""
    record = judged.records[-1]
    if verdict.slowdown is None:
        return f"{record.cell}: {verdict.why}"
    changes = ", ".join(_changes(judged))
    return (
        f"{record.cell}: a step takes {_times(verdict)} as long as in {count(verdict.before, 'stored record')}: "
        f"{verdict.why}; {_threshold(verdict)}" + (f"; changed since then: {changes}" if changes else "")
    )


def _changes(judged: Judged) -> tuple[str, ...]:
    """What isn't as it was for the newest stored record, and may be why a step takes longer."""
    return tuple(map(str, conditions(judged.before[-1], judged.records[-1])))


def line(judged: Judged) -> tuple[str, str]:
    """One line of the summary, and its colour."""
    record, verdict = judged.records[-1], judged.verdict
    if verdict is None:
        assert record.failure is not None
        return (
            f"{_status(record):<9}  {record.cell}  {record.failure.message}",
            "yellow" if record.status == "skipped" else "red",
        )
    colour = {"pass": "green", "fail": "red", "ambiguous": "yellow"}[verdict.verdict]
    figure = estimate(record.windows)
    said = _ms(verdict.now_step_seconds or (figure.step_seconds if figure else None))
    if verdict.slowdown is None:
        said += f", {verdict.why}"
        if judged.others:
            said += f" ({count(judged.others, 'is', 'are')} of other options, data or software)"
    else:
        said += f", {_times(verdict)} of {count(verdict.before, 'stored record')}; {_threshold(verdict)}"
    return f"{verdict.verdict:<9}  {record.cell}  {said}", colour


def nothing_stored(folder: Path) -> str:
    """That nothing was compared, as the tree holds no record of any cell."""
    return (
        f"nothing was compared, as no record of any of these cells is stored in {folder}; is this the working tree? "
        "Name another with --bench-root or BENCH_ROOT, or measure the cells with `bench run`"
    )


def _times(verdict: Regression) -> str:
    return f"{verdict.slowdown:.3f} times ({verdict.low:.3f}–{verdict.high:.3f})"


def _threshold(verdict: Regression) -> str:
    return f"slow-downs under {(verdict.threshold or 0) * 100:.1f} % can't be distinguished from noise here"


def _ms(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds * 1e3:,.0f} ms/step" if seconds >= 10 else f"{seconds * 1e3:.4g} ms/step"


def count(number: int, one: str, several: str | None = None) -> str:
    """A number with its noun."""
    return f"{number} {one}" if number == 1 else f"{number} {several or one + 's'}"


def _status(record: Record) -> str:
    return record.status.replace("_", " ")
