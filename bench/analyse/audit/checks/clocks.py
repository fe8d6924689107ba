"""A record's several clocks: windows, stages, the first step and the whole were timed apart, and belong together."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analyse.audit.declaration import AuditKind, Doubt, check
from bench.host.profile import HostProfile
from bench.results.record import Record
from bench.results.window_stats import totals

__all__ = ["clocks"]

CLOCKS = AuditKind("clocks", "windows, stages, first step and the whole, each timed by itself, don't go together")
_ROUNDING = 1e-6
_ALONE = 1.02
_ALONE_LEAST = 0.05
"""Seconds: between windows that no other process's turn lies between, there is next to nothing."""
_WHOLE = 0.5
"""Seconds that the parent's clock, which sees the process start and end, may be behind the process's own."""


@check(CLOCKS)
def clocks(record: Record, _: HostProfile | None) -> Iterator[Doubt]:
    """`clocks`: the sum of its windows, its stages, its first step and its whole time contradict each other."""
    found = totals(record.windows)
    if found is None or not record.counts:
        return
    steps, seconds = found
    stage, whole = record.stages.get("windows"), record.values.get("seconds")
    if stage is not None:
        if seconds > stage * (1 + _ROUNDING):
            yield CLOCKS.impossible(f"its windows take {seconds:.4g} s together, and the stage they lie in {stage:.4g}")
        alone = record.turns is None or record.turns.cells == 1
        if alone and stage > seconds * _ALONE + _ALONE_LEAST:
            evidence = f"its windows fill {seconds:.4g} s of the {stage:.4g} that they took without others between them"
            yield CLOCKS.odd(evidence, "certain")
    if whole is not None and seconds > whole + _WHOLE:
        yield CLOCKS.impossible(f"its windows take {seconds:.4g} s together, and the whole cell {whole:.4g}")
    if whole is not None and (staged := sum(record.stages.values())) > whole * 1.01 + _WHOLE:
        yield CLOCKS.impossible(f"its stages take {staged:.4g} s together, and the whole cell {whole:.4g}")
    yield from _first(record, seconds / steps)


def _first(record: Record, step_seconds: float) -> Iterator[Doubt]:
    """Compile time is the first execution less a steady one, computed as the record is made."""
    first, compiled = record.values.get("first_step_seconds"), record.values.get("compile_seconds")
    stage = record.stages.get("first step")
    if first is not None and stage is not None and abs(first - stage) > _ROUNDING * stage:
        yield CLOCKS.odd(f"its first step takes {first:.6g} s in one place and {stage:.6g} in another", "certain")
    if first is None or not compiled:
        return
    told = (first - compiled) / record.options.steps_per_execution
    off = told / step_seconds - 1
    if abs(off) > 1e-4:
        evidence = (
            f"its first step and compile time leave {told * 1e3:.5g} ms a step, its windows {step_seconds * 1e3:.5g}"
        )
        yield CLOCKS.odd(evidence, "certain")
