"""What can't be trained on several devices, and why: of the options alone, and of a training's optimizer.

Each was run with Keras 3.15.1 and TensorFlow 2.21.0 on two logical CPU devices: see `findings/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from bench.suite.options import Options

__all__ = [
    "ACCUMULATION",
    "NO_ACCUMULATION",
    "NO_STRATEGIES",
    "PER_REPLICA_CLIPPING",
    "global_batch_size",
    "unfit_options",
    "unshared_batch",
]

ACCUMULATION: Final = "gradient_accumulation_steps"
NO_ACCUMULATION: Final = "Keras can't accumulate gradients under MirroredStrategy: it raises as the step is traced"

PER_REPLICA_CLIPPING: Final = ("clipnorm", "global_clipnorm", "clipvalue")
"""Arguments of an optimizer that Keras applies to each replica's own gradients, before they are summed: several devices
then train other weights than one."""

_MULTI_WORKER = (
    "Keras 3's `fit` can't be used under MultiWorkerMirroredStrategy: it raises a ValueError on the first batch"
)
_DISTRIBUTION = "keras.distribution does nothing under TensorFlow, and says nothing: it would train on one device"
NO_STRATEGIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "multiworkermirrored": _MULTI_WORKER,
        "multiworker": _MULTI_WORKER,
        "dataparallel": _DISTRIBUTION,
        "modelparallel": _DISTRIBUTION,
        "parameterserver": "Keras 3's `fit` has no ParameterServerStrategy",
        "onedevice": "one device needs no strategy, and OneDeviceStrategy slows its steps: leave it out",
    }
)
"""Strategies that others have, by their names' letters, and why there is none of them here."""


def unfit_options(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Those of a replicated step's `options` (by name, as written) that it can't have, each with the reason."""
    steps = options.get("steps_per_execution", 1)
    if isinstance(steps, int) and steps > 1:
        yield (
            "steps_per_execution",
            "Keras's loop of several steps an execution raises under MirroredStrategy",
        )
    if options.get("xla") is True:
        yield "xla", "XLA can't compile a step under MirroredStrategy: TensorFlow raises on the first one"
    if options.get("source") == "device":
        yield "source", "images that lie on one device's memory would be fetched from there by the others"


def global_batch_size(batch_size: int, options: Options) -> int:
    """Examples in a step of all devices together, of a suite's batch size; `devices` must be settled."""
    return batch_size * int(options.devices) if options.batch == "per_replica" else batch_size


def unshared_batch(batch_size: int, devices: int, options: Options) -> str | None:
    """Why a batch can't be shared evenly, which would train other weights than one device does: Keras takes the mean of
    the replicas' losses, whatever their shares. None where it can."""
    if options.batch == "per_replica" or batch_size % devices == 0:
        return None
    return f"a batch of {batch_size:,} can't be shared evenly by {devices} devices"
