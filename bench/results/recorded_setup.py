"""What a record says of how its cell was set up, as frozen types: its work, options, protocol, device, training, data.

They are what the suite's own types came to when the cell was run, and outlive them: a key that a later version adds is
kept, and one that an earlier version didn't have yet has what was so before there was such a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, StringConstraints, model_serializer
from pydantic_core import to_jsonable_python

from bench.results.bounded import Band, Count, Items, Name, Named, Number, Plain, Positive, Seconds, Text
from bench.support.flat import flat
from bench.support.frozen import Frozen

__all__ = [
    "RecordedData",
    "RecordedDevice",
    "RecordedNetwork",
    "RecordedOptimizer",
    "RecordedOptions",
    "RecordedPhase",
    "RecordedProtocol",
    "RecordedRule",
    "RecordedSetup",
    "RecordedTrain",
    "Shape",
    "Share",
    "Workload",
    "WorkloadData",
]

Side = Annotated[int, Field(ge=1, le=10**6)]
Shape = tuple[Side, Side, Side]
"""Height, width, channels."""

Freeze = Count | Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class RecordedSetup(Frozen):
    """A part of a record. It is written as it was read: keys that it doesn't know stay, and none is added."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, Plain]

    @cached_property
    def plain(self) -> Mapping[str, Any]:
        """What is written down, as values of JSON by name. Not to be changed."""
        return self.model_dump(mode="json")

    @cached_property
    def complete(self) -> Mapping[str, Any]:
        """The same with what wasn't written, at its default. Not to be changed."""
        names = (*type(self).model_fields, *(self.model_extra or ()))
        found: dict[str, Any] = to_jsonable_python({name: getattr(self, name) for name in names})
        return found

    @model_serializer(mode="wrap")
    def _as_written(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        dumped: dict[str, Any] = dump(self)
        written = self.model_fields_set
        if written == dumped.keys():
            return dumped
        return {name: value for name, value in dumped.items() if name in written}


class RecordedOptimizer(RecordedSetup):
    """One of Keras's optimizers, and its arguments that aren't Keras's defaults."""

    name: Name
    args: Named = Field(default_factory=dict)


class RecordedNetwork(RecordedSetup):
    """A network as its suite names it; `source` is the hash of the file behind one of the user's own."""

    network: Name
    freeze: Freeze = 0
    weights: Text | None = None
    learning_rate: Number | None = None
    args: Named = Field(default_factory=dict)
    source: Name | None = None

    @property
    def is_own(self) -> bool:
        """Is it the user's own, by an import path?"""
        return ":" in self.network


class RecordedOptions(RecordedSetup):
    """The options of a variant, `auto` settled; see `bench.suite.options.Options`.

    `batch_map_source` is the hash of the file behind `batch_map`; a workload alone has it.
    """

    source: Name = "memory"
    pixels: Name = "float64"
    cache: Name = "none"
    shuffle: Positive | Name = "all"
    map: Positive | Name = "none"
    prefetch: Count | Name = "autotune"
    deterministic: bool = True
    pipeline_threads: Positive | None = None
    autotune_ram_mib: Positive | None = None
    augment: Name = "none"
    batch_map: Name | None = None
    batch_map_source: Name | None = None
    image_size: Side | None = None
    precision: Name = "float32"
    xla: bool = False
    steps_per_execution: Positive = 1
    threads: Positive | None = None
    devices: Positive = 1
    strategy: Name | None = None
    batch: Name = "global"
    logical_devices: bool = False
    tf32: bool = True
    env: Annotated[dict[str, Text], Items] = Field(default_factory=dict)

    @property
    def batches_per_step(self) -> int:
        """How many of the suite's batches a step of all devices together takes."""
        return self.devices if self.batch == "per_replica" else 1


class WorkloadData(RecordedSetup):
    """What of its data a step's time depends on; `shape` is of the images that the network takes.

    Of a pipeline of the user's own these are null, and `element` says what its batches look like; `source` is the hash
    of the file behind it.
    """

    shape: Shape | None = None
    classes: Count | None = None
    train_images: Count | None = None
    element: Text | None = None
    source: Name | None = None
    args: Named = Field(default_factory=dict)


class Workload(RecordedSetup):
    """Everything that must match for two timings to be comparable; a record's `fingerprint` is a hash of it.

    `optimizer` is there where it isn't Adam at its defaults.
    """

    version: Count
    model: RecordedNetwork
    options: RecordedOptions
    batch_size: Positive
    data: WorkloadData
    software: Annotated[dict[str, Name], Items]
    optimizer: RecordedOptimizer | None = None

    @cached_property
    def beside_options(self) -> Mapping[str, Any]:
        """What is written down, without the options, by dotted names. Not to be changed."""
        return flat({name: value for name, value in self.plain.items() if name != "options"})


class RecordedProtocol(RecordedSetup):
    """How the cell was measured; see `bench.suite.spec.Protocol`. All `*_seconds` are seconds."""

    precision: Number
    same_within: Band = 0.05
    max_seconds: Seconds
    min_windows: Count = 5
    min_seconds: Seconds = 0.0
    window_seconds: Seconds | None = None
    warmup_steps: Count | None = None
    warmup_seconds: Seconds | None = None
    timeout_seconds: Seconds | None = None
    eval_images: Count | None = None


class RecordedDevice(RecordedSetup):
    """What computed, `kind` being `gpu` or `cpu`, and what else the machine has.

    `gpu_unused` is a card that is there and that TensorFlow doesn't compute on; `unsuited` says by data type why the
    device doesn't compute in it.
    """

    kind: Literal["gpu", "cpu"]
    name: Name | None = None
    gpu_name: Name | None = None
    gpu_unused: Name | None = None
    unsuited: Annotated[dict[str, Text], Items] = Field(default_factory=dict)
    compute_capability: Annotated[str, StringConstraints(pattern=r"^\d{1,3}\.\d{1,3}$")] | None = None
    cores: Count | None = None
    platform: Name | None = None

    @property
    def is_gpu(self) -> bool:
        return self.kind == "gpu"


class RecordedRule(RecordedSetup):
    """A rule of training; see `bench.suite.recipe`."""

    patience: Count
    min_delta: Number = 0.0
    factor: Number | None = None
    cooldown: Count | None = None
    min_rate: Number | None = None


class RecordedPhase(RecordedSetup):
    """A stretch of training with layers, rate and rules of its own; what is null is the training's, or the model's."""

    name: Name
    epochs: Positive | None = None
    freeze: Freeze | None = None
    learning_rate: Number | None = None
    early_stopping: RecordedRule | None = None
    reduce_on_plateau: RecordedRule | None = None


class RecordedTrain(RecordedSetup):
    """How the cell was to be trained; see `bench.suite.recipe.TrainSpec`."""

    epochs: Positive | None = None
    steps_per_epoch: Positive | None = None
    validation_steps: Positive | None = None
    optimizer: RecordedOptimizer | None = None
    learning_rate: Number | None = None
    monitor: Name = "val_loss"
    early_stopping: RecordedRule | None = None
    reduce_on_plateau: RecordedRule | None = None
    restore_best: bool = False
    target_accuracy: Share | None = None
    stop_at_target: bool = False
    max_params: Positive | None = None
    test_each_epoch: bool = False
    keep_weights: bool = False
    phases: Annotated[tuple[RecordedPhase, ...], Items] = ()


class RecordedData(RecordedSetup):
    """Which data was asked for; see `bench.suite.spec.DataSpec`. Only what differs from its defaults was written."""

    name: Name
    pipeline: Name | None = None
    validation: Name | None = None
    batched: bool = False
    examples: Positive | None = None
    unit: Named | None = None
    subset: Positive | Annotated[tuple[Count, ...], Items] | Text | None = None
    team_seed: Count | None = None
    team: Name | None = None
    held_out: Share = 0.15
    shape: Shape = (32, 32, 3)
    classes: Count = 100
    images: Positive = 10_000
    test_images: Positive = 2_000
    seed: Count = 0
    args: Named = Field(default_factory=dict)
