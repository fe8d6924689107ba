"""Remarks on rows as letters, and under the table what each stands for."""

from __future__ import annotations

from collections.abc import Iterable

from bench.report.core.table import Note

__all__ = ["Footnotes"]


class Footnotes:
    """Gives each text its letter, in the order in which they are met."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def marks(self, texts: Iterable[str]) -> str:
        """The letters of one row's texts in their order: `a, c`; nothing where there are no texts."""
        places = set()
        for text in texts:
            if text not in self._texts:
                self._texts.append(text)
            places.add(self._texts.index(text))
        return ", ".join(map(_letter, sorted(places)))

    def notes(self) -> tuple[Note, ...]:
        """One note a letter."""
        return tuple(Note(text, _letter(place)) for place, text in enumerate(self._texts))


def _letter(place: int) -> str:
    return chr(ord("a") + place) if place < 26 else f"a{place - 25}"
