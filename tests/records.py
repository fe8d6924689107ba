"""Records as a run would leave them, with windows from a seeded generator."""

import math
import zlib

import numpy as np

from bench.results.record import Accuracy, Attribution, DataInfo, Epoch, Failure, Record, Training, Window
from bench.results.recorded_setup import Workload
from bench.results.replication import AllReduce, DeviceUse, Replication
from bench.suite.cells import Cell
from bench.suite.options import Options
from bench.suite.recipe import TrainSpec
from bench.suite.spec import DataSpec, ModelSpec, Protocol, Variant

GONE = object()
PARAMS = {"simple_cnn": 128_420, "vgg16": 14_765_988}
MACS = {"simple_cnn": 6_600_000, "vgg16": 313_000_000}
NO_GPU = "no NVIDIA driver library (libnvidia-ml.so.1)"
CPU = {"kind": "cpu", "name": "Intel Xeon", "gpu_name": None, "gpu_unused": None}
T4 = {"kind": "gpu", "name": "Tesla T4", "gpu_name": "Tesla T4", "gpu_unused": None}


def make_windows(step_ms=16.0, count=12, noise=0.01, window_seconds=0.1, seed=0):
    """Windows of about `window_seconds`, each step taking `step_ms` give or take `noise` (a share of it)."""
    generator = np.random.default_rng(seed)
    steps = max(1, math.ceil(window_seconds / (step_ms / 1e3)))
    factors = 1 + noise * generator.standard_normal(count)
    return tuple(Window(steps, float(steps * step_ms / 1e3 * factor)) for factor in factors)


def make_data(**changes):
    fields = {
        "name": "cifar100",
        "requested": "cifar100",
        "synthetic": False,
        "shape": (32, 32, 3),
        "classes": 100,
        "subset": tuple(range(20)),
        "train_images": 8_500,
        "held_out_images": 1_500,
        "test_images": 2_000,
        "digest": "5f0c",
    }
    return DataInfo(**(fields | changes))


SYNTHETIC = make_data(name="synthetic", synthetic=True, reason="no archive in the Keras cache, and no network")


def make_history(epochs=6):
    return tuple(
        Epoch(
            epoch=i,
            steps=30,
            seconds=0.5,
            loss=2.3 * 0.5**i,
            accuracy=1 - 0.7 * 0.6**i,
            val_loss=2.3 * 0.55**i + 0.05,
            val_accuracy=0.985 - 0.7 * 0.6**i,
            val_seconds=0.05,
        )
        for i in range(1, epochs + 1)
    )


def make_replication(count=2, batch_size=128, share=0.1, logical=False, **changes):
    """A step shared by `count` devices, of which summing gradients takes that share."""
    kind = "CPU" if logical else "GPU"
    fields = {
        "strategy": "mirrored",
        "reduction": "CollectiveAllReduce",
        "logical": logical,
        "global_batch_size": batch_size,
        "replica_batch_size": batch_size // count,
        "devices": tuple(
            DeviceUse(name=f"{kind}:{place}", peak_gpu_nvml_bytes=3e9 + place * 1e8, gpu_energy_joules=50.0 + place)
            for place in range(count)
        ),
        "all_reduce": AllReduce(
            reducing=make_windows(20.0, 8, 0.001, seed=1), local=make_windows(20.0 * (1 - share), 8, 0.001, seed=2)
        ),
    }
    return Replication(**(fields | changes))


def make_record(model="simple_cnn", variant="notebook", *, step_ms=16.0, count=12, noise=0.01, **changes):
    """A good record of a cell; `changes` are fields, `options` among them as a suite would name them."""
    options = Options(**changes.pop("options", {})).model_dump(mode="json")
    batch_size, seed = changes.get("batch_size", 128), changes.get("seed", 0)
    data = changes.get("data", make_data())
    software = changes.get("software", {"tensorflow": "2.21.0", "keras": "3.15.1"})
    params = PARAMS.get(model, 1_000_000)
    windows = make_windows(step_ms, count, noise, seed=zlib.crc32(f"{model}/{variant}/{seed}".encode()))
    workload = {
        "version": 1,
        "model": {"network": model, "freeze": 0, "weights": None, "args": {}, "learning_rate": None},
        "options": options,
        "batch_size": batch_size,
        "data": {"shape": list(data.shape), "classes": data.classes, "train_images": data.train_images},
        "software": software,
    }
    fields = {
        "suite": "cnn",
        "cell": f"{model}/{variant}/b{batch_size}",
        "model": model,
        "variant": variant,
        "batch_size": batch_size,
        "seed": seed,
        "baseline": variant == "notebook",
        "host": "xeon-2-cores",
        "started": "2026-01-05T10:00:00+00:00",
        "status": "ok",
        "fingerprint": f"{model}-{variant}-{batch_size}",
        "accuracy_fingerprint": f"{model}-{variant}-{batch_size}-{seed}-{data.digest}",
        "workload": workload,
        "options": options,
        "protocol": {"precision": 0.02, "max_seconds": 20.0, "min_windows": 5} | changes.pop("protocol", {}),
        "software": software,
        "device": CPU,
        "data": data,
        "windows": windows,
        "stopped_by": "precision",
        "stages": {"start": 0.9, "data": 0.2, "model": 0.1, "first step": 0.5, "warm-up": 1.0, "windows": 1.3},
        "values": {
            "first_step_seconds": 0.5,
            "compile_seconds": 0.48,
            "trace_seconds": 0.3,
            "retraces": 0,
            "peak_gpu_allocator_bytes": None,
            "peak_gpu_nvml_bytes": None,
            "peak_resident_bytes": 1_200 * 2**20,
            "trainable_params": params,
            "non_trainable_params": 0,
            "train_state_bytes": 12 * params,
            "macs_per_image": MACS.get(model, 1_000_000),
        },
        "absent": {"peak_gpu_allocator_bytes": NO_GPU, "peak_gpu_nvml_bytes": NO_GPU},
        "accuracy": Accuracy(
            train=0.041, held_out=0.0352, held_out_images=512, steps=187, synthetic=data.synthetic, train_images=512
        ),
    }
    record = Record(**(fields | changes))
    # only before version 3 there were epochs without a recipe
    untold = record.history and not record.train
    return record.model_copy(update={"schema_version": 2}).brought_up() if untold else record


def make_attributed(both, pipeline, step, device=None, *, on=CPU, execution=64, noise=0.004, **changes):
    """A record whose loops take so many milliseconds a step; `device` None: that loop is empty."""
    loops = [() if ms is None else make_windows(ms, 8, noise, seed=7) for ms in (pipeline, step, device)]
    fields = dict(zip(("pipeline", "step", "device"), loops, strict=True))
    attribution = Attribution(**fields, execution=execution if device is not None else 1)
    return make_record(step_ms=both, noise=noise, attribution=attribution, device=on, **changes)


def make_epochs(accuracy=0.8, epochs=20, gap=0.05, seconds=1.2, rate=1e-3, shake=0.004, seed=0, phases=(), steps=30):
    """Epochs that come to about this accuracy on held-out images, and by `gap` to more on the training images.

    `phases` are pairs of a name and the epochs that it has, and take the place of `epochs`.
    """
    generator = np.random.default_rng(seed)
    names = [name for name, count in phases for _ in range(count)] or [""] * epochs
    found = []
    for i, name in enumerate(names, start=1):
        done = 1 - math.exp(-4 * i / len(names))
        train, held_out = (accuracy + gap) * done, accuracy * done + float(generator.normal(0, shake))
        found.append(
            Epoch(
                epoch=i,
                steps=steps,
                seconds=seconds,
                loss=max(0.02, 3 * (1 - train)),
                accuracy=min(1.0, train),
                val_loss=max(0.02, 3 * (1 - held_out)),
                val_accuracy=min(1.0, max(0.0, held_out)),
                val_seconds=seconds / 10,
                phase=name,
                learning_rate=rate,
            )
        )
    return tuple(found)


def make_trained(model="simple_cnn", variant="notebook", *, accuracy=0.8, test=None, **changes):
    """A good record of a cell that was trained to about this accuracy; `test` None: of the same on its test images.

    `changes` are fields, with `train` and `data_spec` as a suite would write them, `network` what the model is, the
    arguments of `make_epochs`, and `stopped_by` and `restored` of the training.
    """
    seed = changes.get("seed", 0)
    network = changes.pop("network", {})
    named = ("epochs", "gap", "seconds", "rate", "phases", "steps", "shake")
    shape = {name: changes.pop(name) for name in named if name in changes}
    history = changes.pop("history", None) or make_epochs(accuracy, seed=seed, **shape)
    data = changes.pop("data", make_data())
    restored, ended = changes.pop("restored", False), changes.pop("stopped_by", "epochs")
    more = {name: changes.pop(name) for name in ("reduced_after", "resumed_after", "weights") if name in changes}
    best = min(history, key=lambda one: one.val_loss if one.val_loss is not None else one.loss)
    last = best if restored else history[-1]
    training = Training(stopped_by=ended, monitor="val_loss", best_epoch=best.epoch, restored=restored, **more)
    train = TrainSpec(**({"epochs": len(history)} | changes.pop("train", {}))).model_dump(mode="json")
    spec = DataSpec(**({"name": "cifar100", "subset": 20, "team_seed": 1} | changes.pop("data_spec", {})))
    fields = {
        "suite": "trained",
        "data": data,
        "data_spec": spec.model_dump(mode="json"),
        "train": train,
        "training": training,
        "history": history,
        "accuracy": Accuracy(
            train=last.accuracy,
            held_out=last.val_accuracy,
            held_out_images=data.held_out_images,
            steps=sum(epoch.steps for epoch in history),
            synthetic=data.synthetic,
            train_images=data.held_out_images or 256,
            test=(last.val_accuracy if test is None else test) if data.test_images else None,
            test_images=data.test_images,
        ),
    }
    record = make_record(model, variant, **(fields | changes))
    for name, value in network.items():
        record = changed(record, ("model", name), value)
    return record


def make_cell(**changes):
    """A cell of the simple CNN on CIFAR-100 as a suite would spell it out."""
    fields = {
        "id": "simple_cnn/notebook/b128",
        "suite": "cnn",
        "folder": ".",
        "data": DataSpec(name="cifar100"),
        "model": ModelSpec(name="simple_cnn", network="simple_cnn"),
        "variant": Variant(name="notebook"),
        "batch_size": 128,
        "seed": 0,
        "protocol": Protocol(),
        "train": None,
    }
    return Cell(**(fields | changes))


def make_failed(model="simple_cnn", variant="everything", status="failed", message="ValueError: bad", **changes):
    """The record of a cell that didn't end well."""
    failure = Failure(stage="plan" if status == "skipped" else "model", message=message, log=changes.pop("log", None))
    gone = {"windows": (), "stopped_by": None, "stages": {}, "values": {}, "absent": {}, "accuracy": None}
    return make_record(model, variant, status=status, failure=failure, **(gone | changes))


def make_gpu_values(**changes):
    """What the instruments read on a card, beside what `make_record` has."""
    values = {
        "first_step_seconds": 4.1,
        "compile_seconds": 4.09,
        "trace_seconds": 0.4,
        "retraces": 0,
        "peak_gpu_allocator_bytes": 310 * 2**20,
        "peak_gpu_nvml_bytes": 14_100 * 2**20,
        "peak_gpu_process_bytes": 13_700 * 2**20,
        "peak_resident_bytes": 2_900 * 2**20,
        "gpu_utilization": 0.62,
        "gpu_power_watts": 48.2,
        "gpu_energy_joules": 62.7,
        "gpu_sm_clock_hz": 1.59e9,
        "gpu_memory_clock_hz": 5.0e9,
        "gpu_temperature_celsius": 61.0,
        "gpu_throttle_reasons": 0,
        "gpu_idle_watts": 9.8,
        "foreign_gpu_processes": 0,
        "foreign_gpu_memory_bytes": 0,
        "cpu_share": 0.42,
        "foreign_cpu_share": 0.01,
        "cpu_steal_share": 0.0,
        "cgroup_throttled_seconds": 0.0,
        "cpu_thermal_throttles": 0,
        "trainable_params": 128_420,
        "non_trainable_params": 0,
        "train_state_bytes": 12 * 128_420,
        "macs_per_image": 6_600_000,
        "training_macs_per_image": 19_800_000,
    }
    return values | changes


def changed(record, path, value):
    """The record with one entry of its workload changed, or taken out (`GONE`), and nothing else."""
    workload = record.model_dump(mode="json")["workload"]
    place = workload
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    if value is GONE:
        del place[path[-1]]
    return record.model_copy(update={"workload": Workload.model_validate(workload)})
