"""What each cell means on this machine: `auto` settled, and what can't run here named with its reason."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.analyse.options.applicable import not_applicable
from bench.host.detect import Hardware
from bench.results.fingerprint import canonical, fingerprint
from bench.results.record import DataInfo
from bench.suite.cells import Cell
from bench.suite.options import Options
from bench.suite.recipe import NOTHING_LEARNT, OptimizerSpec
from bench.suite.replication import global_batch_size, unfit_options, unshared_batch
from bench.suite.user_code import locate
from bench.workload.sizes import Size

__all__ = ["Planned", "fingerprints", "plan", "settle", "timing_software", "unmet", "workload"]

WORKLOAD_VERSION = 1
"""Raised whenever a network or pipeline of the house changes what it computes: older timings then no longer match."""

_LATER = (
    *("batch_map", "deterministic", "pipeline_threads", "autotune_ram_mib"),
    *("devices", "strategy", "batch", "logical_devices"),
)
"""Options that there weren't always: a fingerprint has them where they aren't at their defaults."""

_TIMING_SOFTWARE = ("tensorflow", "keras", "malloc")
"""What timings depend on; the way memory is had changes what processes differ by, and may change their mean."""

GPU_STEPS_PER_EXECUTION = 16
"""`steps_per_execution: auto` on GPUs: hides most of Keras's dispatch, about 1 ms a call, and leaves windows short."""


@dataclass(frozen=True)
class Planned:
    """A cell with its options settled for this machine; `skip` says why it can't run here.

    `size` is its network's, where that was asked for, and `data` what it is fed, once that is known.
    """

    cell: Cell
    options: Options
    skip: str | None
    size: Size | None = None
    data: DataInfo | None = None

    @property
    def global_batch_size(self) -> int:
        """Examples in a step of all devices together; `devices` being settled."""
        return global_batch_size(self.cell.batch_size, self.options)


def plan(cell: Cell, hardware: Hardware) -> Planned:
    """What `cell` means on `hardware`."""
    options = settle(cell.variant.options, hardware)
    return Planned(cell, options, _skip(options, hardware) or _unshared(cell, options, hardware))


def settle(options: Options, hardware: Hardware) -> Options:
    """`options` with every `auto` replaced by what suits `hardware`, and what has no effect set to none.

    Images that lie on the device are neither mapped nor cached in the pipeline, which carries only their indices. Under
    a strategy `auto` is what can be had there; a single device without one is the same whatever the batch is said of.
    """
    gpu = hardware.kind == "gpu"
    update = _settled_devices(options, hardware)
    if update.get("strategy", options.strategy) is not None:
        apart = {"source": "memory", "xla": False, "steps_per_execution": 1}
        update |= {name: value for name, value in apart.items() if getattr(options, name) == "auto"}
        options = options.model_copy(update=update)
    if options.source == "auto":
        host_side = options.augment == "pipeline" or options.batch_map is not None
        update["source"] = "device" if gpu and not host_side else "memory"
    if options.precision == "auto":
        update["precision"] = (
            "mixed_bfloat16"
            if hardware.supports_bfloat16
            else "mixed_float16"
            if hardware.supports_float16
            else "float32"
        )
    if options.xla == "auto":
        update["xla"] = gpu
    if options.steps_per_execution == "auto":
        update["steps_per_execution"] = GPU_STEPS_PER_EXECUTION if gpu else 1
    if update.get("source", options.source) == "device":
        update |= {"map": "none", "cache": "none"}
    return options.model_copy(update=update)


def _settled_devices(options: Options, hardware: Hardware) -> dict[str, Any]:
    devices = options.devices
    if devices == "all":
        logical = hardware.cores if options.logical_devices else 1
        devices = hardware.visible_gpus if hardware.kind == "gpu" else logical
    update: dict[str, Any] = {"devices": devices}
    if devices > 1:
        update["strategy"] = "mirrored"
    else:
        update["batch"] = "global"
    if devices == 1 or hardware.kind == "gpu":
        update["logical_devices"] = False
    return update


def unmet(planned: Planned) -> str | None:
    """Which of its options can't be applied to a pipeline of the user's own, and why; None where all can."""
    own = planned.data.pipeline if planned.data is not None else None
    if own is not None and planned.options.strategy is not None:
        if own.generated:
            return (
                f"a Python generator feeds {planned.cell.data.name}: under MirroredStrategy more is drawn of it than "
                "is trained on; write what it gives to files, or to arrays"
            )
        if own.uneven:
            return (
                f"{planned.cell.data.name} gives batches of a size that isn't fixed, and one that the devices can't "
                "share evenly trains other weights: `batch(…, drop_remainder=True)` fixes it"
            )
    mapped = planned.options.batch_map is not None
    reasons = (not_applicable(option, planned.data, batch_map=mapped) for option in planned.options.changed())
    return next((reason for reason in reasons if reason is not None), None)


def _skip(options: Options, hardware: Hardware) -> str | None:
    if options.precision == "mixed_float16" and not hardware.supports_float16:
        return hardware.float16_reason
    if options.precision == "mixed_bfloat16" and not hardware.supports_bfloat16:
        return hardware.bfloat16_reason
    if not options.tf32 and not hardware.supports_tf32:
        return hardware.tf32_reason
    if options.source == "device" and options.augment == "pipeline":
        return "device-resident images never pass the pipeline: augment them in the model"
    if options.source == "device" and options.batch_map is not None:
        return "device-resident images never pass the pipeline: batch_map has nothing to work on"
    return None


def _unshared(cell: Cell, options: Options, hardware: Hardware) -> str | None:
    """Why this machine, or a batch of that size, can't be shared by so many devices."""
    devices = int(options.devices)
    if hardware.kind == "gpu" and devices > hardware.visible_gpus:
        return f"it wants {devices} GPUs, and a process here can compute on {hardware.visible_gpus}"
    if hardware.kind == "cpu" and devices > 1 and not options.logical_devices:
        logical = "`logical_devices: on` makes as many of it as are wanted, which share its cores"
        return f"it wants {devices} devices, and this machine measures its CPU, which is one; {logical}"
    if options.strategy is not None:
        for _, why in unfit_options(options.model_dump()):
            return why
    return unshared_batch(cell.batch_size, devices, options)


def workload(planned: Planned, data: DataInfo, software: Mapping[str, str]) -> dict[str, Any]:
    """Everything that must match for two timings to be comparable. Pixel values aren't among it, nor is the machine."""
    spec, train = planned.cell.model, planned.cell.train
    model: dict[str, Any] = spec.model_dump(mode="json", exclude={"name", "train", "data"})
    if ":" in spec.network:
        model["source"] = _source_digest(spec.network.partition(":")[0], planned.cell.folder)
    options = planned.options.model_dump(mode="json")
    for name in _LATER:  # records from before there was such an option stay comparable
        if getattr(planned.options, name) == Options.model_fields[name].default:
            del options[name]
    if planned.options.batch_map is not None:
        options["batch_map_source"] = _source_digest(planned.options.batch_map.partition(":")[0], planned.cell.folder)
    mapped = planned.options.source == "tfrecord" or planned.options.augment == "pipeline" or planned.options.batch_map
    if planned.options.map == "none" and mapped:
        options["map"] = "serial"  # under `none` older records let tf.data run several at once
    if planned.options.prefetch == 0:
        options["prefetch"] = "none"  # under 0 older records let tf.data add one of its own
    # Adam at its defaults is what timings without training have
    other = train.optimizer if train is not None and train.optimizer != OptimizerSpec(name="adam") else None
    return {
        **({"optimizer": other.model_dump(mode="json")} if other is not None else {}),
        "version": WORKLOAD_VERSION,
        "model": model,
        "options": options,
        "batch_size": planned.cell.batch_size,
        "data": _own_data(planned.cell, data)
        if data.pipeline is not None
        else {
            "shape": list(data.images(planned.options.image_size) or ()),
            "classes": data.classes,
            "train_images": data.train_images,
        },
        "software": timing_software(software),
    }


def timing_software(software: Mapping[str, str]) -> dict[str, str]:
    """Those of the versions, by name, that must match for two timings to be comparable."""
    return {name: software[name] for name in _TIMING_SOFTWARE if name in software}


def _own_data(cell: Cell, data: DataInfo) -> dict[str, Any]:
    """What of a pipeline of the user's own a step's time depends on: its code, and what that gives."""
    assert data.pipeline is not None
    module = str(cell.data.pipeline).partition(":")[0]
    return {
        "element": data.pipeline.element,
        "train_images": data.train_images,
        "source": _source_digest(module, cell.folder),
        "args": {"function": cell.data.pipeline, **cell.data.args},
    }


def fingerprints(planned: Planned, data: DataInfo, software: Mapping[str, str]) -> tuple[str, str]:
    """The hash for timings, and the one for accuracy: that also wants the same data, seed and training."""
    timing = workload(planned, data, software)
    cell = planned.cell
    train = cell.train.model_dump(mode="json", exclude=set(NOTHING_LEARNT)) if cell.train else None
    accuracy = {"timing": timing, "digest": data.digest, "seed": cell.seed, "train": train}
    return fingerprint(canonical(timing)), fingerprint(canonical(accuracy))


def _source_digest(module: str, folder: str) -> str | None:
    """Hash of the file behind a user's own model, so that an edited one doesn't pass for the old."""
    file = locate(module, Path(folder))
    return None if file is None else hashlib.sha256(file.read_bytes()).hexdigest()[:16]
