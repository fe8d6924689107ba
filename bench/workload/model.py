"""The compiled model of a cell: the network, its optimizer and loss, and a count of how often its step was traced."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import tensorflow as tf

from bench.errors import Fault, InputError
from bench.suite.options import Options
from bench.suite.recipe import OptimizerSpec, Phase, TrainSpec
from bench.suite.spec import ModelSpec
from bench.support.exception_text import exception_text
from bench.workload.data import Split
from bench.workload.macs import Macs, count_macs
from bench.workload.networks import build, freeze
from bench.workload.networks.heads import shape_fault
from bench.workload.pipeline import converted
from bench.workload.training import build_optimizer

__all__ = [
    "Built",
    "Description",
    "Feed",
    "StepModel",
    "count_macs",
    "describe",
    "optimizer_of",
    "parameters",
    "shape_fault",
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
    batches from (None: the pipeline)."""

    traces: int = 0
    seconds: float = 0.0
    feed: Feed | None = None


class StepModel(keras.Model):
    """A Keras model whose training step counts its traces, and can take its batches from the device's memory.

    Keras's own step does the work; this adds nothing to the graph but the gather of device-resident batches.
    """

    trace_log: TraceLog

    def train_step(self, data: Any) -> Any:
        log = self.trace_log
        began = time.perf_counter()
        try:
            return super().train_step(data if log.feed is None else log.feed.batch(data))
        finally:
            log.traces += 1
            log.seconds += time.perf_counter() - began


class Built:
    """A cell's network as a Keras model, which is compiled anew for each phase of its training.

    `model` is ready for `fit` from the start: frozen as the cell's model says, with the optimizer of `train` (None:
    Adam), sparse cross-entropy and accuracy. A user's own model that comes compiled keeps its optimizer and loss.
    `split` is what `source: device` keeps on the device.
    """

    def __init__(
        self,
        spec: ModelSpec,
        shape: tuple[int, int, int],
        classes: int,
        options: Options,
        folder: Path,
        split: Split | None = None,
        train: TrainSpec | None = None,
    ) -> None:
        self._network = network = build(spec, shape, classes, options, folder)
        self.name, self.compiled = spec.network, network.compiled
        self._spec, self._options, self._train = spec, options, train
        self.model = StepModel(network.inputs, network.outputs, name="cell")
        resident = Resident(split, options) if split is not None and options.source == "device" else None
        self.model.trace_log = TraceLog(feed=resident)
        self.as_timed()

    def as_timed(self) -> None:
        """Frozen and compiled as the cell's windows are, with a fresh optimizer."""
        rate = self._train.learning_rate if self._train else None
        self._compile(self._spec.freeze, rate, int(self._options.steps_per_execution))

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
    """A network's size. `train_state_mib` is weights plus optimizer slots; `macs` are multiply-adds of one image."""

    trainable_params: int
    non_trainable_params: int
    layers: int
    train_state_mib: float
    macs: Macs


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
    return Description(trainable, non_trainable, network.base_layers, state, count_macs(model))


def parameters(model: keras.Model) -> tuple[int, int]:
    """Trainable and non-trainable weights of `model`, seeds of random layers left out."""
    trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    fixed = sum(math.prod(weight.shape) for weight in model.non_trainable_weights)
    return trainable, fixed
