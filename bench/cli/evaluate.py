"""`bench evaluate RECORD`: what was trained, judged anew on the test images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import AsJson, DataDir, Root, StrictData

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.results.record import Record
    from bench.run.evaluate import Evaluated

__all__ = ["evaluate"]


def evaluate(
    record: Annotated[
        str,
        typer.Argument(
            metavar="RECORD",
            help="[HOST][/SUITE][@WHEN][:CELL], such as my-host/compact:compact/augmented or just /compact: the newest "
            "records whose weights were kept; of several seeds all, and their average.",
        ),
    ],
    data_dir: DataDir = None,
    strict_data: StrictData = False,
    folder: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Where the suite lies whose records they are. Code of your own that it names is run, from files in "
            "this folder alone; without the option none is run, whatever a record says.",
        ),
    ] = None,
    as_json: AsJson = False,
    root: Root = Path(),
) -> None:
    """Load the weights that a training kept, and give their average test accuracy.

    Nothing that a record or a file of weights says is run: the network is built anew, by the house or by the suite's
    own code in --folder, and only numbers are taken from the file, which lies in the weights/ beside the record.
    """
    from bench.run.evaluate import evaluate_records

    records = _wanted(root, record)
    found = []
    for one in evaluate_records(records, data_dir=data_dir, strict=strict_data, folder=folder):
        found.append(one)
        if not as_json:
            typer.echo(_line(one))
    _print(found, as_json)


def _wanted(root: Path, text: str) -> list[tuple[Record, Path]]:
    """The records that `text` names and whose weights were kept, each with the file that it lies in."""
    from bench.errors import Fault, InputError
    from bench.results.cell_side import split_cell
    from bench.results.query import latest
    from bench.results.sides import read_side
    from bench.suite.select import picked

    where, cell = split_cell(text)
    side = read_side(root, where)
    newest = latest(side.records)
    wanted = picked([record.cell for record in newest], [cell] if cell else (), f"'{text}':")
    of_cell = [record for record in newest if record.cell in wanted]
    kept = [(r, side.file_of(r)) for r in of_cell if r.training is not None and r.training.weights is not None]
    if not kept:
        reasons = dict.fromkeys(f"{r.cell}: {r.absent['weights']}" for r in of_cell if "weights" in r.absent)
        hint = None if reasons else "`bench run SUITE --set train.keep_weights=true` keeps them"
        raise InputError(Fault("; ".join((f"'{text}': no weights were kept", *reasons)), hint))
    return kept


def _line(one: Evaluated) -> str:
    record = one.record
    mark = "†" if one.data.synthetic else ""
    shown = f"{record.cell} on {record.host}: test accuracy {one.accuracy:.2%}{mark}"
    if one.loss is not None:
        shown += f", loss {one.loss:.4f}"
    shown += f", over {one.data.test_images:,} images of {one.data.name}"
    then = record.accuracy.test if record.accuracy else None
    if then is not None and one.same_data:
        shown += f"; {then:.2%} when it was trained"
    elif not one.same_data:
        shown += "; it was trained with other images"
    return shown


def _print(found: Sequence[Evaluated], as_json: bool) -> None:
    from bench.run.evaluate import averages

    means = averages(found)
    if as_json:
        import json

        rows = [
            {
                "host": one.record.host,
                "suite": one.record.suite,
                "cell": one.record.cell,
                "seed": one.record.seed,
                "test_accuracy": one.accuracy,
                "test_loss": one.loss,
                "test_images": one.data.test_images,
                "synthetic": one.data.synthetic,
                "same_data": one.same_data,
                "test_accuracy_when_trained": one.record.accuracy.test if one.record.accuracy else None,
            }
            for one in found
        ]
        cells = [
            {
                "cell": mean.cell,
                "records": mean.records,
                "average_test_accuracy": mean.accuracy,
                "standard_deviation": mean.deviation,
            }
            for mean in means
        ]
        typer.echo(json.dumps({"records": rows, "cells": cells}, indent=2))
        return
    for mean in means:
        if mean.deviation is not None:
            typer.echo(
                f"{mean.cell}: average test accuracy {mean.accuracy:.2%}, standard deviation {mean.deviation:.2%}, "
                f"{mean.records} seeds"
            )
    if any(one.data.synthetic for one in found):
        typer.echo("† synthetic images: it says nothing of real ones")
