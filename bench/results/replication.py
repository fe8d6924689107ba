"""How a cell's step was shared among devices, and what each of them took."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bench.results.bounded import Items, Name, Number, Positive, Text
from bench.results.window import Windows
from bench.support.frozen import Frozen

__all__ = ["AllReduce", "DeviceUse", "Replication"]


class DeviceUse(Frozen):
    """One of the devices, by TensorFlow's name for it; what couldn't be read is null, and `absent` says why."""

    name: Name
    peak_gpu_allocator_bytes: Number | None = None
    peak_gpu_nvml_bytes: Number | None = None
    gpu_energy_joules: Number | None = None
    absent: Annotated[dict[str, Text], Items] = Field(default_factory=dict)


class AllReduce(Frozen):
    """What summing the gradients over the devices costs: windows of the cell's step and of the same step without that
    sum, in turns in one process. One of each is a pair."""

    reducing: Windows
    local: Windows


class Replication(Frozen):
    """A step shared among devices by `strategy`, which sums gradients by `reduction`.

    `logical`: the devices are logical ones of one processor, whose cores they share. `remarks` say what of the model
    works otherwise on several devices than on one, or communicates more.
    """

    strategy: Name
    reduction: Name
    logical: bool
    global_batch_size: Positive
    replica_batch_size: Positive
    devices: Annotated[tuple[DeviceUse, ...], Items]
    remarks: Annotated[tuple[Text, ...], Items] = ()
    all_reduce: AllReduce | None = Field(None, description="null: not measured; `absent` says why")
