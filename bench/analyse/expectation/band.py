"""What the handout's cell should take on a host: a band in seconds, and how far a time lies from its middle.

The model, from the references' published times (`hosts/*.yaml`) and what is known of the host:

- **score**: on GPUs a step's time goes as 1 / AI-Score, its own or that published for its card
  (`bench.analyse.expectation.scaling_laws`);
- **card**: a step that is mostly arithmetic goes as its operations over the datasheet's float32 peak (there too);
- **roofs**: no step is shorter than its operations, its memory traffic or `fit` around nothing take on this machine,
  and none that is well takes much longer than all three one after the other (`bench.analyse.expectation.roofline`).

Each gives a lower end, an upper end or both. The band is where all agree. Where nothing is left of it they contradict
each other: then the band holds them all, and `Expectation.agree` is false, which is worth a look by itself.

What it can't know: the references are Pascal and Turing cards with the TensorFlow of their day, float32 without TF32,
in machines with processors of their own. So of a step that is mostly arithmetic, on a card with TF32, the score's lower
end counts only where there is no other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bench.analyse.expectation.evidence import Evidence
from bench.analyse.expectation.roofline import by_roofs
from bench.analyse.expectation.scaling_laws import by_card, by_score, is_arithmetic
from bench.host.peaks import datasheet_for
from bench.host.profile import HostProfile
from bench.host.roofs import VGG16_ROOFS
from bench.system.nvml import Reading

__all__ = ["BATCH_SIZE", "Expectation", "expected", "published_residual", "residual"]

BATCH_SIZE = 128
"""The handout's."""

_NARROWEST = 1e-6
_NO_MIDDLE = "no law gives this band a middle"


@dataclass(frozen=True)
class Expectation:
    """Seconds a step, `low`..`high` and most likely `middle`, of the notebook's variant of `model` on a host.

    `middle` is None where no law tells it: roofs alone are a floor and a ceiling that is assumed, and nothing between.
    `evidence` is what it rests on; does all of it `agree`? `sharper` is the command that would narrow the band, None
    where none would.
    """

    model: str
    batch_size: int
    low: float
    middle: float | None
    high: float
    evidence: tuple[Evidence, ...]
    agree: bool = True
    sharper: str | None = None

    @property
    def deciding(self) -> tuple[Evidence, ...]:
        """The grounds that set an end of the band."""
        return tuple(one for one in self.evidence if one.low == self.low or one.high == self.high)

    @property
    def contradicting(self) -> tuple[Evidence, ...]:
        """Two grounds of which one ends before the other begins; none where all agree."""
        for one in self.evidence:
            for other in self.evidence:
                if one.high is not None and other.low is not None and one.high < other.low:
                    return one, other
        return ()


def expected(
    profile: HostProfile, references: Iterable[HostProfile], model: str, batch_size: int = BATCH_SIZE
) -> Reading[Expectation]:
    """What `model` should take on the host of `profile`, or why nothing can be expected.

    Of `references` those count that carry published times; for the time that was published for a host leave out that
    host, as `published_residual` does.

    >>> expected(profile, profiles, "vgg16").value.high
    0.0701
    """
    if profile.hardware is None and profile.published is None:
        return Reading(None, f"hosts/{profile.id}.yaml doesn't say what machine that is; bench calibrate does, on it")
    known = [one for one in references if one.published]
    readings = (
        by_score(profile, known, model, batch_size),
        by_card(profile, known, model, batch_size),
        by_roofs(profile, known, model, batch_size),
    )
    gains = _has_tf32(profile) and is_arithmetic(known, model, batch_size)
    found = _with_tf32([one.value for one in readings if one.value is not None], gains)
    lows = [one.low for one in found if one.low is not None]
    highs = [one.high for one in found if one.high is not None]
    if not lows or not highs:
        return Reading(None, "; ".join(dict.fromkeys(one.reason for one in readings if one.reason)))
    agree = max(lows) <= min(highs)
    # two that contradict each other may have one end each
    low, high = (max(lows), min(highs)) if agree else (min(*lows, *highs), max(*lows, *highs))
    middle = _middle(found, low, high)
    return Reading(Expectation(model, batch_size, low, middle, high, found, agree, _sharper(profile)))


def residual(expectation: Reading[Expectation], step_seconds: float) -> Reading[float]:
    """By what share of the expected middle a time lies above it or, where negative, below."""
    one = expectation.value
    if one is None:
        return Reading(None, expectation.reason)
    if one.middle is None:
        return Reading(None, _NO_MIDDLE)
    return Reading(step_seconds / one.middle - 1)


def published_residual(
    profile: HostProfile, profiles: Iterable[HostProfile], model: str, batch_size: int = BATCH_SIZE
) -> Reading[float]:
    """The residual of the time published for `profile`, of what the *other* references lead to expect of its card."""
    times = profile.published.times if profile.published else ()
    ours = [one for one in times if (one.model, one.batch_size, one.variant) == (model, batch_size, "notebook")]
    if not ours:
        return Reading(None, f"no time of {model} is published for {profile.id}")
    others = [one for one in profiles if one.id != profile.id]
    as_published = HostProfile(id=profile.id, label=profile.label, published=profile.published)
    return residual(expected(as_published, others, model, batch_size), ours[0].step_ms / 1e3)


def _with_tf32(found: Sequence[Evidence], gains: bool) -> tuple[Evidence, ...]:
    """The grounds of a step that TF32 `gains` on, or not: the score's lower end is of cards without."""
    if not gains or not any(one.low is not None for one in found if one.source != "score"):
        return tuple(found)
    return tuple(replace(one, low=None, middle=None) if one.source == "score" else one for one in found)


def _middle(found: Sequence[Evidence], low: float, high: float) -> float | None:
    """The mean of the grounds' own middles, in logarithms and weighted by the inverse squares of their widths, or the
    end of the band that lies nearer to it; None where no law has one."""
    if not any(one.middle is not None for one in found if one.source != "roofs"):
        return None
    total = weights = 0.0
    for one in found:
        if one.middle is not None and one.low is not None and one.high is not None:
            weight = max(math.log(one.high / one.low), _NARROWEST) ** -2
            total, weights = total + weight * math.log(one.middle), weights + weight
    return min(max(math.exp(total / weights), low), high)


def _has_tf32(profile: HostProfile) -> bool:
    sheet = datasheet_for(profile)
    return bool(profile.hardware and profile.hardware.supports_tf32) or bool(sheet and sheet.tf32)


def _sharper(profile: HostProfile) -> str | None:
    """The command that would narrow the band of this host."""
    hardware = profile.hardware
    if hardware is None:
        return None
    if hardware.kind == "gpu" and "full" not in profile.ai_benchmark:
        return "bench calibrate"
    whole = {"device_bandwidth", "launch_latency"} <= set(profile.roofs)
    own = any(name in profile.roofs for name in VGG16_ROOFS.values())
    return None if whole and own else "bench calibrate --roofs"
