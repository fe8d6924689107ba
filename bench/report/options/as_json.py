"""What options give, as plain values for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bench.analyse.options.break_even import BreakEven, Span
from bench.analyse.options.effects import Group, OptionEffect
from bench.analyse.options.measured_options import WorkKey, work_key
from bench.analyse.options.summary import gains
from bench.analyse.speedup.standings import Standings
from bench.results.pair import Pair
from bench.results.query import Identity, identity
from bench.results.record import Record

__all__ = ["gain_fields"]


def gain_fields(
    records: Sequence[Record], pairs: Iterable[Pair], standings: Standings
) -> dict[Identity, dict[str, Any]]:
    """`option_effects` and `break_even` of each of one suite's cells on one host.

    `option_effects` are those of the options that are on in the cell, with all of its others on too: `speedup` is how
    many times as fast it is with the option on, `rounds` of two processes in turns (null: of two records). `break_even`
    has `cost_seconds` more at the start, what a step saves, and the steps and epochs after which that is paid back;
    a null as one of their bounds stands for never, `why` says what isn't known.
    """
    found = gains(records, pairs, standings)
    effects: dict[tuple[Group, WorkKey], list[dict[str, Any]]] = {}
    for effect in found.effects:
        effects.setdefault((effect.group, effect.with_it.key), []).append(_effect(effect))
    even: dict[tuple[Group, WorkKey], list[dict[str, Any]]] = {}
    for one in found.break_evens:
        even.setdefault((one.group, one.with_it.key), []).append(_break_even(one))
    fields = {}
    for record in records:
        key = (record.model, record.batch_size, record.seed), work_key(record.workload)
        fields[identity(record)] = {"option_effects": effects.get(key, []), "break_even": even.get(key, [])}
    return fields


def _effect(effect: OptionEffect) -> dict[str, Any]:
    return {
        "option": effect.option,
        "on": effect.on,
        "off": effect.off,
        "together_with": effect.company,
        "speedup": effect.ratio.value,
        "speedup_low": effect.ratio.low,
        "speedup_high": effect.ratio.high,
        "verdict": effect.ratio.verdict,
        "rounds": effect.rounds,
    }


def _break_even(one: BreakEven) -> dict[str, Any]:
    return {
        "switched_on": one.changed,
        "together_with": one.company,
        "answer": one.answer,
        "why": one.why,
        "cost_seconds": one.cost_seconds,
        "saving_seconds": one.saving.seconds,
        "saving_seconds_low": one.saving.low,
        "saving_seconds_high": one.saving.high,
        **_span("steps", one.steps),
        **_span("epochs", one.epochs),
    }


def _span(name: str, span: Span | None) -> dict[str, float | None]:
    value, low, high = span or (None, None, None)
    return {name: value, f"{name}_low": low, f"{name}_high": high}
