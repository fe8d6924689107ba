"""A cell's outcome and the setting it had, put together into its record."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from bench import __version__
from bench.analyse.findings.registry import judge
from bench.analyse.stats.spread import spread_of
from bench.host.detect import Hardware
from bench.host.device import Device
from bench.host.profile import HostProfile
from bench.host.variables import setting
from bench.instruments.nvml import GPU_METRICS
from bench.instruments.watch import CellWatch
from bench.results.record import DataInfo, Epoch, Failure, Record, Window
from bench.results.replication import Replication
from bench.results.training_metrics import training_absences
from bench.run.job import Outcome
from bench.run.plan import Planned, fingerprints, workload
from bench.run.process.huge_pages import in_huge_pages
from bench.suite.cells import Cell, Suite
from bench.suite.spec import DataSpec
from bench.system.nvml import Reading

__all__ = ["RunContext", "compose", "data_key", "environment"]


_OF_EACH = ("peak_gpu_nvml_bytes", "gpu_energy_joules")
"""What is kept of each GPU, where several share a step."""

Summary = tuple[Mapping[str, float | None], Mapping[str, str]]


@dataclass(frozen=True)
class RunContext:
    """What all cells of a run share. `gpu_unused` is a card that is there and that TensorFlow doesn't compute on;
    `gpu_idle_watts` is what the card drew before the first cell; `data` is what there is of each data set that the
    cells name, by `data_key`; `team` is the working tree's owner."""

    suite: Suite
    host: HostProfile
    device: Device
    hardware: Hardware
    gpu_unused: str | None
    data: Mapping[str, DataInfo]
    executor: Literal["local", "ray", "inline", "replay"]
    gpu_idle_watts: Reading[float]
    team: str | None = None

    @cached_property
    def software(self) -> dict[str, str]:
        """Versions, by name, of all that a figure may depend on."""
        driver = {"nvidia_driver": self.hardware.gpu_driver} if self.hardware.gpu_driver else {}
        malloc = {"malloc": "huge pages"} if self.executor in ("local", "ray") and in_huge_pages(os.environ) else {}
        own = {"python": platform.python_version(), "bench": __version__}
        return {**self.device.software, **driver, **malloc, **own}

    def info(self, cell: Cell) -> DataInfo:
        """What `cell` is fed."""
        return self.data[data_key(cell.data)]

    @property
    def device_name(self) -> str:
        """What computes: the GPU's name, or the processor's."""
        return self.device.name or self.hardware.cpu

    @property
    def record_device(self) -> dict[str, Any]:
        """What a record says of the device."""
        return {
            "kind": self.device.kind,
            "name": self.device_name,
            "gpu_name": self.hardware.gpu_name,
            "gpu_unused": self.gpu_unused,
            "unsuited": self.hardware.unsuited,
            "compute_capability": self.device.compute_capability,
            "cores": self.hardware.cores,
            "platform": self.hardware.platform,
        }


def data_key(spec: DataSpec) -> str:
    """What equal data sections have in common."""
    return spec.model_dump_json()


def compose(
    setting: RunContext,
    planned: Planned,
    outcome: Outcome,
    started: str,
    seconds: float,
    watch: CellWatch | None,
    log: str | None,
    energy: Mapping[int, float] = MappingProxyType({}),
) -> Record:
    """The record of one cell, judged. `started` is UTC in ISO 8601, `seconds` what the cell took as its parent saw it.

    `watch` is what looked at the machine meanwhile; None for a cell that never ran. `energy` are the joules of epochs,
    by their number.
    """
    cell, data = planned.cell, setting.info(planned.cell)
    timing, accuracy = fingerprints(planned, data, setting.software)
    values: dict[str, float | None] = dict(outcome.values)
    absent = dict(outcome.absent)
    notes = dict(outcome.notes)
    if watch is not None:
        watched, reasons = watch.summary()
        idle = setting.gpu_idle_watts
        watched["gpu_idle_watts"] = idle.value
        if idle.value is None:
            reasons["gpu_idle_watts"] = idle.reason or "unknown"
        # a replayed cell brings the figures that were recorded: they stand where nothing is watched now, but those of a
        # recorded GPU don't fill the gaps of another
        seen = any(watched[name] is not None for name in GPU_METRICS)
        own = {name for name in reasons if values.get(name) is not None and not (seen and name in GPU_METRICS)}
        values |= {name: value for name, value in watched.items() if name not in own}
        absent = {name: reason for name, reason in (absent | reasons).items() if values.get(name) is None}
        notes |= watch.notes()
        values["seconds"] = seconds
    failure = None
    if outcome.status != "ok":
        failure = Failure(stage=outcome.stage, message=outcome.message or "no message", log=log)
    record = Record(
        suite=setting.suite.name,
        suite_title=setting.suite.title,
        executor=setting.executor,
        cell=cell.id,
        model=cell.model.name,
        variant=cell.variant.name,
        batch_size=cell.batch_size,
        seed=cell.seed,
        baseline=cell.variant.name == setting.suite.baseline,
        host=setting.host.id,
        team=setting.team,
        started=started,
        status=outcome.status,
        failure=failure,
        fingerprint=timing,
        accuracy_fingerprint=accuracy,
        workload=workload(planned, data, setting.software),
        options=planned.options.model_dump(mode="json"),
        protocol=cell.protocol.model_dump(mode="json"),
        software=setting.software,
        environment=environment(planned),
        device=setting.record_device,
        data=data,
        data_spec=cell.data.model_dump(mode="json", exclude_defaults=True),
        train=cell.train.model_dump(mode="json") if cell.train else None,
        training=outcome.training,
        table=setting.suite.table,
        windows=tuple(Window(*window) for window in outcome.windows),
        stopped_by=outcome.stopped_by,
        stages=outcome.stages,
        values=values,
        absent=absent,
        notes=notes,
        accuracy=outcome.accuracy,
        judged=outcome.judged,
        history=_with_energy(outcome.history, energy),
        attribution=outcome.attribution,
        network=outcome.network.digest if outcome.network is not None else None,
        replication=_with_gpus(outcome.replication, watch),
    )
    record = record.model_copy(update=outcome.recorded)
    record = record.model_copy(update={"absent": record.absent | training_absences(record)})
    return record.model_copy(update={"findings": judge(record, spread_of(setting.host))})


def _with_gpus(told: Replication | None, watch: CellWatch | None) -> Replication | None:
    """What the cell tells of its devices, with what was seen of each from outside."""
    if told is None or watch is None:
        return told
    if told.logical:
        why = "a logical device of the CPU"
        seen: Sequence[Summary] = [(dict.fromkeys(_OF_EACH), dict.fromkeys(_OF_EACH, why))] * len(told.devices)
    else:
        seen = watch.by_device()
    devices = tuple(
        one.model_copy(
            update={name: values[name] for name in _OF_EACH if values[name] is not None}
            | {"absent": one.absent | {n: reasons[n] for n in _OF_EACH if n in reasons and getattr(one, n) is None}}
        )
        for one, (values, reasons) in zip(told.devices, seen, strict=True)
    )
    return told.model_copy(update={"devices": devices})


def _with_energy(history: Sequence[Epoch], energy: Mapping[int, float]) -> tuple[Epoch, ...]:
    return tuple(
        epoch.model_copy(update={"energy_joules": energy[epoch.epoch]}) if epoch.epoch in energy else epoch
        for epoch in history
    )


def environment(planned: Planned) -> dict[str, str]:
    """What of the environment may change which kernels run and how fast, as the cell found it."""
    return setting(os.environ, planned.options.env)
