"""What `bench tune` found, in words and tables."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from bench.analyse.tune.result import AccuracyCheck, Effect, Tuned
from bench.report.core.option_text import value_text
from bench.report.core.speedup_text import speedup_text
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT, significant, with_margin

__all__ = ["accuracy_text", "answer", "effects_table", "search_lines"]

_SAME = 0.01
"""An option that adds no more than this, either way, adds nothing that matters."""


def answer(found: Tuned) -> str:
    """The sentence: `simple_cnn on AMD EPYC: precision mixed_bfloat16 and xla on: 1.95 ± 0.05 times as fast as …`."""
    head = f"{found.model} on {found.device}"
    if found.best is None:
        return f"{head}: no candidate is faster than {found.baseline.name}{_and_learns(found)}{_still_open(found)}"
    changed = [f"{one.option} {value_text(one.option, one.value)}" for one in _changed(found)]
    options = f"{', '.join(changed[:-1])} and {changed[-1]}" if len(changed) > 1 else changed[0]
    ratio = found.ratio
    assert ratio is not None
    text = f"{head}: {options}: {speedup_text(ratio, mark=False)} times as fast as {found.baseline.name}"
    if found.confirmed is None:
        return f"{text}, by the figures that it was chosen for, which flatter it: it was not measured again"
    steps = found.confirmed.step_seconds
    shown = [_rate(found, name, steps[name]) for name in (found.best.name, found.baseline.name)]
    doubt = "" if ratio.low > 1 else "; that it is faster at all isn't sure"
    return f"{text} ({shown[0]} against {shown[1]}){doubt}"


def effects_table(found: Tuned) -> Table | None:
    """What each option of the best adds; None where nothing was confirmed."""
    if found.best is None or found.confirmed is None:
        return None
    effects = found.confirmed.effects
    notes = [
        Note(
            f"each option on against off, all others as the best has them, in {found.confirmed.rounds} "
            f"round{'s' if found.confirmed.rounds > 1 else ''} of fresh processes that had no part in the choice"
        ),
        Note("▲ faster with it, ▼ slower, = the same within 1 %, ? undecided; ± is half of a 95 % interval"),
    ]
    notes += [Note(f"{one.option}: {one.why}") for one in effects if one.why is not None]
    return Table(
        title=f"What each option adds — {found.model}",
        columns=(Heading("option"), Heading("best"), Heading(found.baseline.name), Heading("times as fast", "right")),
        rows=tuple(
            (one.option, value_text(one.option, one.value), value_text(one.option, one.otherwise), _ratio(one))
            for one in effects
        ),
        notes=tuple(notes),
    )


def search_lines(found: Tuned) -> Iterator[str]:
    """How it was found, and what became of the others."""
    measured, rungs = sum(bool(one.processes) for one in found.standings), len(found.rungs)
    yield (
        f"{measured} of {len(found.standings)} candidates measured in {rungs} rung{'s' if rungs > 1 else ''}, "
        f"{found.seconds.get('search', 0.0):.0f} s; {found.seconds['whole']:.0f} s in all, of {found.budget:.0f} s"
    )
    if found.known_before:
        known = len(found.known_before)
        yield f"it knew what results of before on this host say of {known} of them (--fresh: begin without)"
    for check in found.accuracy:
        yield accuracy_text(found, check)
    if found.best is not None and found.best.batch_size != found.baseline.batch_size:
        yield _scaling(found.best.batch_size / found.baseline.batch_size)
    for why, count in Counter(why for name, why in found.dropped.items() if name not in found.left_out).most_common():
        yield f"{count} dropped: {why}"
    for why, count in Counter(found.left_out.values()).most_common():
        yield f"{count} more combinations left out: {why}"


def accuracy_text(found: Tuned, check: AccuracyCheck) -> str:
    """What became of the held-out accuracy."""
    change = check.change
    if change is None or change.interval is None:
        why = check.why or (change.why if change is not None else None) or "its spread over seeds isn't known"
        return f"accuracy of {check.candidate} not judged: {why}"
    half = (change.interval.high - change.interval.low) / 2
    amount = with_margin(change.interval.value * 100, half * 100)
    verdict = {"worse": "surely worse", "better": "better"}.get(change.verdict or "", "not distinguishable")
    seeds = len(change.after)
    return (
        f"accuracy of {check.candidate} after {check.steps} steps with {seeds} seeds: {verdict}, {amount} points of "
        f"held-out accuracy against {found.baseline.name}"
    )


def _and_learns(found: Tuned) -> str:
    return " and learns as well" if any(one.refused for one in found.accuracy) else ""


def _still_open(found: Tuned) -> str:
    """How many may be, where time was too short to tell."""
    left = len({*found.rungs[-1].survive} - {found.baseline.name}) if found.rungs else len(found.standings) - 1
    if not left:
        return ""
    return f", as far as could be told: {left} of {len(found.standings)} may be, and a larger --budget would tell"


def _changed(found: Tuned) -> tuple[Effect, ...]:
    assert found.best is not None
    settings, before = found.best.settings, found.baseline.settings
    return tuple(
        Effect(name, settings[name], before[name], None) for name in settings if settings[name] != before[name]
    )


def _rate(found: Tuned, name: str, step_seconds: float) -> str:
    """Milliseconds a step; images a second where batch sizes differ."""
    assert found.best is not None
    if found.best.batch_size == found.baseline.batch_size:
        return f"{significant(step_seconds * 1e3)} ms/step"
    size = found.best.batch_size if name == found.best.name else found.baseline.batch_size
    return f"{significant(size / step_seconds)} {'images' if found.info is None else found.info.unit_of_examples}/s"


def _ratio(one: Effect) -> str:
    return ABSENT if one.ratio is None else speedup_text(one.ratio.within(_SAME))


def _scaling(factor: float) -> str:
    return (
        f"with batches {factor:g} times as large, multiply the learning rate: by {math.sqrt(factor):.3g} (square root, "
        f"suits Adam) or by {factor:g} (linear, suits SGD), and train as many epochs"
    )
