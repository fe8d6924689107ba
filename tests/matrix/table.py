"""What was tried, as the table that the documentation shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.matrix.packages import Change
from tests.matrix.trial import Tried

_COLUMNS = (
    "there already",
    "Python",
    "TensorFlow",
    "Keras",
    "NumPy",
    "`pip install .`",
    "`pip install '.[score]'` would replace",
    "`bench`",
)
_NAMED = ("tensorflow", "keras", "numpy", "protobuf")
_BLOCK = re.compile(r"(?<=<!-- matrix -->\n).*?(?=<!-- end of matrix -->)", re.DOTALL)


def table(found: Sequence[Tried]) -> str:
    """A row for each environment, and what else is to be said of it below: Markdown, with a blank line around it."""
    notes: list[str] = []
    rows = [_COLUMNS, *(_row(one, notes) for one in found)]
    widths = [max(len(row[number]) for row in rows) for number in range(len(_COLUMNS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    told = [f"- **{_letter(number)}** {note}" for number, note in enumerate(notes)]
    days = sorted({min(one.day for one in found), max(one.day for one in found)})
    apart = ("pytest", "notebook", "calibrate")
    works = list(dict.fromkeys(name for one in found for name in one.works if name not in apart))
    told.append(
        f"- tried {' to '.join(days)} by `tests/matrix/run`, on Linux; ✓: {', '.join(works)}, a gate of pytest and "
        "what `bench calibrate` says without the extra `score` did what they should"
    )
    if kernels := [one.wanted.title for one in found if "notebook" in one.works]:
        told.append(
            f"- `notebooks/colab.ipynb` ran from its doctor to its archive in a kernel of {' and '.join(kernels)}"
        )
    if all(one.held is not None and not one.held.replaced for one in found):
        told.append("- with pip held to what is there, `pip install '.[score]'` would have replaced nothing in any")
    if all(one.named is not None and not one.named.replaced for one in found):
        told.append("- the command that `bench calibrate` names was run in each, and replaced nothing")
    return "\n" + "\n".join(lines) + "\n\n" + "\n".join(told) + "\n\n"


def write(readme: Path, text: str) -> None:
    """Put the table between the documentation's marks."""
    was = readme.read_text(encoding="utf-8")
    if _BLOCK.search(was) is None:
        raise ValueError(f"{readme} has no <!-- matrix --> … <!-- end of matrix -->")
    readme.write_text(_BLOCK.sub(lambda _: text, was), encoding="utf-8")


def _row(one: Tried, notes: list[str]) -> tuple[str, ...]:
    name = one.wanted.name + "".join(_note(notes, text) for text in _remarks(one))
    versions = (one.versions.get(package, "–") for package in _NAMED[:3])
    return (
        name,
        one.python or one.wanted.python,
        *versions,
        _installed(one, notes),
        _few(one.score, notes),
        "failed" + _note(notes, "; ".join(one.failed)) if one.failed else "✓",
    )


def _remarks(one: Tried) -> list[str]:
    return ["; ".join(one.unlike)] if one.unlike else []


def _installed(one: Tried, notes: list[str]) -> str:
    if one.base is None:
        return "–"
    added = f"{len(one.base.added)} added, none replaced"
    if one.wanted.held and one.plain is not None:
        return added + _note(notes, f"with pip held to what is there; else it replaces {_list(one.plain)}")
    return added


def _few(change: Change | None, notes: list[str]) -> str:
    """Those of note, and all of them below."""
    if change is None:
        return "–"
    if not change.replaced:
        return "nothing"
    named = [text for text in change.replaced if text.split()[0] in _NAMED]
    shown = ", ".join(text.split()[0] for text in named) or "others"
    return shown + _note(notes, _list(change))


def _list(change: Change) -> str:
    return ", ".join(change.replaced)


def _note(notes: list[str], text: str) -> str:
    if text not in notes:
        notes.append(text)
    return f" ({_letter(notes.index(text))})"


def _letter(number: int) -> str:
    return chr(ord("a") + number) if number < 26 else f"{chr(ord('a') + number // 26 - 1)}{chr(ord('a') + number % 26)}"
