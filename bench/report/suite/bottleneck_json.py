"""What holds a record's step back, as plain values for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.analyse.bottleneck.breakdown import Attributed, attribute
from bench.analyse.bottleneck.text import words
from bench.analyse.options.advice import advice
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.ratio import Refusal
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.host.hardware import Hardware
from bench.results.record import Record

__all__ = ["attribution_fields"]


def attribution_fields(
    record: Record,
    hardware: Hardware | None,
    others: Sequence[Record],
    standings: Standings | None = None,
    spread: Spread = UNMEASURED,
) -> dict[str, Any] | None:
    """The verdict, its words, seconds a step of each loop with their 95 % intervals, shares of the step (0..1) and the
    option to try next. A share that is 0 because it isn't distinguishable from none has an `…_at_most`. `refused` says
    why there are none. None for a record without loops.
    """
    if record.attribution is None:
        return None
    found = attribute(record, spread)
    if isinstance(found, Refusal):
        return {"refused": str(found)}
    return _fields(found) | {"advice": _advice(record, found, hardware, others, standings)}


def _fields(found: Attributed) -> dict[str, Any]:
    fields: dict[str, Any] = {"verdict": found.verdict, "words": words(found)}
    for name in ("pipeline", "step", "device"):
        figure = getattr(found, name)
        fields |= {
            f"{name}_seconds": figure and figure.step_seconds,
            f"{name}_seconds_low": figure and figure.low,
            f"{name}_seconds_high": figure and figure.high,
        }
    shares = ("compute_share", "host_share", "input_share", "unexplained_share", "host_at_most", "input_at_most")
    return fields | {"device_steps_per_execution": found.execution} | {name: getattr(found, name) for name in shares}


def _advice(
    record: Record, found: Attributed, hardware: Hardware | None, others: Sequence[Record], standings: Standings | None
) -> dict[str, Any] | None:
    tip = advice(record, found, hardware, others, standings)
    return None if tip is None else asdict(tip)
