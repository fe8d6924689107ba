"""Options whose effects depend on each other."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from bench.analyse.options.effects import OptionEffect
from bench.analyse.stats.ratio import Ratio, interval

__all__ = ["Interaction", "interactions"]


@dataclass(frozen=True)
class Interaction:
    """An option's effect alone and in company, and `ratio`: that in company over that alone, with 95 % interval."""

    alone: OptionEffect
    together: OptionEffect
    ratio: Ratio

    @property
    def there(self) -> bool:
        """Is it told from noise?"""
        return self.ratio.side != "not distinguishable"

    @property
    def words(self) -> str:
        """What the two options do to each other."""
        alone, together = self.alone.ratio.side, self.together.ratio.side
        if self.ratio.value < 1:
            if alone == "faster":
                return "the gain turns into a loss" if together == "slower" else "they overlap"
            return "they get in each other's way"
        if alone == "slower":
            return "the loss turns into a gain" if together == "faster" else "it costs less there"
        return "together they give more than each by itself would"


def interactions(effects: Iterable[OptionEffect]) -> tuple[Interaction, ...]:
    """Each effect in company held against the same alone; those that are `there` are told from noise.

    Effects multiply where options are independent, so that the difference of their logarithms is 0. The four
    workloads that an effect alone and one in company lie between are four different ones, and so the errors of the
    two are independent and add as squares. Of two options either may be called the other's company: the better known
    of both estimates is judged, lest one in twenty become one in ten. Both must have been measured in the same way,
    since turns taken on a busy day and records of a quiet one differ for other reasons too.
    """
    effects = tuple(effects)
    alone = {(e.group, e.option, _text(e.on)): e for e in effects if not e.company}
    best: dict[Hashable, Interaction] = {}
    for effect in effects:
        other = alone.get((effect.group, effect.option, _text(effect.on)))
        if not effect.company or other is None or effect.how != other.how:
            continue
        names = [(effect.option, _text(effect.on)), *((name, _text(value)) for name, value in effect.company.items())]
        # with three options and more, each has other company, and an interaction of its own
        key = (effect.group, frozenset(names), effect.option if len(names) > 2 else None)
        found = Interaction(other, effect, _over(effect.ratio, other.ratio))
        if key not in best or _width(found.ratio) < _width(best[key].ratio):
            best[key] = found
    return tuple(best.values())


def _over(one: Ratio, other: Ratio) -> Ratio:
    return interval(one.value / other.value, math.hypot(_width(one), _width(other)) / 2)


def _width(ratio: Ratio) -> float:
    return math.log(ratio.high / ratio.low)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
