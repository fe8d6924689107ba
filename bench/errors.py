"""What the user got wrong, and what the machine refuses: each with what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.support.plain_text import plain_text

__all__ = ["Fault", "InputError", "gathered", "nearest"]

T = TypeVar("T")

_MOST_COMPARED = 1000
_LONGEST_COMPARED = 200


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the input.

    `what` says what is wrong, `hint` what would be right; `file` and `line` (1-based) say where.
    """

    what: str
    hint: str | None = None
    file: Path | str | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = "" if self.file is None else f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        return plain_text(f"{where}{self.what}" + (f"; {self.hint}" if self.hint else ""), spaces=True)


class InputError(Exception):
    """Bad input: nothing was run and nothing written. Carries every fault found, not just the first.

    The command line prints the faults and exits with status 2.
    """

    def __init__(self, *faults: Fault | str) -> None:
        self.faults = tuple(f if isinstance(f, Fault) else Fault(f) for f in faults)
        super().__init__("\n".join(map(str, self.faults)))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback, as the command line does: the fault lies in what was given."""
        return [f"{type(self).__name__}: {fault}" for fault in self.faults]


def gathered(each: Iterable[Callable[[], T]]) -> list[T]:
    """What each of them gives. Raises InputError with the faults of all of them, each fault once."""
    found: list[T] = []
    faults: dict[Fault, None] = {}
    for get in each:
        try:
            found.append(get())
        except InputError as error:
            faults |= dict.fromkeys(error.faults)
    if faults:
        raise InputError(*faults)
    return found


def nearest(name: str, known: Iterable[str]) -> str:
    """Words that lead from a wrong `name` to the right one among `known`.

    >>> nearest("vg16", ["simple_cnn", "vgg16"])
    "did you mean 'vgg16'?"
    """
    choices = list(known)
    # comparing takes as long as both are: no name that anyone has in mind is longer, and no list of names either
    folded = {choice.casefold(): choice for choice in choices[:_MOST_COMPARED] if len(choice) <= _LONGEST_COMPARED}
    wanted = name.casefold() if len(name) <= _LONGEST_COMPARED else ""
    close = difflib.get_close_matches(wanted, folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{folded[close[0]]}'?"
    shown = ", ".join(choices[:12]) + (", …" if len(choices) > 12 else "")
    return f"known: {shown}" if choices else "none is known"
