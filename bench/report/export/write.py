"""One form of the records that were chosen, written to where the user wants it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from bench.errors import Fault, InputError
from bench.host.profile import HostProfile
from bench.report.export.csv_text import csv_text
from bench.report.export.frames import Rows, frame_of
from bench.report.export.latex import latex
from bench.report.export.parquet import write_parquet
from bench.report.export.pytest_benchmark import pytest_benchmark_json
from bench.results.record import Record
from bench.support.files import write_whole, writing

__all__ = ["FORMS", "TO_STDOUT", "Form", "Made", "export"]

Form = Literal["csv", "parquet", "latex", "pytest-benchmark", "tensorboard", "mlflow"]
FORMS: tuple[Form, ...] = get_args(Form)

TO_STDOUT = "-"

_ENDINGS: dict[Form, str] = {"csv": ".csv", "parquet": ".parquet", "latex": ".tex", "pytest-benchmark": ".json"}
_NAMES: dict[Form, str] = {
    "latex": "tables.tex",
    "pytest-benchmark": "pytest-benchmark.json",
    "tensorboard": "tensorboard",
    "mlflow": "mlflow.db",
}


@dataclass(frozen=True)
class Made:
    """What was written where, in words (`of`: how much); or the `text` to print."""

    where: str
    of: str
    text: str | None = None


def export(
    form: Form, out: str | None, rows: Rows | None, root: Path, records: Sequence[Record], known: Sequence[HostProfile]
) -> Made:
    """Write `records`, the newest of each cell, in that form to `out` (None: under `root`'s results).

    A file appears whole or not at all. Raises InputError where the form doesn't have such `rows`, has nothing of these
    records, needs what isn't installed, or where something else lies at `out`; and OSError where it can't be written.
    """
    if rows is not None and form not in ("csv", "parquet"):
        raise InputError(Fault(f"--rows goes with csv and parquet; {form} has a form of its own", "leave it out"))
    if out == TO_STDOUT and form not in ("csv", "latex", "pytest-benchmark"):
        raise InputError(Fault(f"{form} is nothing to print", "name a file, or leave it out"))
    named = out or str(root / "results" / _NAMES.get(form, f"{rows or 'records'}{_ENDINGS.get(form, '')}"))
    if form in _ENDINGS and out != TO_STDOUT:
        _need_replaceable(named, _ENDINGS[form])
    if form == "tensorboard":
        from bench.report.export.tensorboard import write_events

        runs = write_events(records, Path(named))
        return Made(named, f"{_count(len(runs), 'run')}; tensorboard --logdir {named}")
    if form == "mlflow":
        from bench.report.export.mlflow import log_runs
        from bench.report.export.mlflow_store import store_at

        store = store_at(named)
        logged = log_runs(records, store)
        there = f" ({logged.known:,} were there already)" if logged.known else ""
        return Made(store.uri, f"{_count(logged.added, 'new run')}{there}; mlflow ui --backend-store-uri {store.uri}")
    if form in ("csv", "parquet"):
        return _frame(form, out, named, rows or "records", records, known)
    text, of = _TEXTS[form](records, known)
    if out != TO_STDOUT:
        write_whole(Path(named), text)
    return Made(named, of, text if out == TO_STDOUT else None)


def _frame(
    form: Form, out: str | None, named: str, rows: Rows, records: Sequence[Record], known: Sequence[HostProfile]
) -> Made:
    frame = frame_of(rows, records, known)
    if not frame.rows:
        hint = "those of the suites with `train` have epochs" if rows == "epochs" else "`bench report` says why"
        raise InputError(Fault(f"these records have no {rows}", hint))
    of = f"{_count(len(frame.rows), 'row')} under {_count(len(frame.columns), 'column')}"
    if form == "parquet":
        with writing(Path(named)) as file:
            write_parquet(frame, file)
        return Made(named, of)
    text = csv_text(frame)
    if out != TO_STDOUT:
        write_whole(Path(named), text)
    return Made(named, of, text if out == TO_STDOUT else None)


def _tables(records: Sequence[Record], known: Sequence[HostProfile]) -> tuple[str, str]:
    text = latex(records, known)
    return text, _count(text.count(r"\begin{table}"), "table")


def _benchmarks(records: Sequence[Record], known: Sequence[HostProfile]) -> tuple[str, str]:
    text = pytest_benchmark_json(records, known)
    return text, _count(sum(record.ok for record in records), "cell")


_TEXTS: dict[Form, Callable[[Sequence[Record], Sequence[HostProfile]], tuple[str, str]]] = {
    "latex": _tables,
    "pytest-benchmark": _benchmarks,
}


def _need_replaceable(named: str, ending: str) -> None:
    """A file that is there is replaced where it is called as one of that form; else a slip would cost it."""
    path = Path(named)
    if path.is_dir() or named.endswith("/"):
        raise InputError(Fault("is a folder", f"name a file that ends in {ending}", path))
    if path.exists() and path.suffix != ending:
        raise InputError(
            Fault("is there already, and not called as such a file", f"name one that ends in {ending}", path)
        )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
