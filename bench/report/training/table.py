"""What a suite trained: a row for each model, variant and batch size, seeds together, in the suite's own columns."""

from __future__ import annotations

from collections.abc import Sequence

from bench.analyse.training.seeds import Repeats, has_trained, repeats
from bench.report.core.footnotes import Footnotes
from bench.report.core.groups import by_model
from bench.report.core.notes import dropped, synthetic_notes, why_not
from bench.report.core.row_names import row_names
from bench.report.core.table import Heading, Note, Table
from bench.report.training.columns import TrainingColumn, training_columns
from bench.report.training.remarks import remarks, restored
from bench.results.metric import ABSENT
from bench.results.query import when
from bench.results.record import DataInfo, Record

__all__ = ["trained_cells", "training_table"]


def trained_cells(records: Sequence[Record]) -> tuple[Repeats, ...]:
    """The cells of a suite that were trained to accuracy, or were to be; models together, their baselines first."""
    return tuple(cell for cell in repeats(by_model(records)) if any(map(has_trained, (*cell.records, *cell.apart))))


def training_table(cells: Sequence[Repeats], host: str, more: Sequence[Note] = ()) -> Table:
    """The table of one suite's `trained_cells` on the host of this label; `more` notes stand at the end.

    A metric's column in which no cell has a figure is dropped, and a note says why there is none.
    """
    ok = [record for cell in cells for record in cell.trained]
    columns = training_columns(max((cell.first for cell in cells), key=when).table)
    shown = [one for one in columns if one.metric is None or not ok or one.text(ok) != ABSENT]
    shown = shown or list(columns[:1])
    several = any(len(cell.records) > 1 for cell in cells)
    letters = Footnotes()
    bodies = [_body(cell, shown, several, letters) for cell in cells]
    remarked = any(body[-1] for body in bodies)
    listed = {one.name for one in shown}
    axes, names = row_names(
        ("model", "variant", *([] if "batch_size" in listed else ["batch"])),
        ((cell.first.model, cell.first.variant, cell.first.batch_size) for cell in cells),
    )
    return Table(
        title=f"Training — {host}",
        columns=(
            *(Heading(axis) for axis in axes),
            *(Heading(one.heading, one.align) for one in shown),
            *([Heading("seeds", "right")] if several else []),
            *([Heading("notes")] if remarked else []),
        ),
        rows=tuple((*name, *(body if remarked else body[:-1])) for name, body in zip(names, bodies, strict=True)),
        notes=(
            *_images(ok),
            *([Note("± is the standard deviation over seeds")] if several else []),
            *restored(ok),
            *synthetic_notes(ok),
            *letters.notes(),
            *(Note(f"{one.title} – {one.legend}") for one in shown if one.legend),
            *dropped([one.figure for one in columns if one not in shown], ok),
            *more,
        ),
    )


def _images(ok: Sequence[Record]) -> list[Note]:
    """Which images the figures are of; where cells have different ones, the data sets alone."""
    every = [record.data for record in ok if record.data is not None]
    if not every:
        return []
    first = every[0]
    if len({one.digest for one in every}) > 1:
        return [Note(f"images – {', '.join(dict.fromkeys(map(_which, every)))}")]
    parts = {"to train on": first.train_images, "held out": first.held_out_images, "to test on": first.test_images}
    return [Note(f"images – {_which(first)}, {', '.join(f'{n:,} {what}' for what, n in parts.items() if n)}")]


def _which(data: DataInfo) -> str:
    return "synthetic ones" if data.synthetic else f"of {data.name}"


def _body(cell: Repeats, shown: Sequence[TrainingColumn], several: bool, letters: Footnotes) -> tuple[str, ...]:
    """The row's figures, how many seeds they are of, and the letters of what is to be said of it."""
    trained = cell.trained
    if not trained:
        record = next((one for one in cell.records if not one.ok), cell.first)
        failure = record.failure
        what = record.status.replace("_", " ") if not record.ok else "not trained"
        why = why_not(record)
        said = f"{what} ({letters.marks([why])})" if why else what
        log = failure.log if failure and failure.log else ""
        return (said, *[""] * (len(shown) - 1), *(["0"] if several else []), log)
    return (
        *(one.text(trained) for one in shown),
        *([str(len(trained))] if several else []),
        letters.marks(remarks(cell, shown)),
    )
