"""The view of pairs: two cells measured interleaved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any, Literal, NamedTuple

from bench.database.column import Column, View
from bench.results.bounded import moment_of
from bench.results.pair import Pair
from bench.results.window_stats import mean_step_seconds

__all__ = ["PAIRS", "StoredPair"]


class StoredPair(NamedTuple):
    """A pair, and the file and line that it lies in."""

    file: str
    line: int
    found: Pair


def _field(name: str) -> Callable[[StoredPair], Any]:
    return lambda stored: getattr(stored.found, name)


def _plain(name: str, about: str) -> Column[StoredPair]:
    return Column(name, "VARCHAR", about, _field(name))


def _step(side: Literal["a", "b"]) -> Callable[[StoredPair], float | None]:
    return lambda stored: mean_step_seconds(getattr(one, side) for one in stored.found.rounds)


def _ratio(stored: StoredPair) -> float | None:
    a, b = _step("a")(stored), _step("b")(stored)
    return b / a if a and b else None


def _side(side: Literal["a", "b"], name: str) -> Callable[[StoredPair], Any]:
    return lambda stored: getattr(getattr(stored.found, side), name)


def _of_side(side: Literal["a", "b"]) -> tuple[Column[StoredPair], ...]:
    return (
        Column(side, "VARCHAR", f"id of the cell on side {side}", _side(side, "cell")),
        Column(f"{side}_model", "VARCHAR", "its model", _side(side, "model")),
        Column(f"{side}_variant", "VARCHAR", "its variant", _side(side, "variant")),
        Column(f"{side}_batch_size", "BIGINT", "examples in a batch of it", _side(side, "batch_size")),
        Column(f"{side}_step_seconds", "DOUBLE", "step time, the mean of the rounds' logarithms", _step(side), "s"),
    )


PAIRS: View[StoredPair] = View(
    "pairs",
    "two cells measured interleaved: by bench ab, or one option on and off",
    (
        Column("file", "VARCHAR", "its file, under results/", lambda one: one.file),
        Column("line", "INTEGER", "its line there, from 1", lambda one: one.line),
        _plain("host", "id of the machine"),
        _plain("team", "whose it is; null: its tree had no owner"),
        _plain("suite", "name of the suite"),
        _plain("purpose", "ab: asked for; option: one option on (a) and off (b); noise: a cell against itself"),
        _plain("option", "the option that is on in a and off in b"),
        Column(
            "started",
            "TIMESTAMP",
            "when it was started, in UTC",
            lambda one: moment_of(one.found.started).astimezone(UTC).replace(tzinfo=None).isoformat(" "),
        ),
        _plain("status", "how it ended: ok, failed, out_of_memory, timed_out, crashed"),
        *_of_side("a"),
        *_of_side("b"),
        Column("rounds", "BIGINT", "rounds of two fresh processes each", lambda one: len(one.found.rounds)),
        Column("speedup", "DOUBLE", "times as fast as b: step time of b over that of a; without its interval", _ratio),
        Column("same_within", "DOUBLE", "the share within which both count as the same", _field("same_within")),
    ),
)
