"""An executor that replays recorded windows through the real step clock."""

from __future__ import annotations

import itertools
import math
import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from pydantic import ValidationError

from bench.analyse.comparable import unfit
from bench.errors import Fault, InputError, nearest
from bench.host.detect import Hardware, machine_fields
from bench.host.device import Device
from bench.host.profile import HostProfile
from bench.host.registry import Recognised, check_id, profiles, recognise
from bench.instruments.clock import ClockPlan, StepClock
from bench.instruments.stats import Estimate
from bench.results.record import DataInfo, Record
from bench.results.window_stats import step_seconds
from bench.run.job import DataRequest, Job, Outcome, Progress
from bench.run.plan import Planned, fingerprints, settle
from bench.run.process.executors import POLL_SECONDS, Answer, Heard
from bench.suite.cells import Cell
from bench.suite.select import matches
from bench.testing.recording import Recording
from bench.workload.sizes import Subject

__all__ = ["ReplayExecutor"]

_OF_THE_RUN = frozenset({"nvidia_driver", "python", "bench"})
"""Software that the run names itself, beside what the framework names."""
_MOST_SLOWED = 1e3
_LEAST_STEP_SECONDS = 1e-6
"""No training step is shorter, and a replay that adds up still shorter ones would hardly end."""
_TIMED = ("first step", "warm-up", "windows")
"""The stages that the clock times."""


class ReplayExecutor:
    """Runs cells as they were recorded: see `bench.testing`, and `Recording` for `source` and `host`.

    Steps take the recorded windows' seconds a step, one window after another, and from the first again where more are
    wanted; with a `seed`, windows drawn at random with replacement. `slow_down` makes the steps of cells take that many
    times as long, by glob: `{"vgg16/*": 1.05}`. All else that a cell gave, failures too, is as it was recorded. The
    GPU is watched as ever, by the replay's own clock; where none is there, figures recorded of one stand. A cell whose
    recorded windows give no step time (fewer than two, or impossible ones) fails, and says so.

    The host is the recorded one, and what could run was settled on it: records made here say of the device what the
    replayed ones do. `clock` counts replayed seconds.

    >>> executor = ReplayExecutor("results/colab-t4/cnn.jsonl", slow_down={"*/xla": 1.05})
    >>> summary = run_suite(request, executor, observer)
    """

    name: Literal["replay"] = "replay"
    caveat = "replay: windows recorded before; not figures that count"

    def __init__(
        self,
        source: Path | str | Iterable[Record],
        *,
        slow_down: Mapping[str, float] | None = None,
        seed: int | None = None,
        host: str | None = None,
    ) -> None:
        self.recording = Recording(source, host)
        self._slow_down = dict(slow_down or {})
        self._random = None if seed is None else random.Random(seed)  # noqa: S311 - for statistics, not secrets
        self._now = 0.0
        self._data: DataInfo | None = None
        cells = sorted({record.cell for record in self.recording.records})
        for pattern, factor in self._slow_down.items():
            if not 1 / _MOST_SLOWED <= factor <= _MOST_SLOWED:
                hint = f"a factor from {1 / _MOST_SLOWED:g} to {_MOST_SLOWED:g}, such as 1.05"
                raise InputError(Fault(f"slow_down: {factor:g} for '{pattern}'", hint))
            if not any(matches(cell, pattern) for cell in cells):
                raise InputError(Fault(f"slow_down: '{pattern}' matches no recorded cell", nearest(pattern, cells)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing to do."""

    def clock(self) -> float:
        """Seconds replayed so far."""
        return self._now

    def probe(self) -> Device:
        """What the newest record was measured on."""
        record = self.recording.newest
        kind = record.device.kind
        return Device(
            kind=kind,
            name=record.device.name if kind == "gpu" else None,
            compute_capability=record.device.compute_capability,
            software={name: version for name, version in record.software.items() if name not in _OF_THE_RUN},
        )

    def hardware(self) -> Hardware:
        """What the newest record says of its machine; what no record says, memory among it, is this one's."""
        device = self.recording.newest.device
        name, gpu = device.name or "unknown", device.is_gpu
        told = {field: device.plain.get(field) for field in ("cores", "platform", "compute_capability")}
        told = {field: value for field, value in told.items() if value}
        if gpu:
            told |= {"gpu_name": device.gpu_name or name, "gpu_count": 1}
            told["gpu_driver"] = self.recording.newest.software.get("nvidia_driver")
        told |= {"kind": device.kind, "cpu": "unknown" if gpu else name, "cpu_flags": ()}
        try:
            return Hardware(**machine_fields({}) | told)
        except ValidationError as error:
            what = f"the recording's device is none that is known: {error.errors()[0]['msg']}"
            raise InputError(Fault(what, "measure it anew")) from None

    def host(self, root: Path, hardware: Hardware, wanted: str | None) -> Recognised:
        """The recorded host, whatever machine this is; with `wanted`, another of that id."""
        if wanted is not None:
            return recognise(root, hardware, wanted)
        name = self.recording.newest.host
        check_id(name)  # files and folders are named by it, and a recording may hold anything
        known = {profile.id: profile for profile in profiles(root)}
        # one that isn't known here stays so: a record doesn't say all that a profile does
        return Recognised(known.get(name) or HostProfile(id=name, label=name), name not in known)

    def plan(self, cell: Cell, hardware: Hardware) -> Planned:
        """`cell` with each `auto` settled as it was recorded. Nothing is skipped that wasn't."""
        options = cell.variant.options
        recorded = self.recording.settled(cell)
        auto = {name for name in type(options).model_fields if getattr(options, name) in ("auto", "all")}
        settled = options.model_copy(update={name: recorded[name] for name in auto & recorded.keys()})
        return Planned(cell, settle(settled, hardware), None)

    def load_own(self, wanted: DataRequest) -> DataInfo:
        """What was recorded of the data: none of the user's code is run for a replay."""
        found = next((record.data for record in self.recording.records if record.data is not None), None)
        if found is None:
            raise InputError(Fault(f"{wanted.spec.name}: the recording doesn't say what data it was"))
        self._data = found
        return found

    def check(self, subjects: Sequence[Subject], *, pretrained: bool = True) -> Sequence[Answer]:  # noqa: ARG002
        """No network is built for a replay."""
        return [None] * len(subjects)

    def run(self, job: Job, heard: Heard) -> Outcome:
        """Replay `job`."""
        data = self._data or DataInfo.model_validate_json((job.data / "info.json").read_text(encoding="utf-8"))
        software = self.probe().software
        fingerprint = fingerprints(Planned(job.cell, job.options, None), data, software)[0]
        record = self.recording.find(job.cell, fingerprint)
        if record is None:
            cells = sorted({one.cell for one in self.recording.records})
            told = f"{job.cell.id} is not in the recording; {nearest(job.cell.id, cells)}"
            return Outcome("failed", "start", told, recorded={"device": self.recording.newest.device})
        if record.status == "skipped":
            return _as_it_was(record)
        if record.ok and (what := _unfit(record, self._factor(record.cell))) is not None:
            told = f"the recording of {record.cell} {what}: there is no step time to replay"
            return Outcome("failed", "start", told, recorded={"device": record.device})
        heard.started(os.getpid())
        return self._replayed(job, record, heard)

    def _replayed(self, job: Job, record: Record, heard: Heard) -> Outcome:
        before = itertools.takewhile(lambda stage: stage not in _TIMED, record.stages)
        stages: dict[str, float] = {}
        for stage in before:
            heard.progress(Progress(stage))
            stages[stage] = record.stages[stage]
            self._now += stages[stage]
        if not record.ok:
            if record.failure is not None:
                heard.progress(Progress(record.failure.stage))
            return _as_it_was(record)
        timed = self._timed(job, record, heard)
        stages |= timed.stages
        for epoch in record.history:
            self._now += epoch.seconds + (epoch.val_seconds or 0.0)
            heard.progress(Progress("training", epoch=epoch))
        after = {stage: seconds for stage, seconds in record.stages.items() if stage not in stages}
        for stage, seconds in after.items():
            heard.progress(Progress(stage))
            self._now += 0.0 if record.history else seconds
        return _as_it_was(
            record,
            windows=tuple(timed.windows),
            stopped_by=timed.stopped_by,
            stages=stages | after,
        )

    def _timed(self, job: Job, record: Record, heard: Heard) -> StepClock:
        """The windows, as the clock divides them that a measured cell has."""
        execution = job.options.steps_per_execution
        assert isinstance(execution, int)
        factor = self._factor(record.cell)
        stage = ""

        def clock_says(entered: str, figure: Estimate | None) -> None:
            nonlocal stage
            stage = entered
            heard.progress(
                Progress(entered) if figure is None else Progress(entered, figure.step_seconds, figure.margin)
            )

        protocol = job.cell.protocol.model_dump(include={field.name for field in fields(ClockPlan)})
        clock = StepClock(ClockPlan(**protocol), lambda: None, (), clock_says, self.clock)
        steps = self._step_seconds(record)
        first, warm = _before_windows(record, execution, job.cell.protocol.window_seconds)
        clock.begin()
        self._now += first
        wanted, seen = clock.step(execution), self._now
        while wanted:
            taken = sum(itertools.islice(steps, execution)) if stage == "windows" else warm * execution
            self._now += taken * factor
            if self._now - seen >= POLL_SECONDS:
                heard.tick()
                seen = self._now
            wanted = clock.step(execution)
        return clock

    def _step_seconds(self, record: Record) -> Iterator[float]:
        """Seconds of each step, without end."""
        windows = record.windows
        while True:
            drawn = windows if self._random is None else self._random.choices(windows, k=len(windows))
            for window in drawn:
                yield from itertools.repeat(window.step_seconds, window.steps)

    def _factor(self, cell: str) -> float:
        return math.prod(factor for pattern, factor in self._slow_down.items() if matches(cell, pattern))


def _unfit(record: Record, factor: float) -> str | None:
    """Why `record` gives no step time to replay, `factor` times as long, as what is said of it; None where it does."""
    if (what := unfit(record)) is not None:
        return what
    seconds = step_seconds(record.windows)
    shortest = None if seconds is None else seconds * min(factor, 1)
    return f"has steps of {shortest:g} s" if shortest is not None and shortest < _LEAST_STEP_SECONDS else None


def _before_windows(record: Record, execution: int, window_seconds: float) -> tuple[float, float]:
    """Seconds of the first execution, and of a step of the warm-up.

    The warm-up decides how many steps a window has. Under the recorded protocol it takes what leads to windows as
    long as the recorded ones, so that each of these comes back whole.
    """
    warm = step_seconds(record.windows)
    assert warm is not None
    wanted = record.windows[0].steps
    same = record.protocol.window_seconds == window_seconds and wanted % execution == 0
    if same and math.ceil(window_seconds / warm / execution) * execution != wanted:
        warm = window_seconds / (wanted - execution / 2)
    first = record.values.get("first_step_seconds") or record.stages.get("first step") or warm * execution
    return first, warm


def _as_it_was(record: Record, **replayed: Any) -> Outcome:
    """The record's outcome, with what was `replayed` in place of what it holds."""
    failure = record.failure
    was: dict[str, Any] = {
        "status": record.status,
        "stage": failure.stage if failure else "results",
        "message": failure.message if failure else None,
        "windows": record.windows,
        "stopped_by": record.stopped_by,
        "stages": record.stages,
        "values": {name: value for name, value in record.values.items() if name != "seconds"},
        "absent": record.absent,
        "notes": record.notes,
        "accuracy": record.accuracy,
        "training": record.training,
        "history": record.history,
        "attribution": record.attribution,
        "replication": record.replication,
        "recorded": {"device": record.device},
    }
    return Outcome(**(was | replayed))
