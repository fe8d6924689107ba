"""One record: what one cell gave. Immutable, one JSON line under `results/<host>/<suite>.jsonl`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr

from bench.results.bounded import Count, Items, Moment, Name, Number, Positive, Seconds, Text
from bench.results.journal_line import JournalLine
from bench.results.recorded_setup import (
    RecordedData,
    RecordedDevice,
    RecordedOptions,
    RecordedProtocol,
    RecordedTrain,
    Shape,
    Share,
    Workload,
)
from bench.results.replication import Replication
from bench.results.team import TeamName
from bench.results.window import Discarded, Turns, Window, Windows
from bench.support.frozen import Frozen

__all__ = [
    "SCHEMA_VERSION",
    "Accuracy",
    "Attribution",
    "DataInfo",
    "Discarded",
    "Epoch",
    "Failure",
    "Finding",
    "Judged",
    "JudgedMetric",
    "OwnPipeline",
    "Record",
    "Status",
    "Training",
    "Turns",
    "Window",
    "Windows",
]

SCHEMA_VERSION = 7
"""Version of a record's form. Its history:

1. the first: raw windows, stages, values with reasons for what is absent, two fingerprints
2. adds `attribution` and the executor `replay`; records of version 1 are read as they are
3. adds `train`, `training`, `data_spec`, `table`, test accuracy, and an epoch's phase, rate and energy; records of
   versions 1 and 2 that were trained get the `train` that they had: see `Record.brought_up`
4. adds `turns` and `discarded`: a run measures a cell in several processes that take turns with others, one record
   each; a record of before stands for a run of one process
5. adds `train_images`: training accuracy is judged as held-out accuracy is; before it was a running mean
6. adds `judged`, `data.pipeline` and `network`: a user's own pipeline has no images' shape, and may not know its
   examples
7. adds `team`, the executor `ray`, `oom_score_adj` to `environment`, `replication`, and the options that share a step
   among devices: where `options.batch` is `per_replica`, a step takes `batch_size` examples on each of them; lines end
   in a seal: see `bench.results.seal`
"""

Seed = Annotated[int, Field(ge=0, lt=2**64)]
Loss = Annotated[float, Field(ge=-1e39, le=1e39)]
"""Of single precision."""

_LEAST_KEPT = 0.75
_TRAIN_KEPT = 3
"""Version since which a record holds its `train`."""

Status = Literal["ok", "skipped", "failed", "out_of_memory", "timed_out", "crashed"]


class Failure(Frozen):
    """How a cell ended that didn't end well.

    `stage` is where (`plan`, `start`, `data`, `cache`, `model`, `first step`, `warm-up`, `windows`, `evaluation`,
    `training`, `results`), `message` why, in one line; `log` is the path of the full text, relative to the results'
    root.
    """

    stage: Name
    message: Text
    log: Text | None = None


class OwnPipeline(Frozen):
    """An input pipeline of the user's own. `element` is what its batches look like, `batch_size` the first dimension
    that they have where that is fixed; `seams` are the options that it leaves to the variant. An example has
    `units_per_example` of `unit`, which rates count."""

    element: Text
    batched: bool
    endless: bool = False
    batch_size: Count | None = None
    seams: Annotated[tuple[Name, ...], Items] = ()
    unit: Name = "examples"
    units_per_example: Number = 1.0
    element_bytes: Count | None = Field(None, description="of a batch's example; null: it varies")
    uneven: bool = Field(False, description="may its batches differ in size, the last one say?")
    generated: bool = Field(False, description="does a Python generator feed it?")


class DataInfo(Frozen):
    """What the cell was fed. `requested` differs from `name` where real data was asked for and couldn't be had."""

    name: Name
    requested: Name
    synthetic: bool
    reason: Text | None = Field(None, description="why the data is synthetic though real data was requested")
    shape: Shape | None = Field(None, description="H, W, channels of an image; null: its elements are no such images")
    classes: Count | None = Field(None, description="width of the model's head; null: it depends on the model alone")
    subset: Annotated[tuple[Count, ...], Items] | None = Field(
        None, description="original labels that were kept; null: all"
    )
    train_images: Count | None = Field(None, description="null: how many there are isn't known")
    held_out_images: Count
    test_images: Count
    digest: Name = Field(description="hash of images and labels: equal digests, equal data")
    pipeline: OwnPipeline | None = Field(None, description="null: arrays of images, fed by the harness's own pipeline")
    doubts: Annotated[tuple[Text, ...], Items] = Field(
        (), description="what about its labels may not be meant so, in words"
    )

    def images(self, side: int | None) -> tuple[int, int, int] | None:
        """H, W, channels of images as a network takes them, scaled to squares of that `side` (None: as they are); None
        where the elements are no images in arrays."""
        if self.shape is None or side is None:
            return self.shape
        return side, side, self.shape[2]

    @property
    def unit_of_examples(self) -> str:
        """What its elements are called, one by one."""
        return "images" if self.pipeline is None else "examples"

    @property
    def unit(self) -> str:
        """What rates count."""
        return "images" if self.pipeline is None else self.pipeline.unit


class Accuracy(Frozen):
    """Shares (0..1) of images classified correctly by what was trained in the cell.

    `train` is over `train_images` images that it was trained on; in older records, which have none of these, it is a
    mean over steps whose weights changed, with dropout and augmentation at work (an epoch, or all windows). `held_out`
    is over `held_out_images` images never trained on; `test` over the `test_images` of the data set's own
    test part, which no rule has looked at either; `steps` is how many steps the weights have seen. Where the best
    epoch's weights were restored, all of it is theirs.
    """

    train: Share
    held_out: Share | None
    held_out_images: Count
    steps: Count
    synthetic: bool
    train_images: Count = 0
    test: Share | None = None
    test_images: Count = 0


class JudgedMetric(Frozen):
    """What one of a model's own metrics, or its loss, said of examples trained on and held out; `better` is the
    direction that its name tells of."""

    name: Name
    better: Literal["lower", "higher"] | None
    train: Number | None = None
    held_out: Number | None = None


class Judged(Frozen):
    """A user's own model judged by its own metrics, over so many examples, after so many steps.

    Where several processes of a cell were judged, this is the first one's.
    """

    metrics: Annotated[tuple[JudgedMetric, ...], Items]
    train_examples: Count
    held_out_examples: Count
    steps: Count

    @property
    def main(self) -> JudgedMetric | None:
        """The first that isn't a loss; else the loss."""
        return next((one for one in self.metrics if "loss" not in one.name), next(iter(self.metrics), None))


class Epoch(Frozen):
    """One epoch of training: losses, accuracies (0..1) and the seconds from its first to its last batch's end.

    `phase` is empty where training has none; `learning_rate` is the one that its steps had. `energy_joules` is what
    the GPU took until its end, from the end of the epoch before, validation included. The test images' figures are
    there where the suite asked for them after each epoch; no rule looks at them.
    """

    epoch: Positive
    steps: Count
    seconds: Seconds
    loss: Loss
    accuracy: Share | None = Field(None, description="null: the model's own metrics hold none")
    val_loss: Loss | None = None
    val_accuracy: Share | None = None
    val_seconds: Seconds | None = None
    phase: Name = ""
    learning_rate: Number | None = None
    energy_joules: Number | None = None
    test_loss: Loss | None = None
    test_accuracy: Share | None = None

    def figure(self, monitor: str) -> float | None:
        """The figure of Keras's name `monitor`: `val_loss`, `accuracy` …"""
        value: float | None = getattr(self, monitor)
        return value


class Training(Frozen):
    """How a training to accuracy went; its epochs are the record's `history`.

    `stopped_by` is the rule that ended it (`epochs`: all that were asked for), `best_epoch` the one whose `monitor`
    was best (in the last phase, where there are several), `restored` whether the weights are its own. `resumed_after`
    are the epochs after which an interrupted training went on, in another process. `weights` is the file of what was
    trained, relative to the host's folder of results.
    """

    stopped_by: Literal["epochs", "early_stopping", "target_accuracy"]
    monitor: Name
    best_epoch: Positive
    restored: bool
    reduced_after: tuple[Count, ...] = Field((), description="epochs after which the learning rate was reduced")
    resumed_after: tuple[Count, ...] = ()
    weights: Text | None = None


class Attribution(Frozen):
    """What a step's time is made of: the windows of three loops, run in the cell's process after it was measured.

    `pipeline`: batches taken from the cell's input pipeline, with no training. `step`: the training step on a batch
    that lies on the device, dispatched as the cell does. `device`: the same, with `execution` steps in each call of
    the compiled function, so that hardly any of it is dispatch; empty where a step takes so long that dispatch
    doesn't matter. The cell's own windows are the pipeline and the step together.

    `filling` is the first pass over the data through a fresh pipeline that has a cache, its first batch left out, for
    that one waits for the shuffle buffer; None where nothing is cached.
    """

    pipeline: Windows
    step: Windows
    device: Windows
    execution: Positive
    filling: Window | None = None


class Finding(Frozen):
    """A judgement on a record. `code` is stable (`synthetic-data`, `noisy` …), `message` is for people."""

    code: Name
    message: Text


class Record(JournalLine):
    """What one process of a cell gave. Figures are unrounded; what was not measured is null, and `absent` says why.

    `processes` are all of those that the same run measured the cell in, this one the first, once they are brought
    together: see `bench.results.query`.
    """

    readable: ClassVar = (1, 2, 3, 4, 5, 6, SCHEMA_VERSION)
    sealed: ClassVar = True

    schema_version: int = SCHEMA_VERSION
    suite: Name
    suite_title: Text = Field("", description="the suite's own title")
    cell: Name
    model: Name
    variant: Name
    batch_size: Positive
    seed: Seed
    baseline: bool = Field(False, description="is this the suite's baseline variant?")
    host: Name
    team: TeamName | None = Field(None, description="whose it is; null: the working tree had no owner")
    executor: Literal["local", "ray", "inline", "replay"] = Field(
        "local",
        description="local: on the machine of the command; ray: the same on a node of a Ray cluster; inline: for"
        " debugging; replay: windows recorded before; neither of these two gives figures that count",
    )
    started: Moment = Field(description="UTC, ISO 8601")
    status: Status
    failure: Failure | None = None
    fingerprint: Name = Field(description="equal ones may be compared in time")
    accuracy_fingerprint: Name = Field(description="equal ones may be compared in accuracy")
    workload: Workload = Field(description="what `fingerprint` is a hash of")
    options: RecordedOptions = Field(description="the variant's options, `auto` settled")
    protocol: RecordedProtocol
    software: Annotated[dict[str, Name], Items]
    environment: Annotated[dict[str, Text], Items] = Field(
        default_factory=dict, description="variables that TensorFlow or CUDA obey"
    )
    device: RecordedDevice
    data: DataInfo | None = None
    windows: Windows = ()
    turns: Turns | None = Field(None, description="null: it was measured with no other beside it")
    discarded: tuple[Discarded, ...] = ()
    stopped_by: Literal["precision", "budget"] | None = None
    stages: Annotated[dict[str, Seconds], Items] = Field(default_factory=dict, description="seconds by stage, in order")
    values: Annotated[dict[str, Number | None], Items] = Field(
        default_factory=dict, description="what instruments read, by metric name"
    )
    absent: Annotated[dict[str, Text], Items] = Field(
        default_factory=dict, description="why a value is null, by metric name"
    )
    notes: Annotated[dict[str, Text], Items] = Field(
        default_factory=dict, description="how a value was come by, by metric name"
    )
    accuracy: Accuracy | None = None
    judged: Judged | None = Field(None, description="null: accuracy and loss are all that it was judged by")
    train: RecordedTrain | None = Field(None, description="the suite's `train`, as it holds for the cell")
    training: Training | None = None
    data_spec: RecordedData | None = Field(None, description="the suite's `data`, as it holds for the cell")
    table: tuple[Name, ...] = Field((), description="the suite's columns of what was trained")
    history: tuple[Epoch, ...] = ()
    attribution: Attribution | None = None
    replication: Replication | None = Field(None, description="null: one device, and no strategy")
    network: Name | None = Field(
        None, description="digest of its layers, which lie beside the results; null: not told of"
    )
    findings: tuple[Finding, ...] = ()

    _processes: tuple[Record, ...] = PrivateAttr(())

    @property
    def processes(self) -> tuple[Record, ...]:
        # a report asks fifteen times about each record, and `self._processes` would take ten times as long
        private = self.__pydantic_private__
        return (private and private["_processes"]) or (self,)

    def of_processes(self, processes: Iterable[Record], findings: tuple[Finding, ...]) -> Self:
        """The record as it stands for these `processes`, with what was found of all of them."""
        joined = self.model_copy(update={"findings": findings})
        joined._processes = tuple(processes)
        return joined

    @cached_property
    def left_out(self) -> frozenset[int]:
        """The discarded cycles, but none where more than a quarter would go: what is left may not stand for all."""
        gone = frozenset(one.cycle for one in self.discarded)
        return gone if len(self._without(gone)) >= _LEAST_KEPT * len(self.windows) else frozenset()

    @cached_property
    def counted(self) -> Windows:
        """The windows that figures are computed from: without those of `left_out` cycles."""
        return self._without(self.left_out)

    def _without(self, cycles: frozenset[int]) -> Windows:
        if not cycles:
            return self.windows
        length = self.turns.length if self.turns is not None else 1
        return tuple(window for place, window in enumerate(self.windows) if place // length not in cycles)

    @cached_property
    def timed(self) -> tuple[Windows, ...]:
        """The windows that count of each process."""
        return tuple([one.counted for one in self.processes])

    @property
    def ok(self) -> bool:
        return self.status == "ok"

    @property
    def global_batch_size(self) -> int:
        """Examples in a step of all devices together."""
        return self.batch_size * self.options.batches_per_step

    @property
    def whole(self) -> bool:
        """Does it hold what is measured once, beside its windows?"""
        return self.turns is None or "steps" in self.values

    @property
    def label(self) -> str:
        return self.cell

    @property
    def counts(self) -> bool:
        """Was it measured in a way whose figures count?"""
        return self.executor in ("local", "ray")

    def brought_up(self) -> Self:
        """The record in the newest form. Before version 3 there was one way to train: all epochs, with Adam."""
        if self.schema_version >= _TRAIN_KEPT or self.train is not None or not self.history:
            return self
        train = RecordedTrain.model_validate(
            RecordedTrain(epochs=len(self.history)).complete
        )  # it was all written since
        return self.model_copy(update={"train": train})
