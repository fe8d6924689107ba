"""After how many epochs what is paid at the start comes back, as a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from bench.analyse.options.break_even import BreakEven, Span
from bench.report.core.footnotes import Footnotes
from bench.report.core.option_text import settings_text
from bench.report.core.row_names import row_names
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS

__all__ = ["break_even_table"]


def break_even_table(found: Sequence[BreakEven]) -> Table | None:
    """A row for each option that is paid for at the start; None where none is."""
    if not found:
        return None
    axes, names = row_names(
        ("model", "batch", "seed", "switched on", "together with"),
        ((*one.group, settings_text(one.changed), _company(one)) for one in found),
    )
    letters = Footnotes()
    return Table(
        title="When what is paid at the start comes back",
        columns=(
            *(Heading(axis) for axis in axes),
            Heading("more at the start, s", "right"),
            Heading("saved, ms/step", "right"),
            Heading("paid back"),
        ),
        rows=tuple(
            (*name, _cost(one), _saving(one), _answer(one, letters)) for name, one in zip(names, found, strict=True)
        ),
        notes=(
            *letters.notes(),
            Note(
                "more at the start: what the first step takes beyond a steady one (tracing, compiling, filling the "
                "cache), with it less without; where the cache fills in the first epoch, the most that this can cost; "
                "of one process each, so without an interval"
            ),
            Note("± and the brackets are 95 % intervals of the time a step takes; below 0 a step takes longer"),
            *_epochs(found),
        ),
    )


def _company(one: BreakEven) -> str:
    return settings_text(one.company) if one.company else ABSENT


def _cost(one: BreakEven) -> str:
    return ABSENT if one.cost_seconds is None else _signed(f"{one.cost_seconds:.2f}")


def _saving(one: BreakEven) -> str:
    return _signed(METRICS["step_seconds"].text_with_margin(one.saving.seconds, one.saving.margin_seconds))


def _answer(one: BreakEven, letters: Footnotes) -> str:
    match one.answer:
        case "never":
            return "never: no faster here"
        case "at once":
            return "at once: the start takes no longer"
        case "not known":
            return f"not known ({letters.marks([one.why or ''])})"
        case "no evidence":
            if one.steps is None or one.steps.low <= 1:
                return "no evidence that it ever is"
            epochs = f"{_epoch_text(one.epochs.low)} epochs, " if one.epochs is not None else ""
            earliest = f"{epochs}{_step_text(one.steps.low)} steps"
            return f"no evidence that it ever is; not before {earliest}"
        case _:
            assert one.steps is not None
            epochs = f"{_span(one.epochs, 'epochs', _epoch_text)}, " if one.epochs is not None else ""
            return f"after {epochs}{_span(one.steps, 'steps', _step_text)}"


def _span(span: Span, unit: str, text: Callable[[float | None], str]) -> str:
    return f"{text(span.value)} {unit} ({text(span.low)} to {text(span.high)})"


def _epoch_text(epochs: float | None) -> str:
    if epochs is None:
        return "∞"
    if epochs >= 10:
        return f"{epochs:,.0f}"
    return f"{epochs:.1f}" if epochs >= 1 else f"{max(0.01, epochs):.2f}"


def _step_text(steps: float | None) -> str:
    return "∞" if steps is None else f"{math.ceil(steps):,}"


def _signed(text: str) -> str:
    return text.replace("-", "−")


def _epochs(found: Iterable[BreakEven]) -> list[Note]:
    each = dict.fromkeys(
        f"{one.with_it.epoch_steps:,} steps: {one.with_it.workload.data.train_images:,} "
        f"{'images' if one.with_it.workload.data.element is None else 'examples'} in batches of {one.group[1]}"
        for one in found
        if one.with_it.epoch_steps is not None
    )
    return [Note(f"an epoch is {' or '.join(each)}")] if each else []
