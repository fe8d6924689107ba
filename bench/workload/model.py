"""The compiled model of a cell: the network, its optimizer and loss, and a count of how often its step was traced."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import keras
import tensorflow as tf

from bench.errors import Fault, InputError
from bench.results.architecture import Architecture
from bench.suite.names import is_import_path
from bench.suite.options import Options
from bench.suite.recipe import OptimizerSpec, Phase, TrainSpec
from bench.suite.spec import ModelSpec
from bench.support.exception_text import exception_text
from bench.workload.architecture import architecture_of
from bench.workload.augment import FlipAndShift
from bench.workload.data import Split
from bench.workload.elements import ExampleCount
from bench.workload.macs import Macs, follow
from bench.workload.networks import Network, build, freeze
from bench.workload.networks.heads import shape_fault
from bench.workload.pipeline import converted
from bench.workload.replication import check_replicable, is_first_replica
from bench.workload.training import build_optimizer

__all__ = [
    "Built",
    "Description",
    "Feed",
    "StepModel",
    "describe",
    "optimizer_of",
    "parameters",
    "train_state",
]


_FLOAT_BYTES = 4


class Feed(Protocol):
    """Where a training step takes its batches from, if not from the pipeline itself."""

    def batch(self, carried: Any, /) -> Any:
        """The batch for what the pipeline carries, traced into the step."""


class Resident:
    """A split that lies in the device's memory: images [N, H, W, C] in the variant's pixel type, labels [N]."""

    def __init__(self, split: Split, options: Options) -> None:
        device = "/GPU:0" if tf.config.list_logical_devices("GPU") else "/CPU:0"
        with tf.device(device):
            self.images = tf.identity(converted(split.images, options))
            self.labels = tf.identity(tf.constant(split.labels))

    def batch(self, indices: Any) -> tuple[Any, Any]:
        """Images [B, H, W, C] and labels [B] at `indices` [B]."""
        return tf.gather(self.images, indices), tf.gather(self.labels, indices)


@dataclass
class TraceLog:
    """How often TensorFlow traced the training step, and how long that took; `feed` is what the step then takes its
    batches from (None: the pipeline), `examples` how many the batches of a model of the user's own held."""

    traces: int = 0
    seconds: float = 0.0
    feed: Feed | None = None
    examples: ExampleCount = field(default_factory=ExampleCount)

    @contextmanager
    def tracing(self) -> Iterator[Callable[[Any], Any]]:
        """Count the trace that is under way; gives what turns what the pipeline carries into a batch.

        With `run_eagerly` each step comes by, and none is traced.
        """
        began = time.perf_counter()
        try:
            yield self.feed.batch if self.feed is not None else lambda data: data
        finally:
            # replicas are traced within each other: the first one's trace holds the others'
            if not tf.executing_eagerly() and is_first_replica():
                self.traces += 1
                self.seconds += time.perf_counter() - began


class StepModel(keras.Model):
    """A Keras model whose training step counts its traces, and can take its batches from the device's memory.

    Keras's own step does the work; this adds nothing to the graph but the gather of device-resident batches.
    """

    trace_log: TraceLog

    def train_step(self, data: Any) -> Any:
        with self.trace_log.tracing() as taken:
            return super().train_step(taken(data))


def _watch(model: keras.Model, log: TraceLog, options: Options) -> None:
    """Have a model of the user's own, trained by its own step, do what a StepModel does; its step is given what the
    variant's first layers would give."""
    train_step, test_step = model.train_step, model.test_step
    shift = FlipAndShift() if options.augment == "model" else None

    def prepared(data: Any, training: bool) -> Any:
        if options.pixels != "uint8" and shift is None:
            return data
        images, *rest = data
        if options.pixels == "uint8":
            images = tf.cast(images, tf.float32) / 255
        if shift is not None:
            images = shift(images, training=training)
        return (images, *rest)

    def watched(data: Any) -> Any:
        with log.tracing() as taken:
            batch = taken(data)
            log.examples.see(batch)
            return train_step(prepared(batch, training=True))

    model.trace_log = log
    model.train_step = watched
    model.test_step = lambda data: test_step(prepared(data, training=False))


class Built:
    """A cell's `network` as a Keras model, which is compiled anew for each phase of its training.

    `model` is ready for `fit` from the start: frozen as the cell's model says, with the optimizer of `train` (None:
    Adam), sparse cross-entropy and accuracy. A user's own model that comes compiled keeps its optimizer and loss.
    `split` is what `source: device` keeps on the device.
    """

    def __init__(
        self,
        network: Network,
        spec: ModelSpec,
        options: Options,
        split: Split | None = None,
        train: TrainSpec | None = None,
    ) -> None:
        self._network = network
        self._spec, self._options, self._train = spec, options, train
        resident = Resident(split, options) if split is not None and options.source == "device" else None
        log = TraceLog(feed=resident)
        self._own_execution = 1
        if is_import_path(spec.network):
            check_replicable(network.base, spec.network, options)
        if network.whole is not None:
            self.model = network.whole
            self._own_execution = int(getattr(network.whole, "steps_per_execution", None) or 1)
            _watch(self.model, log, options)
        else:
            self.model = StepModel(network.inputs, network.outputs, name="cell")
            self.model.trace_log = log
        self.as_timed()

    def shape_fault(self, classes: int) -> Fault | None:
        """What is wrong with the shape of what it gives, of data of so many classes; None if nothing is."""
        network = self._network
        return shape_fault(self._spec.network, network.outputs, network.compiled, classes)

    def as_plain(self) -> keras.Model:
        """The network by itself, with the weights that it has: its variant's first layers included."""
        return self._network.as_model("trained")

    def as_timed(self) -> None:
        """Frozen and compiled as the cell's windows are, with a fresh optimizer."""
        rate = self._train.learning_rate if self._train else None
        asked = int(self._options.steps_per_execution)
        self._compile(self._spec.freeze, rate, self._own_execution if asked == 1 else asked)

    def begin(self, phase: Phase, execution: int, *, first: bool) -> bool:
        """Freeze what `phase` freezes, with its rate, a fresh optimizer, and so many steps an execution.

        Gives whether the step has to be traced anew: not where it is the `first` phase, trained as the cell is timed.
        """
        amount = self._spec.freeze if phase.freeze is None else phase.freeze
        wanted = (type(amount), amount, phase.learning_rate, execution)
        if first and wanted == self._compiled_for:
            return False
        self._compile(amount, phase.learning_rate, execution)
        return True

    def _compile(self, frozen: float, rate: float | None, execution: int) -> None:
        options, own = self._options, self._network.compiled
        freeze(self._network.base, frozen, self._spec.network)
        self._compiled_for = (type(frozen), frozen, rate, execution)
        wanted = self._train.optimizer if self._train else None
        if self._network.whole is not None and own is not None:
            self._set(own, rate, wanted, execution)
            return
        if own and wanted is None:
            optimizer = _renewed(own.optimizer, rate or self._spec.learning_rate)
        else:
            optimizer = optimizer_of(wanted, self._rate(rate, wanted))
        self.model.compile(
            optimizer=optimizer,
            loss=own.loss if own else "sparse_categorical_crossentropy",
            metrics=["accuracy"],
            jit_compile=bool(options.xla),  # always explicit: Keras's "auto" would turn it on by itself on GPUs
            steps_per_execution=execution,
        )
        if options.xla and not self.model.jit_compile:
            # Keras would only warn, and measure something else
            raise InputError(Fault(f"{self._spec.name} can't be compiled with XLA: some of its layers don't allow it"))

    def _set(self, model: keras.Model, rate: float | None, wanted: OptimizerSpec | None, execution: int) -> None:
        """Change what a variant or a phase changes of a model that came compiled, and nothing else of it."""
        options = self._options
        if options.xla and (model.run_eagerly or not all(one.supports_jit for one in model._flatten_layers())):
            raise InputError(Fault(f"{self._spec.name} can't be compiled with XLA: it, or a layer, doesn't allow it"))
        if wanted is not None:
            model.optimizer = optimizer_of(wanted, self._rate(rate, wanted))
        elif getattr(model, "optimizer", None) is not None:
            model.optimizer = _renewed(model.optimizer, rate or self._spec.learning_rate)
        model.jit_compile = bool(options.xla)
        model.steps_per_execution = execution
        model.train_function = None

    def _rate(self, rate: float | None, optimizer: OptimizerSpec | None) -> float | None:
        """The learning rate to begin with; None is Keras's default for that optimizer."""
        if rate is not None or self._spec.learning_rate is not None:
            return rate or self._spec.learning_rate
        return self._network.learning_rate if optimizer is None else None


def _renewed(optimizer: Any, rate: float | None) -> Any:
    """The user's own optimizer for a new set of variables, at that rate (None: its own)."""
    if rate is None and not optimizer.built:
        return optimizer
    config = optimizer.get_config()
    return type(optimizer).from_config(config if rate is None else {**config, "learning_rate": rate})


def optimizer_of(spec: OptimizerSpec | None, rate: float | None) -> keras.optimizers.Optimizer:
    """The optimizer that `spec` names (None: Adam) at that rate (None: Keras's default).

    Raises InputError where Keras refuses its arguments' values.
    """
    spec = spec or OptimizerSpec(name="adam")
    settings = spec.args if rate is None else {**spec.args, "learning_rate": rate}
    by_name = {known.casefold(): value for known, value in vars(keras.optimizers).items()}
    try:
        return by_name[spec.name](**settings)
    except (KeyError, TypeError, ValueError) as error:
        what = f"the optimizer {spec.name} can't have {spec.written_args or 'that'}: {exception_text(error)}"
        raise InputError(Fault(what)) from error


@dataclass(frozen=True)
class Description:
    """A network's size. `train_state_mib` is weights plus optimizer slots; `macs` are multiply-adds of one image;
    `architecture` tells of each layer."""

    trainable_params: int
    non_trainable_params: int
    layers: int
    train_state_mib: float
    macs: Macs
    architecture: Architecture


def train_state_bytes(trainable: int, non_trainable: int) -> int:
    """Weights and Adam's two slots in float32: 4 bytes × (trainable × 3 + non-trainable)."""
    return 4 * (trainable * 3 + non_trainable)


def train_state(model: keras.Model) -> int:
    """Bytes of `model`'s weights and of its optimizer's slots, in float32: with Adam those of `train_state_bytes`."""
    build_optimizer(model)
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # mixed float16 wraps it to scale losses
    # its step count and rate are scalars
    slots = sum(math.prod(variable.shape) for variable in optimizer.variables if len(variable.shape))
    return int(_FLOAT_BYTES * (sum(parameters(model)) + slots))


def describe(spec: ModelSpec, shape: tuple[int, int, int], classes: int, folder: Path) -> Description:
    """The size of `spec`'s network for images of `shape` (H, W, C); builds it, trains nothing.

    Raises InputError where it can't be built, whatever a function of the user's own raises.
    """
    try:
        network = build(spec, shape, classes, Options(), folder)
        model = keras.Model(network.inputs, network.outputs)
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(Fault(f"{spec.network} can't be built: {exception_text(error)}")) from error
    trainable, non_trainable = parameters(model)
    state = train_state_bytes(trainable, non_trainable) / 2**20
    followed = follow(model)
    told = architecture_of(model, followed)
    return Description(trainable, non_trainable, network.base_layers, state, followed.macs, told)


def parameters(model: keras.Model) -> tuple[int, int]:
    """Trainable and non-trainable weights of `model`, seeds of random layers left out."""
    trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    fixed = sum(math.prod(weight.shape) for weight in model.non_trainable_weights)
    return trainable, fixed
