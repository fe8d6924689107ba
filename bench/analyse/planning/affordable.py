"""What can be trained of a network within a budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.analyse.efficiency import SECONDS_AN_HOUR
from bench.analyse.planning.amount import Amount
from bench.analyse.planning.budget import Budget
from bench.analyse.planning.needs import GRAMS_A_KG, JOULES_A_KWH, cost_absent
from bench.analyse.planning.pace import Pace
from bench.analyse.stats.samples import mean_interval
from bench.analyse.training.accuracy import image_step
from bench.host.profile import HostProfile
from bench.results.record import Record
from bench.system.nvml import Reading

__all__ = ["Affordable", "affordable", "seconds_of"]

_SCARCELY = "the budget is spent before its first epoch ends"


@dataclass(frozen=True)
class Affordable:
    """Images and epochs that the budget pays for, and the share (0..1) of held-out images that was classified
    correctly after so many epochs. Each an amount, or the reason for its absence."""

    images: Reading[Amount]
    epochs: Reading[Amount]
    accuracy: Reading[Amount]
    notes: tuple[str, ...] = ()


def seconds_of(budget: Budget, profile: HostProfile) -> Reading[float]:
    """Seconds that the budget pays for on the host of `profile`, where it is one of time, quota or money."""
    match budget.kind:
        case "time":
            return Reading(budget.amount)
        case "quota":
            return Reading(budget.amount) if profile.quota else Reading(None, cost_absent(profile, "quota"))
        case "money":
            price = profile.price
            if price is None:
                return Reading(None, cost_absent(profile, "price"))
            if price.currency != budget.currency:
                why = f"{profile.id} is paid in {price.currency}, and no rates of exchange are known here"
                return Reading(None, why)
            return Reading(budget.amount / price.per_hour * SECONDS_AN_HOUR)
    return Reading(None, "a budget of energy buys as much time as a network takes it slowly")


def affordable(budget: Budget, pace: Pace, trained: Sequence[Record], profile: HostProfile) -> Affordable:
    """What `budget` pays for at that pace on the host of `profile`; `trained` are trainings, which show how accurate
    so many epochs make it."""
    if budget.kind in ("energy", "co2"):
        images, epochs = _by_energy(budget, pace, profile)
    else:
        images, epochs = _by_time(seconds_of(budget, profile), pace)
    noted = () if pace.epoch_note is None else (pace.epoch_note,)
    accuracy, more = _reached(epochs, trained)
    others = dict.fromkeys(f"accuracy is of trainings on {one.host}" for one in trained if one.host != profile.id)
    return Affordable(images, epochs, accuracy, (*noted, *more, *(others if accuracy.value is not None else ())))


def _by_time(seconds: Reading[float], pace: Pace) -> tuple[Reading[Amount], Reading[Amount]]:
    if seconds.value is None:
        return Reading(None, seconds.reason), Reading(None, seconds.reason)
    left = seconds.value - (pace.start_seconds or 0.0)
    if left <= 0:
        why = "the budget is spent before its first step"
        return Reading(None, why), Reading(None, why)
    images = pace.step_seconds.inverse().times(left * pace.batch)
    return Reading(images), pace.epoch_seconds.then(lambda one: one.inverse().times(left))


def _by_energy(budget: Budget, pace: Pace, profile: HostProfile) -> tuple[Reading[Amount], Reading[Amount]]:
    joules = budget.amount
    if budget.kind == "co2":
        if profile.grid is None:
            why = cost_absent(profile, "grid")
            return Reading(None, why), Reading(None, why)
        joules = budget.amount / GRAMS_A_KG / profile.grid.kg_co2_per_kwh * JOULES_A_KWH
    images = pace.step_joules.then(lambda one: one.inverse().times(joules * pace.batch))
    return images, pace.epoch_joules.then(lambda one: one.inverse().times(joules))


def _reached(epochs: Reading[Amount], trained: Sequence[Record]) -> tuple[Reading[Amount], tuple[str, ...]]:
    """The best held-out accuracy of the epochs that there is surely time for."""
    if epochs.value is None:
        return Reading(None, epochs.reason), ()
    real = [one for one in trained if one.accuracy is not None and not one.accuracy.synthetic]
    if not real:
        return Reading(None, "trained on synthetic images alone" if trained else "never trained there"), ()
    whole = math.floor(epochs.value.low if epochs.value.low is not None else epochs.value.value)
    if whole < 1:
        return Reading(None, _SCARCELY), ()
    best = [
        max(shares)
        for one in real
        if (shares := [e.val_accuracy for e in one.history[:whole] if e.val_accuracy is not None])
    ]
    if not best:
        return Reading(None, "no images were held out"), ()
    found = mean_interval(best, image_step(real, "held_out_accuracy"))
    longest = max(len(one.history) for one in real)
    note = (f"accuracy is of {longest} epochs, the longest training there was",) if whole > longest else ()
    return Reading(Amount(best[0]) if found is None else Amount(found.value, found.low, min(1.0, found.high))), note
