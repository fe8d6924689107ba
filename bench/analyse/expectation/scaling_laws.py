"""Laws that the references' published times show: a step's time goes as 1 / AI-Score, or as its arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from bench.analyse.expectation.evidence import Evidence, Source
from bench.analyse.expectation.handout_work import WORK
from bench.analyse.stats.proportional import LEVEL, Point, predict
from bench.host.names import card
from bench.host.peaks import datasheet_for
from bench.host.profile import HostProfile, PublishedTime
from bench.system.nvml import Reading

__all__ = ["by_card", "by_score", "is_arithmetic", "published_times"]

_FARTHEST: Final = 2.0
_ARITHMETIC: Final = 0.25

X = Callable[[HostProfile, str, int], float | None]
"""What times of a model and batch size are proportional to, on a host."""


def by_score(profile: HostProfile, references: Sequence[HostProfile], model: str, batch_size: int) -> Reading[Evidence]:
    """Step time × AI-Score is the same on every GPU, but for chance.

    A proportionality, since the score is a geometric mean of inverse times. Three references hardly test that: the
    slopes in logarithms are −1.41 ± 0.34 for VGG16 and −1.06 ± 0.71 for the simple CNN, standard errors with one
    degree of freedom, whose 95 % intervals (12.7 times as wide) hold anything from −5.8 to 3.0 and −10 to 8.0. Their
    constants scatter by 22 % (standard deviation over both networks), which makes the interval ×/÷ 1.5. Left out in
    turn, five of the six published times lie within what the other two hosts lead to expect.

    A card whose score isn't measured yet has that which is published for such a card.

    None for processors, which no reference is, and below half of the lowest reference's score. Above the highest one
    the upper end of a step that isn't mostly arithmetic stays where it is there: launches and Python bind that, and no
    faster card makes them faster.
    """
    if _kind(profile) == "cpu":
        return Reading(None, "every reference is a GPU, and this host computes on its processor")
    score, how = _score(profile, references)
    if score is None:
        return Reading(None, f"no AI-Score of {profile.id} is known; bench calibrate measures it")
    scores = [one.published.ai_score for one in references if one.published and one.published.ai_score]
    lowest, highest = min(scores, default=score), max(scores, default=score)
    if score < lowest / _FARTHEST:
        return Reading(None, f"its AI-Score of {score:,} is under half of any reference's ({lowest:,} and higher)")
    rests_on = f"AI-Score {score:,}, {how}"
    found = _evidence("score", rests_on, 1 / score, references, model, batch_size, _per_score)
    if score <= highest or is_arithmetic(references, model, batch_size):
        return found
    stays = _evidence("score", rests_on, 1 / highest, references, model, batch_size, _per_score).value
    return found.then(lambda one: replace(one, high=stays.high if stays else one.high))


def by_card(profile: HostProfile, references: Sequence[HostProfile], model: str, batch_size: int) -> Reading[Evidence]:
    """Step time × datasheet's float32 peak is the same on every GPU, but for chance, where a step `is_arithmetic`.

    On a card with TF32 the lower end is as much earlier as its peak is higher, since products may gain that and nothing
    else does. None for a card whose peak is more than twice, or less than half, that of any reference: what isn't
    arithmetic in a step doesn't go with it.
    """
    sheet = datasheet_for(profile)
    if _kind(profile) == "cpu":
        return Reading(None)
    if sheet is None:
        return Reading(None, f"no datasheet of the {profile.device} is known")
    if not is_arithmetic(references, model, batch_size):
        return Reading(None, f"too little of a step of {model} is arithmetic for its card to tell it")
    rests_on = f"datasheet of the {sheet.card}: {sheet.float32:g} TFLOP/s in float32"
    peaks = [known.float32 for host in references if (known := datasheet_for(host)) is not None]
    if not min(peaks) / _FARTHEST <= sheet.float32 <= max(peaks) * _FARTHEST:
        return Reading(None, f"the float32 peak of the {sheet.card} is too far from the references'")
    x = WORK[model].step_flops(batch_size) / (sheet.float32 * 1e12)
    found = _evidence("card", rests_on, x, references, model, batch_size, _at_peak)
    if found.value is None or found.value.low is None or found.value.high is None or not sheet.tf32:
        return found
    low, high = found.value.low * sheet.float32 / sheet.tf32, found.value.high
    rests_on = f"{found.value.rests_on}; {sheet.tf32:g} TFLOP/s in TF32"
    return Reading(Evidence("card", low, math.sqrt(low * high), high, rests_on))


def is_arithmetic(references: Sequence[HostProfile], model: str, batch_size: int) -> bool:
    """Would its arithmetic take a quarter of each reference's step at least, at the float32 peak of its card?

    It would of VGG16's (40 to 64 %) and not of the simple CNN's (3 to 4 %). False where that can be told of none.
    """
    shares = [
        seconds / (time.step_ms / 1e3)
        for host, time in published_times(references, batch_size, model)
        if (seconds := _at_peak(host, model, batch_size)) is not None
    ]
    return bool(shares) and min(shares) >= _ARITHMETIC


def published_times(
    references: Sequence[HostProfile], batch_size: int, model: str | None = None
) -> list[tuple[HostProfile, PublishedTime]]:
    """The references' times of the notebook's variant, of one model or of all."""
    return [
        (host, time)
        for host in references
        if host.published
        for time in host.published.times
        if (time.variant, time.batch_size) == ("notebook", batch_size) and model in (None, time.model)
    ]


def _evidence(
    source: Source, rests_on: str, x: float, references: Sequence[HostProfile], model: str, batch_size: int, of: X
) -> Reading[Evidence]:
    points: dict[str, list[Point]] = {}
    for host, time in published_times(references, batch_size):
        at = of(host, time.model, batch_size)
        if at is not None:
            rounded = 0.5e-3 if time.step_ms.is_integer() else 0.0
            points.setdefault(time.model, []).append(Point(at, time.step_ms / 1e3, rounded))
    own = points.pop(model, [])
    # what a card's arithmetic leaves unsaid of another network is of another size
    others = list(points.values()) if source == "score" else ()
    words = f"{rests_on}; {len(own)} published times, an {LEVEL * 100:.0f} % interval"
    return predict(x, own, others).then(lambda band: Evidence(source, band.low, band.middle, band.high, words))


def _per_score(host: HostProfile, _model: str, _batch_size: int) -> float | None:
    return 1 / host.published.ai_score if host.published and host.published.ai_score else None


def _at_peak(host: HostProfile, model: str, batch_size: int) -> float | None:
    """Seconds that a step's arithmetic takes at the float32 peak of the host's card."""
    sheet, work = datasheet_for(host), WORK.get(model)
    return work.step_flops(batch_size) / (sheet.float32 * 1e12) if sheet and work else None


def _score(profile: HostProfile, references: Sequence[HostProfile]) -> tuple[int | None, str]:
    """Its AI-Score, else what is published for this very card, and where that comes from."""
    full = profile.ai_benchmark.get("full")
    if profile.ai_score is not None:
        is_measured = full is not None and full.ai_score is not None
        return profile.ai_score, f"measured {full.date}" if full and is_measured else "published for its card"
    if profile.hardware is not None and not profile.hardware.mig:
        for one in references:
            if one.published and one.published.ai_score and card(one.device) == card(profile.device):
                return one.published.ai_score, f"published for {one.id}'s card"
    return None, ""


def _kind(profile: HostProfile) -> str:
    return profile.hardware.kind if profile.hardware else "gpu"
