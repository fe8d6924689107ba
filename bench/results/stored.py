"""What is kept one JSON line each, with the version of its form."""

from __future__ import annotations

from typing import ClassVar, Self

from bench.values import Frozen

__all__ = ["Stored"]


class Stored(Frozen):
    """A line of a results file: `readable` are the versions of its form that this version of the harness reads."""

    readable: ClassVar[tuple[int, ...]]

    schema_version: int

    @property
    def label(self) -> str:
        """What it is about, in a message."""
        raise NotImplementedError

    def brought_up(self) -> Self:
        """The same in the newest form, where it is of an older one."""
        return self
