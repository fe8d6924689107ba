"""What each setting does to accuracy, as a table: cells that differ in it alone."""

from __future__ import annotations

from collections.abc import Sequence

from bench.analyse.training.effects import Effect, Level
from bench.report.core.change_text import gain_text, interval_text
from bench.report.core.columns import SYNTHETIC
from bench.report.core.row_names import row_names
from bench.report.core.speedup_text import ALIKE, MARKS
from bench.report.core.table import Heading, Note, Table
from bench.report.training.effects_text import effect_sentence, effect_title, level_text
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS

__all__ = ["effects_table", "shown_effects"]

_MARKS = {"above": MARKS["faster"], "below": MARKS["slower"], "around": ALIKE}


def shown_effects(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Those with a place of their own: what changes the speed alone is told of in a note, and stands in the table
    before and after."""
    return tuple(one for one in effects if not one.speed_only)


def effects_table(effects: Sequence[Effect], host: str) -> Table | None:
    """Of the effects that a suite shows on the host of this label; None where no setting but such for speed varies."""
    shown = shown_effects(effects)
    if not shown:
        return None
    metric = METRICS[shown[0].metric]
    axes, names = row_names(
        ("setting", "value"), ((effect_title(one), _value(one, level)) for one in shown for level in one.levels)
    )
    rows = [_row(one, level) for one in shown for level in one.levels]
    return Table(
        title=f"What each choice does to accuracy — {host}",
        columns=(
            *(Heading(axis) for axis in axes),
            Heading("seeds", "right"),
            Heading(metric.heading, "right"),
            Heading("95 % interval", "right"),
            Heading("points beside the base", "right"),
            Heading(METRICS["training_seconds"].heading, "right"),
        ),
        rows=tuple((*name, *row) for name, row in zip(names, rows, strict=True)),
        notes=(
            *(Note(effect_sentence(one)) for one in shown),
            *_alone(effects),
            *_elsewhere(shown),
            *_legends(shown),
        ),
    )


def _value(effect: Effect, level: Level) -> str:
    text = level_text(effect, level)
    return f"{text} (base)" if level is effect.base else text


def _row(effect: Effect, level: Level) -> tuple[str, ...]:
    metric = METRICS[effect.metric]
    interval, gain = level.interval, ""
    if level is not effect.base:
        gain = ABSENT if level.gain is None else gain_text(level.gain, level.gain_interval)
        if level.gain_interval is not None:
            gain += f" ({interval_text(level.gain_interval)}) {_MARKS[level.gain_interval.side]}"
    shown = ABSENT
    if interval is not None:
        shown = f"{metric.text(max(0.0, interval.low))} to {metric.text(min(1.0, interval.high))}"
    mean = ABSENT
    if level.values:
        synthetic = any(record.accuracy is not None and record.accuracy.synthetic for record in level.records)
        mean = metric.text(sum(level.values) / len(level.values)) + SYNTHETIC * synthetic
    seconds = ABSENT if level.seconds is None else METRICS["training_seconds"].text(level.seconds)
    return (str(len(level.records)), mean, shown, gain, seconds)


def _alone(effects: Sequence[Effect]) -> list[Note]:
    idle = [effect_sentence(one) for one in effects if one.speed_only]
    return [Note(f"options that change the speed alone, where they differ alone – {'. '.join(idle)}")] if idle else []


def _elsewhere(shown: Sequence[Effect]) -> list[Note]:
    told = [f"{effect_title(one)} {one.elsewhere}" for one in shown if one.elsewhere]
    if not told:
        return []
    what = "each is told where the other settings are the suite's usual ones; combinations of others in which it varies"
    return [Note(f"{what} too: {', '.join(told)} (see Training)")]


def _legends(shown: Sequence[Effect]) -> list[Note]:
    metric = METRICS[shown[0].metric]
    equal = "everything else is equal in the rows of a setting"
    if any(one.setting == "classes" for one in shown):
        equal += "; with other classes the number of training images is another too"
    if any(one.setting == "optimizer" for one in shown):
        equal += "; an optimizer comes with the rate that is named beside it, or with its own"
    notes = [Note(equal), Note(f"{metric.title} – {metric.legend}")]
    if any(level.interval for one in shown for level in one.levels):
        notes.append(Note("95 % interval – of the mean, over the seeds (Student's t); none of one seed"))
    if any(level.gain_interval for one in shown for level in one.levels):
        text = (
            "▲ more accurate than the base, ▼ less, ≈ not distinguishable: by the 95 % interval in brackets (Welch's)"
        )
        notes.append(Note(f"{text}; of settings that do nothing one in twenty gets a mark by chance"))
    if any(one.synthetic for one in shown):
        notes.append(Note("images are synthetic: accuracies don't hold for real ones, and aren't compared", SYNTHETIC))
    return notes
