"""What is kept one JSON line each, with the version of its form."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any, ClassVar, Self

from bench.support.frozen import Frozen

__all__ = ["JournalLine"]


class JournalLine(Frozen):
    """A line of a results file: `readable` are the versions of its form that this version of the harness reads, and
    `sealed` says whether it is kept with a seal (see `bench.results.seal`)."""

    readable: ClassVar[tuple[int, ...]]
    sealed: ClassVar[bool] = False

    schema_version: int

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with these fields changed. Pydantic copies cached properties along, which were computed from the old
        ones: here they are computed anew."""
        copied = super().model_copy(update=update, deep=deep)
        for name in _cached(type(self)):
            copied.__dict__.pop(name, None)
        return copied

    @property
    @abstractmethod
    def label(self) -> str:
        """What it is about, in a message."""

    def brought_up(self) -> Self:
        """The same in the newest form, where it is of an older one."""
        return self


@cache
def _cached(form: type[JournalLine]) -> tuple[str, ...]:
    return tuple(name for name, value in vars(form).items() if isinstance(value, cached_property))
