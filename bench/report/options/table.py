"""Each option of a suite's variants on against off, as a table."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analyse.options.effects import OptionEffect, Unmeasured
from bench.analyse.options.interactions import Interaction
from bench.analyse.options.summary import Gains
from bench.report.core.footnotes import Footnotes
from bench.report.core.option_text import settings_text, value_text
from bench.report.core.row_names import group_titles, row_names
from bench.report.core.speedup_text import speedup_text
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT, significant
from bench.suite.options import Options

__all__ = ["option_table"]

_ASK = "attribute: true in the suite measures each option of a variant on against off, as a pair"

_HOW = {
    (True, False): "as a pair: two processes at a time, interleaved; ± is half of a 95 % interval over the rounds",
    (
        False,
        False,
    ): "in the suite's rounds: from two rows of its table, whose processes were interleaved with all of them",
    (False, True): "one after the other: from two rows of the suite's table; ± is half of a 95 % interval over their "
    f"windows and the spread between processes. {_ASK}, and so more finely",
}
"""What is said of each way to measure an option."""


def option_table(gains: Gains) -> Table | None:
    """A row for each option, value and company of other options; None where there is nothing to show.

    What isn't known of a variant's options has a row too, and says so.
    """
    shown = _ordered([*gains.effects, *gains.unmeasured])
    if not shown:
        return None
    axes, names = row_names(("model", "batch", "seed", "option", "on", "off", "together with"), map(_names, shown))
    ways = {one.how for one in gains.effects}
    letters = Footnotes()
    rows = tuple(
        (*name, _figure(one, letters), *([_measured(one)] if len(ways) > 1 else []))
        for name, one in zip(names, shown, strict=True)
    )
    titles = group_titles(one.group for one in shown)
    return Table(
        title="Each option on against off",
        columns=(
            *(Heading(axis) for axis in axes),
            Heading("times as fast with it on", "right"),
            *([Heading("measured")] if len(ways) > 1 else []),
        ),
        rows=rows,
        notes=(
            *(_interaction(one, titles[one.alone.group]) for one in gains.interactions if one.there),
            *letters.notes(),
            *_legends(gains),
        ),
    )


def _ordered(shown: list[OptionEffect | Unmeasured]) -> list[OptionEffect | Unmeasured]:
    groups = {group: place for place, group in enumerate(dict.fromkeys(one.group for one in shown))}
    options = {name: place for place, name in enumerate(Options.model_fields)}
    return sorted(
        shown,
        key=lambda one: (
            groups[one.group],
            options.get(one.option, len(options)),
            str(one.on),
            len(one.company),
            settings_text(one.company) if one.company else "",
        ),
    )


def _names(one: OptionEffect | Unmeasured) -> tuple[object, ...]:
    on, off = value_text(one.option, one.on), value_text(one.option, one.off)
    return (*one.group, one.option, on, off, settings_text(one.company) if one.company else ABSENT)


def _figure(one: OptionEffect | Unmeasured, letters: Footnotes) -> str:
    if isinstance(one, Unmeasured):
        return f"not measured ({letters.marks([one.why or _ASK])})"
    return speedup_text(one.ratio)


def _measured(one: OptionEffect | Unmeasured) -> str:
    if isinstance(one, Unmeasured):
        return ABSENT
    if one.rounds is not None:
        return f"as a pair, {one.rounds} rounds"
    return "one after the other" if one.apart else "in the suite's rounds"


def _interaction(one: Interaction, title: str) -> Note:
    alone, together, less = one.alone, one.together, one.ratio
    return Note(
        f"{title}: {settings_text({alone.option: alone.on})} gives "
        f"{significant(alone.ratio.value)} × alone but {significant(together.ratio.value)} × together with "
        f"{settings_text(together.company)}: {one.words} ({significant(less.value)} times as much, "
        f"{significant(less.low)} to {significant(less.high)})"
    )


def _legends(gains: Gains) -> Iterator[Note]:
    if not gains.effects:
        return
    yield Note(f"▲ faster with the option on, ▼ slower, = the same within {gains.same_within * 100:g} %, ? undecided")
    yield Note(f"together with: other options that were on too, with it and without; {ABSENT} none: alone")
    if gains.interactions and not any(one.there for one in gains.interactions):
        yield Note("no evidence that an option gives more or less together with others than alone")
    for how in dict.fromkeys(one.how for one in gains.effects):
        yield Note(_HOW[how])
