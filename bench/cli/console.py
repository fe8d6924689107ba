"""Where progress is written: a terminal, a file, or the output of a notebook's cell."""

from __future__ import annotations

import os
from typing import TextIO

from rich.console import Console

from bench.support.notebooks import in_kernel, started_by_kernel

__all__ = ["console_of", "in_notebook"]


def in_notebook() -> bool:
    """Does what is written end in the output of a notebook's cell?"""
    return in_kernel() or started_by_kernel(os.environ)


def console_of(stream: TextIO) -> Console:
    """A console that writes to `stream`.

    A notebook gives its commands a pseudo-terminal and FORCE_COLOR, and then shows the codes that move a cursor as
    text: there it is plain.
    """
    if in_notebook():
        return Console(file=stream, highlight=False, soft_wrap=True, force_terminal=False, force_jupyter=False)
    return Console(file=stream, highlight=False, soft_wrap=True)
