"""Which classes a suite keeps: a number that is drawn, indices, or the row of a team in a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from bench.errors import Fault, InputError, nearest
from bench.suite.spec import DataSpec
from bench.support.files import read_regular
from bench.support.foreign_format import describe_file

__all__ = ["kept_classes"]

_MOST_BYTES = 2**22
"""Of a CSV file: a line a team takes some hundred."""

Row = tuple[int, list[str]]
"""A line's number and its fields."""


def kept_classes(
    spec: DataSpec, *, classes: int, label_names: Sequence[str] = (), folder: Path
) -> tuple[int, ...] | None:
    """The labels that `spec.subset` keeps, in rising order; None where it keeps all.

    A number draws that many classes by `numpy.random.default_rng(team_seed).choice`, without replacement: the
    harness's own draw, so give a course's published lists as indices or as a file. A file, looked up in `folder`, has
    a row `team,label[,label…]` a team (a team may have several rows) and `spec.team` picks one; without `spec.team` it
    holds labels only. A label is an index or one of `label_names`. A first line that begins with the
    field `team` or `label` is a heading.
    """
    if spec.subset is None:
        return None
    if isinstance(spec.subset, str):
        return _from_file(folder / spec.subset, spec.team, classes, label_names)
    if isinstance(spec.subset, tuple):
        return _checked([(None, str(index)) for index in spec.subset], None, classes, ())
    if spec.subset > classes:
        raise InputError(Fault(f"data.subset asks for {spec.subset} classes", f"{spec.name} has {classes}"))
    if spec.team_seed is None:
        hint = "give data.team_seed, a whole number, or the classes themselves as a list"
        raise InputError(Fault(f"data.subset {spec.subset} doesn't say which classes", hint))
    drawn = np.random.default_rng(spec.team_seed).choice(classes, spec.subset, replace=False)
    return tuple(sorted(int(label) for label in drawn))


def _from_file(path: Path, team: str | None, classes: int, label_names: Sequence[str]) -> tuple[int, ...]:
    rows = _rows(path)
    if rows and rows[0][1][0].casefold() in ("team", "label", "labels"):
        rows = rows[1:]
    if team is None:
        cells = [(line, field) for line, fields in rows for field in fields]
        hint = "each row begins with a team? then say which with data.team"
        return _checked(cells, path, classes, label_names, hint)
    cells = [(line, field) for line, fields in rows if fields[0].casefold() == team.casefold() for field in fields[1:]]
    if not cells:
        others = dict.fromkeys(fields[0] for _, fields in rows if fields[0].casefold() != team.casefold())
        raise InputError(Fault(f"no labels for the team {team}", nearest(team, others), file=path))
    return _checked(cells, path, classes, label_names)


def _rows(path: Path) -> list[Row]:
    """The lines that hold something, their fields stripped and the empty ones left out."""
    try:
        content = read_regular(path, _MOST_BYTES, follow=True)
        if (what := describe_file(content)) is not None:
            raise InputError(Fault(what, None, path))
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows = [(reader.line_num, [field.strip() for field in row if field.strip()]) for row in reader]
    except OSError as error:
        raise InputError(Fault(f"can't be read: {error.strerror or error}", file=path)) from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(Fault(f"is no CSV file in UTF-8: {error}", file=path)) from error
    return [row for row in rows if row[1]]


def _checked(
    cells: Iterable[tuple[int | None, str]],
    path: Path | None,
    classes: int,
    label_names: Sequence[str],
    hint: str | None = None,
) -> tuple[int, ...]:
    by_name = {name.casefold(): index for index, name in enumerate(label_names)}
    where = path or "data.subset"
    kept: set[int] = set()
    faults = []
    for line, text in cells:
        label = int(text) if text.isascii() and text.isdecimal() else by_name.get(text.casefold())
        if label is None:
            right = nearest(text, label_names) if label_names else f"labels are 0..{classes - 1}"
            faults.append(Fault(f"'{text}' is no label", f"{right}; {hint}" if hint else right, where, line))
        elif label >= classes:
            faults.append(Fault(f"there is no class {label}", f"labels are 0..{classes - 1}", where, line))
        elif label in kept:
            faults.append(Fault(f"class {text} is given twice", None, where, line))
        else:
            kept.add(label)
    if not kept and not faults:
        faults.append(Fault("no label is given", f"labels are 0..{classes - 1}", where))
    if faults:
        raise InputError(*faults)
    return tuple(sorted(kept))
