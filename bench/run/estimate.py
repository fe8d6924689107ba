"""How long cells will take, from what they took before, and from their work where they were never measured."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterable
from typing import Literal

from bench.host.peaks import counted_type, peak_of
from bench.host.profile import HostProfile
from bench.results.record import Record
from bench.results.recorded_setup import RecordedOptions
from bench.results.window_stats import step_seconds
from bench.run.plan import Planned
from bench.suite.cells import Cell

__all__ = ["STARTING", "Basis", "Estimator", "clock_time"]

START_SECONDS = 5.0
"""A cell's start, model and tracing, where nothing is known of it."""
EPOCH_SECONDS = 5.0
"""An epoch, where nothing is known."""
ATTRIBUTION_SECONDS = 8.0
"""A cell's three loops, beside two more first steps, where nothing is known of them."""

ROUNDS = 6
"""Rounds of two cells that take turns, where they are steady: each starts and warms up both anew."""
MEASURED_SECONDS = 3.0
"""The windows of one of them in a round."""
STARTING = ("start", "data", "cache", "model", "first step", "warm-up")
"""The stages before a process's windows."""

_EFFICIENCY = 0.4
"""Share of the peak that a network's step reaches as a whole: small layers reach less, large ones more."""
_CORE_FLOPS = 1e11
"""Of a processor's core that was never measured: one with AVX2 or AVX-512."""
_STEP_SECONDS = 2e-3
"""What a step of `fit` takes beside, where no self-test has said."""
_FORWARD = 1 / 3
"""Of a training step's work, what an image takes that is only judged."""

Basis = Literal[
    "as last time",
    "guessed from its last epochs",
    "guessed from its step time",
    "guessed from its work",
    "guessed from its protocol",
]


class Estimator:
    """Seconds that cells will take: what the last good record of the same cell says, else its step time, as another
    suite measured it there or as it was published for the host, else its work at this host's measured rates, else what
    its protocol allows.

    `records` are one host's, in the order in which they were kept, and `profile` is that host's.
    """

    def __init__(self, records: Iterable[Record], profile: HostProfile | None = None) -> None:
        self._profile = profile
        good = [record for record in records if record.ok]
        self._before: dict[tuple[str, str], Record] = {
            (record.suite, record.cell): record
            for record in good
            if record.whole and record.values.get("seconds") is not None
        }
        self._steps: dict[Hashable, float] = {
            _step_of_record(record): step for record in good if (step := step_seconds(record.counted)) is not None
        }

    def knows(self, cell: Cell) -> bool:
        """Was this cell measured here before?"""
        return (cell.suite, cell.id) in self._before

    def pair_seconds(self, a: Cell, b: Cell) -> float:
        """Seconds that `a` and `b` will take interleaved, if each is as steady as most."""
        return ROUNDS * sum(self._start(cell) + MEASURED_SECONDS for cell in (a, b))

    def seconds(self, planned: Planned) -> float:
        """Seconds that the cell will take; rules may end its training earlier."""
        return self.estimate(planned)[0]

    def estimate(self, planned: Planned) -> tuple[float, Basis]:
        """The same, and what it rests on."""
        cell, record = planned.cell, self._before.get((planned.cell.suite, planned.cell.id))
        attribution = _attribution(record) if cell.attribute else 0.0
        if record is None:
            measuring = START_SECONDS + cell.protocol.warmup_seconds + cell.protocol.max_seconds
            training, basis = self._training(planned)
            return measuring + training + attribution, basis
        seconds = (record.values["seconds"] or 0.0) - record.stages.get("attribution", 0.0)
        spec = cell.train.model_dump(mode="json") if cell.train else None
        if spec == (record.train.plain if record.train else None) or (cell.train is None and not record.history):
            return seconds + attribution, "as last time"
        seconds -= record.stages.get("training", 0.0)
        if cell.train is None:
            return seconds + attribution, "as last time"
        if not record.history:
            training, basis = self._training(planned, step_seconds(record.windows))
            return seconds + training + attribution, basis
        one = sum(e.seconds + (e.val_seconds or 0.0) for e in record.history) / len(record.history)
        steps = record.history[-1].steps
        share = _steps(planned, steps) / steps
        return seconds + one * share * cell.train.most_epochs + attribution, "guessed from its last epochs"

    def _start(self, cell: Cell) -> float:
        record = self._before.get((cell.suite, cell.id))
        return START_SECONDS if record is None else sum(record.stages.get(stage, 0.0) for stage in STARTING)

    def _training(self, planned: Planned, measured: float | None = None) -> tuple[float, Basis]:
        """All epochs of a cell that was never trained; `measured` are seconds of one of its steps."""
        train, batch, data = planned.cell.train, planned.global_batch_size, planned.data
        if train is None:
            return 0.0, "guessed from its protocol"
        basis: Basis = "guessed from its work"
        step = measured if measured is not None else self._known_step(planned)
        if step is not None:
            basis = "guessed from its step time"
        else:
            step = self._step(planned)
        if step is None or (data is None and train.steps_per_epoch is None):
            return EPOCH_SECONDS * train.most_epochs, "guessed from its protocol"
        checked = data.held_out_images / batch if data is not None else 0.0
        if train.validation_steps is not None:
            checked = min(checked, train.validation_steps)
        epoch = step * (_steps(planned, 1) + _FORWARD * checked)
        return train.most_epochs * epoch, basis

    def _known_step(self, planned: Planned) -> float | None:
        """Seconds of a step as it was measured under another name, else as it was published."""
        cell = planned.cell
        found = self._steps.get(_step_of_cell(planned))
        published = self._profile.published if self._profile is not None else None
        if found is not None or published is None or cell.variant.options.changed() or cell.model.freeze:
            return found
        same = (one for one in published.times if (one.model, one.batch_size) == (cell.model.network, cell.batch_size))
        return next((one.step_ms / 1e3 for one in same if one.variant == "notebook"), None)

    def _step(self, planned: Planned) -> float | None:
        """Seconds of a step by its arithmetic; None where that, or the machine's rate, isn't known."""
        profile, macs = self._profile, planned.size.training_macs if planned.size else None
        if profile is None or profile.hardware is None or macs is None:
            return None
        hardware = profile.hardware
        peak = peak_of(profile, counted_type(hardware, planned.options)).value
        rate = peak.flops_per_second if peak is not None else _CORE_FLOPS * hardware.cores
        if peak is None and hardware.kind == "gpu":
            return None
        empty = profile.self_test.empty_step_seconds if profile.self_test else _STEP_SECONDS
        return empty + 2 * macs * planned.global_batch_size / (_EFFICIENCY * rate)


def _step_of_record(record: Record) -> Hashable:
    """What a step's time depends on, as far as that is known before data is read."""
    work, shape = record.workload, record.data.shape if record.data is not None else None
    args = json.dumps(dict(work.model.args), sort_keys=True)
    options = json.dumps(dict(record.options.complete), sort_keys=True)
    return work.model.network, repr(work.model.freeze), args, options, record.batch_size, shape


def _step_of_cell(planned: Planned) -> Hashable:
    model, shape = planned.cell.model, planned.data.shape if planned.data is not None else None
    args = json.dumps(model.args, sort_keys=True)
    complete = RecordedOptions.model_validate(planned.options.model_dump(mode="json")).complete
    options = json.dumps(dict(complete), sort_keys=True)
    return model.network, repr(model.freeze), args, options, planned.cell.batch_size, shape


def _attribution(record: Record | None) -> float:
    if record is None:
        return ATTRIBUTION_SECONDS
    again = 2 * (record.values.get("first_step_seconds") or 0.0)
    return record.stages.get("attribution", 0.0) or ATTRIBUTION_SECONDS + again


def _steps(planned: Planned, otherwise: int) -> int:
    """Steps of an epoch."""
    train, data = planned.cell.train, planned.data
    if train is not None and train.steps_per_epoch is not None:
        return train.steps_per_epoch
    images = data.train_images if data is not None else None
    return max(1, math.floor(images / planned.global_batch_size)) if images is not None else otherwise


def clock_time(seconds: float) -> str:
    """`40 s`, `6 min`, `2 h 05 min`, `3 days`: as exact as an estimate deserves.

    >>> clock_time(7500)
    '2 h 05 min'
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes >= 72 * 60:
        return f"{minutes / 1440:.0f} days"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
