"""What training a network to a target takes: time, energy, money, carbon dioxide, hours of a quota."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.analyse.efficiency import SECONDS_AN_HOUR
from bench.analyse.planning.amount import Amount, product
from bench.analyse.planning.pace import Pace
from bench.analyse.planning.target import Accuracy, Epochs, Images, Target
from bench.analyse.stats.samples import mean_interval
from bench.host.costs import CostName
from bench.host.profile import HostProfile
from bench.results.record import Epoch, Record
from bench.system.nvml import Reading

__all__ = ["JOULES_A_KWH", "Needs", "cost_absent", "needs"]

JOULES_A_KWH = 3.6e6
GRAMS_A_KG = 1e3


@dataclass(frozen=True)
class Needs:
    """Each an amount, or the reason for its absence. Joules, and the grams of CO₂ from them, are the GPU's alone.

    `money` is in `currency`; `quota_hours` are of those that the host's profile has. `notes` tell what the figures are
    of.
    """

    seconds: Reading[Amount]
    joules: Reading[Amount]
    money: Reading[Amount]
    currency: str | None
    co2_grams: Reading[Amount]
    quota_hours: Reading[Amount]
    notes: tuple[str, ...] = ()


def needs(
    target: Target,
    pace: Pace,
    trained: Sequence[Record],
    profile: HostProfile,
    elsewhere: Sequence[Record] = (),
) -> Needs:
    """What `target` takes at that pace on the host of `profile`; `trained` are the trainings there that show how long
    an accuracy takes, `elsewhere` those on another host, which show how many epochs."""
    seconds, joules, notes = _spent(target, pace, trained, elsewhere)
    if pace.start_seconds is not None:
        started = pace.start_seconds
        seconds = seconds.then(lambda one: one.plus(started))
    price, grid, quota = profile.price, profile.grid, profile.quota
    hours = seconds.then(lambda one: one.times(1 / SECONDS_AN_HOUR))
    money: Reading[Amount] = Reading(None, cost_absent(profile, "price"))
    co2: Reading[Amount] = Reading(None, cost_absent(profile, "grid"))
    if price is not None:
        money = hours.then(lambda one: one.times(price.per_hour))
    if grid is not None:
        co2 = joules.then(lambda one: one.times(grid.kg_co2_per_kwh * GRAMS_A_KG / JOULES_A_KWH))
    return Needs(
        seconds=seconds,
        joules=joules,
        money=money,
        currency=price.currency if price else None,
        co2_grams=co2,
        quota_hours=hours if quota is not None else Reading(None, cost_absent(profile, "quota")),
        notes=notes,
    )


def cost_absent(profile: HostProfile, name: CostName) -> str:
    """Why the profile has no such cost."""
    return profile.costs_absent.get(name, f"no {name} in hosts/{profile.id}.yaml")


_STEPS_ALONE = ("of the steps alone: what a start takes isn't published",)
_Spent = tuple[Reading[Amount], Reading[Amount], tuple[str, ...]]


def _spent(target: Target, pace: Pace, trained: Sequence[Record], elsewhere: Sequence[Record]) -> _Spent:
    """Seconds and joules, without what goes by before the first steady step."""
    noted = () if pace.epoch_note is None else (pace.epoch_note,)
    match target:
        case Images(count):
            steps = math.ceil(count / pace.batch)
            joules = pace.step_joules.then(lambda one: one.times(steps))
            return Reading(pace.step_seconds.times(steps)), joules, _STEPS_ALONE if pace.start_seconds is None else ()
        case Epochs(count):
            seconds = pace.epoch_seconds.then(lambda one: one.times(count))
            return seconds, pace.epoch_joules.then(lambda one: one.times(count)), noted
    if elsewhere and not trained:
        return _by_epochs(target, pace, elsewhere, noted)
    return _to_accuracy(target, trained)


def _to_accuracy(target: Accuracy, trained: Sequence[Record]) -> _Spent:
    taken, reached, why = _reaching(target, trained)
    if not reached:
        return Reading(None, why), Reading(None, why), ()
    seconds = _mean([sum(one.seconds + (one.val_seconds or 0.0) for one in epochs) for epochs in reached])
    energy = [[one.energy_joules for one in epochs] for epochs in reached]
    known = [math.fsum(each) for one in energy if len(each := [e for e in one if e is not None]) == len(one)]
    joules: Reading[Amount] = (
        Reading(_mean(known)) if len(known) == len(reached) else Reading(None, _no_energy(trained))
    )
    return Reading(seconds), joules, tuple(_trainings(len(reached), taken))


def _reaching(target: Accuracy, trained: Sequence[Record]) -> tuple[int, list[tuple[Epoch, ...]], str]:
    """How many trainings on real images there were, the epochs of those that reached it, and why there are none."""
    real = [one for one in trained if one.accuracy is None or not one.accuracy.synthetic]
    if not real:
        return 0, [], "it was trained on synthetic images alone" if trained else "it was never trained there"
    reached = [epochs for one in real if (epochs := _epochs_to(target.share, one)) is not None]
    best = max((e.val_accuracy for one in real for e in one.history if e.val_accuracy is not None), default=None)
    told = "no images were held out" if best is None else f"the best was {best * 100:.1f} %"
    return len(real), reached, f"{target} were not reached; {told}"


def _by_epochs(target: Accuracy, pace: Pace, elsewhere: Sequence[Record], noted: tuple[str, ...]) -> _Spent:
    """As many epochs as trainings on another host took, at the pace of this one."""
    taken, reached, why = _reaching(target, elsewhere)
    if not reached:
        return Reading(None, why), Reading(None, why), ()
    count = _mean([float(len(epochs)) for epochs in reached])
    of_host = f"as many epochs as on {elsewhere[0].host}"
    notes = (of_host, *noted, *_trainings(len(reached), taken))
    seconds = pace.epoch_seconds.then(lambda one: product(one, count))
    return seconds, pace.epoch_joules.then(lambda one: product(one, count)), notes


def _trainings(reached: int, trained: int) -> Sequence[str]:
    if reached < trained:
        return [f"{reached} of {trained} trainings reached it, and the figures are of these"]
    return ["of one training: seeds would show by how much others differ"] if trained == 1 else []


def _epochs_to(share: float, record: Record) -> tuple[Epoch, ...] | None:
    for count, epoch in enumerate(record.history, start=1):
        if epoch.val_accuracy is not None and epoch.val_accuracy >= share:
            return record.history[:count]
    return None


def _mean(values: Sequence[float]) -> Amount:
    found = mean_interval(values)
    return Amount(values[0]) if found is None else Amount.of(found)


def _no_energy(records: Sequence[Record]) -> str:
    return next(
        (why for one in records if (why := one.absent.get("gpu_energy_joules"))), "the GPU's energy was not read"
    )
