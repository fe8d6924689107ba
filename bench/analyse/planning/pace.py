"""How fast a network trains on a host, and on how much energy: what plans are made of."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.analyse.efficiency import efficiency
from bench.analyse.planning.amount import Amount, within_share
from bench.analyse.stats.processes import mean_of
from bench.analyse.stats.samples import mean_interval
from bench.analyse.stats.spread import Spread, quantile, spread_of
from bench.analyse.training.seeds import Repeats
from bench.host.profile import HostProfile, PublishedTime
from bench.results.record import Epoch, Record
from bench.system.nvml import Reading

__all__ = ["Pace", "measured_pace", "published_pace"]

_STARTING = ("start", "data", "cache", "model", "first step")
"""Stages before the steps go on as they will."""
NO_ENERGY = "a published time tells nothing of energy"


@dataclass(frozen=True)
class Pace:
    """What a training takes, by the step and by the epoch, in seconds and in joules of the GPU.

    `start_seconds` go by before the first steady step; None: unknown. Epochs include the validation after each, where
    `epoch_seconds` is of trainings; it is of the steps alone where nothing was trained (`epoch_note`). `epoch_images`
    are trained on in one. Intervals are of one more process, and so cover what processes differ by.
    """

    batch: float
    step_seconds: Amount
    start_seconds: float | None
    epoch_seconds: Reading[Amount]
    step_joules: Reading[Amount]
    epoch_joules: Reading[Amount]
    epoch_images: float | None
    epoch_note: str | None = None


def measured_pace(found: Repeats, profile: HostProfile | None) -> Pace | None:
    """Of a cell's newest records on the host of `profile`; None where none of them was timed."""
    timed = mean_of(found.ok)
    if timed is None:
        return None
    spread, record = spread_of(profile), found.first
    step = within_share(timed.step_seconds, math.hypot(timed.margin, spread.half_width(before=timed.processes)))
    joules = _step_joules(found.ok, profile)
    steps = _epoch_steps(record)
    batch = max(0.0, record.values.get("examples_per_step") or 0.0) or record.global_batch_size
    epochs = [epoch for one in found.trained for epoch in one.history]
    if epochs:
        seconds = _of_epochs([one.seconds + (one.val_seconds or 0.0) for one in epochs], spread)
        energy, note = _epoch_joules(epochs, found), None
    elif steps is None:
        why = "how many examples an epoch has isn't known"
        seconds, energy, note = Reading(None, why), Reading(None, why), None
    else:
        count = steps
        seconds = Reading(step.times(count))
        energy = joules.then(lambda one: one.times(count))
        note = "it was timed alone: epochs are of its steps, without validation"
    return Pace(
        batch=batch,
        step_seconds=step,
        start_seconds=statistics.fmean(_start(one) for one in found.ok),
        epoch_seconds=seconds,
        step_joules=joules,
        epoch_joules=energy,
        epoch_images=None if steps is None else steps * batch,
        epoch_note=note,
    )


def published_pace(time: PublishedTime, epoch_images: float | None) -> Pace:
    """Of a published time; what an epoch has of images is told by measured records of the network, if any."""
    step = Amount(time.step_ms / 1e3)
    epoch: Reading[Amount] = Reading(None, "how many images an epoch has isn't published, nor measured here")
    if epoch_images is not None:
        epoch = Reading(step.times(epoch_images / time.batch_size))
    return Pace(
        batch=time.batch_size,
        step_seconds=step,
        start_seconds=None,
        epoch_seconds=epoch,
        step_joules=Reading(None, NO_ENERGY),
        epoch_joules=Reading(None, NO_ENERGY),
        epoch_images=epoch_images,
        epoch_note="of the steps alone: what start and validation take isn't published",
    )


def _start(record: Record) -> float:
    return sum(record.stages.get(stage, 0.0) for stage in _STARTING)


def _epoch_steps(record: Record) -> int | None:
    """Steps of an epoch: those that were trained, else the suite's, else whole batches of the data."""
    if record.history:
        return record.history[-1].steps
    if record.train is not None and record.train.steps_per_epoch is not None:
        return record.train.steps_per_epoch
    images = record.data.train_images if record.data is not None else None
    return None if images is None else max(1, images // record.global_batch_size)


def _of_epochs(seconds: Sequence[float], spread: Spread) -> Reading[Amount]:
    """The mean of epochs, in a process that may differ from those by what processes differ by."""
    if statistics.fmean(seconds) <= 0:
        return Reading(None, "its epochs took no time at all")
    found = mean_interval(seconds)
    if found is None:
        return Reading(Amount(seconds[0]))
    half = math.hypot((found.high - found.value) / found.value, quantile(spread.freedom) * spread.share)
    return Reading(within_share(found.value, half))


def _step_joules(records: Iterable[Record], profile: HostProfile | None) -> Reading[Amount]:
    """The mean over processes, of which each read its own."""
    readings = [efficiency(one, profile).energy_per_step_joules for record in records for one in record.processes]
    return _mean([one.value for one in readings if one.value is not None], readings[0].reason if readings else None)


def _epoch_joules(epochs: Sequence[Epoch], found: Repeats) -> Reading[Amount]:
    known = [epoch.energy_joules for epoch in epochs if epoch.energy_joules is not None and epoch.energy_joules > 0]
    return _mean(known, found.first.absent.get("gpu_energy_joules", "the GPU's energy was not read"))


def _mean(values: Sequence[float], why: str | None) -> Reading[Amount]:
    if not values:
        return Reading(None, why or "the GPU's energy was not read")
    found = mean_interval(values)
    return Reading(Amount(values[0]) if found is None else Amount.of(found))
