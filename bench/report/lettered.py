"""Findings as lettered notes: a letter in a row, and under the table what it stands for."""

from __future__ import annotations

from bench.report.table import Note
from bench.results.record import Finding

__all__ = ["Letters"]

_SHOWN = 3


class Letters:
    """Gives each kind of finding its letter, in the order in which they are met."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, list[str]]] = {}  # code -> message -> rows

    def mark(self, finding: Finding, row: str) -> str:
        """The letter for this finding, which was met in the row of that name."""
        self._rows.setdefault(finding.code, {}).setdefault(finding.message, []).append(row)
        return _letter(list(self._rows).index(finding.code))

    def notes(self) -> tuple[Note, ...]:
        """One note a letter: its messages with their rows, the first few where there are many."""
        return tuple(
            Note(f"{code}: {_listed(messages)}", _letter(i)) for i, (code, messages) in enumerate(self._rows.items())
        )


def _letter(index: int) -> str:
    return chr(ord("a") + index) if index < 26 else f"a{index - 25}"


def _listed(messages: dict[str, list[str]]) -> str:
    if len(messages) == 1:
        return next(iter(messages))
    shown = [f"{', '.join(rows)} – {message}" for message, rows in list(messages.items())[:_SHOWN]]
    rest = sum(len(rows) for rows in list(messages.values())[_SHOWN:])
    return "; ".join(shown) + (f"; and {rest} more" if rest else "")
