"""Windows of a process, and how they lie beside those of others."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Annotated, Any, NamedTuple

from pydantic import Field, GetCoreSchemaHandler, GetPydanticSchema
from pydantic_core import CoreSchema, core_schema

from bench.results.bounded import Count, Name, Positive, Text
from bench.support.frozen import Frozen

__all__ = ["Discarded", "Turns", "Window", "Windows"]


class Window(NamedTuple):
    """Consecutive steps timed together between two device synchronisations."""

    steps: int
    seconds: float

    @property
    def step_seconds(self) -> float:
        return self.seconds / self.steps


_window = partial(tuple.__new__, Window)
"""A window of its two numbers: a fifth of the time that `Window` itself takes, and records have a hundred of them."""


def _windows(pairs: Iterable[tuple[int, float]]) -> tuple[Window, ...]:
    return tuple(map(_window, pairs))


def _of_pairs(_: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    return core_schema.no_info_after_validator_function(_windows, handler(tuple[tuple[int, float], ...]))


Windows = Annotated[tuple[Window, ...], GetPydanticSchema(_of_pairs)]
"""Windows in the order in which they were measured; impossible ones are told by `bench.results.window_stats`."""


class Turns(Frozen):
    """Which of a run's processes gave a record, and how its windows lie beside those of others.

    Processes of one `run`, `round` and `group` took turns: the first `length` windows of each were measured in the
    first cycle, the next ones in the second, and so on. `place` is that in the order of starting; all orders were drawn
    with `seed`.
    """

    run: Name
    round: Positive
    group: Positive
    place: Positive
    cells: Positive = Field(description="how many took turns")
    length: Positive = Field(description="windows in a turn")
    seed: Count


class Discarded(Frozen):
    """A cycle, counted from 0, whose windows no figure is computed from, in any process of its group, and why not."""

    cycle: Count
    reason: Text
