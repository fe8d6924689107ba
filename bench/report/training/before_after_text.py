"""What is said of one trained cell beside another, whatever table it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.analyse.stats.processes import Mean
from bench.analyse.stats.ratio import Refusal
from bench.analyse.training.before_after import BeforeAfter
from bench.analyse.training.change import Change
from bench.analyse.training.seeds import Repeats
from bench.report.core.change_text import PRICE, change_text, mean_text
from bench.report.core.columns import SYNTHETIC
from bench.report.core.speedup_text import speedup_text
from bench.report.core.table import Note
from bench.report.training.settings import setting_of, setting_title
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS

__all__ = ["before_after_notes", "changed_text", "faster_text", "marked_change", "side_text", "step_text"]

_MOST_CHANGED = 4


def changed_text(one: BeforeAfter) -> str:
    """The settings of the second side that aren't the first's: `xla on, batch 64`."""
    texts = []
    for each in one.differs:
        setting = setting_of(each.name)
        value = setting.text(one.after.first) if setting else each.after
        texts.append(f"{setting_title(each.name)} {value}")
    return (", ".join(texts[:_MOST_CHANGED]) + (", …" if len(texts) > _MOST_CHANGED else "")) or ABSENT


def step_text(mean: Mean | None) -> str:
    """Milliseconds a step and the margin of the windows."""
    if mean is None:
        return ABSENT
    return METRICS["step_seconds"].text_with_margin(mean.step_seconds, mean.margin * mean.step_seconds)


def faster_text(one: BeforeAfter) -> str:
    """How many times as fast the second side is, with a warning where that has its price."""
    if isinstance(one.step, Refusal):
        return ABSENT
    return speedup_text(one.step) + (f" {PRICE}" if one.at_a_price else "")


def side_text(change: Change, side: Repeats, *, after: bool) -> str:
    """A figure of one side, its seeds together."""
    return mean_text(change.name, change.after if after else change.before, side.synthetic)


def marked_change(one: BeforeAfter, change: Change) -> str:
    """The change, with a warning where it is the price of speed."""
    text = change_text(change)
    return f"{text} {PRICE}" if text and one.at_a_price and change.name == one.judged else text


def before_after_notes(found: Sequence[BeforeAfter]) -> Iterator[Note]:
    """What marks and margins mean, and why some changes have none."""
    changes = [change for one in found for change in one.changes]
    yield Note(
        f"▲ better, ▼ worse, = as fast within the share that counts as the same, ? undecided, ≈ not distinguishable, "
        f"{PRICE} faster and less accurate"
    )
    yield Note(
        "± at ms/step is half of a 95 % interval over windows, at times as fast also over the spread of processes"
    )
    if any(len(set(values)) > 1 for change in changes for values in (change.before, change.after)):
        yield Note("± at another figure is its standard deviation over seeds")
    if any(change.interval for change in changes):
        yield Note(
            "± at a change of accuracy is half of its 95 % interval over the seeds (Welch's), which its mark goes by"
        )
    if any(change.value for change in changes if change.is_difference):
        yield Note("accuracy changes by points: per cent of the images")
    for why in dict.fromkeys(change.why for change in changes if change.why):
        yield Note(why, SYNTHETIC) if "synthetic" in why else Note(f"changes without a mark – {why}")
