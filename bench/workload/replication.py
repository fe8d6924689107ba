"""A step shared among devices by tf.distribute.MirroredStrategy, and what Keras can't do under it.

What is refused here was run with Keras 3.15.1 and TensorFlow 2.21.0: see `findings/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import keras
import tensorflow as tf

from bench.errors import Fault, InputError
from bench.suite.options import Options
from bench.suite.replication import ACCUMULATION, NO_ACCUMULATION, unfit_options

__all__ = [
    "build_beforehand",
    "check_replicable",
    "check_undistributed",
    "filling_batch",
    "is_first_replica",
    "mirrored",
    "scope",
]


@cache
def mirrored(kind: str, devices: int) -> tf.distribute.MirroredStrategy:
    """This process's strategy over the first `devices` of that kind (`gpu` or `cpu`).

    It is made once: collectives of a second one in the same process abort, and can wait for ever.
    """
    return tf.distribute.MirroredStrategy([f"/{kind.upper()}:{place}" for place in range(devices)])


def scope(options: Options, kind: str) -> AbstractContextManager[Any]:
    """In which models, optimizers and metrics are to be made, so that each device has its copy; of a single device
    without a strategy nothing."""
    if options.strategy is None:
        return nullcontext()
    context: AbstractContextManager[Any] = mirrored(kind, int(options.devices)).scope()
    return context


def filling_batch(examples: int, most: int, devices: int) -> int:
    """The largest batch size up to `most` in which `examples` leave no device without some, in the last batch neither.

    TensorFlow gives each device in turn its share, rounded up, until nothing is left for the last ones. A convolution
    by oneDNN gives their empty batches the shape of its input, and the layers after it fail:
    `findings/tensorflow-onednn-empty-batch.sh`. Raises InputError where there is no such size.
    """

    def fills(batch: int) -> bool:
        return batch == 0 or -(-batch // devices) * (devices - 1) < batch

    sizes = (size for size in range(most, 0, -1) if fills(min(size, examples)) and fills(examples % size))
    found = next(sizes, None) if examples else most
    if found is None:
        what = f"no batches of {examples} images to judge leave none of {devices} devices without some"
        raise InputError(Fault(what, f"hold out more of them: {2 * devices}, say"))
    return found


def is_first_replica() -> bool:
    """Is this code traced for the first of the devices, or for one alone?"""
    context = tf.distribute.get_replica_context()
    if context is None:
        return True
    return tf.get_static_value(context.replica_id_in_sync_group) in (0, None)


def build_beforehand(model: keras.Model, elements: Any) -> None:
    """Build all of a replicated model for batches that look like `elements` (`tf.TypeSpec`s), so that `fit` needn't.

    Under a strategy `fit` draws a batch to build from, then begins the data set anew: one that is shuffled would be
    trained on in its second order, and not in that which a single device gets.
    """
    if getattr(model, "_distribute_strategy", None) is None or not hasattr(model, "_maybe_symbolic_build"):
        return
    specs = tf.nest.flatten(elements)
    if not all(isinstance(one, tf.TensorSpec) and one.shape.is_fully_defined() for one in specs):
        return  # a function of the user's own left sizes open
    zeros = tf.nest.map_structure(lambda one: tf.zeros(one.shape, one.dtype), elements)
    type(model)._maybe_symbolic_build(model, data_batch=zeros)
    model._maybe_symbolic_build = _build_nothing


def _build_nothing(**_: Any) -> None:
    """In place of what `fit` and `evaluate` build with."""


def check_undistributed(network: str) -> None:
    """Raise InputError where the user's own code has set Keras's distribution: it does nothing under TensorFlow."""
    found = keras.distribution.distribution()
    if found is not None:
        keras.distribution.set_distribution(None)  # other networks may be looked at in this process
        what = f"{network} sets keras.distribution to {type(found).__name__}, which does nothing under TensorFlow"
        raise InputError(Fault(what, "leave it out, and write `devices: 2` in a variant"))


def check_replicable(model: keras.Model, network: str, options: Options) -> None:
    """Raise InputError where a model of the user's own can't be trained as the options say, on several devices or on
    one: it has a strategy of its own, or was compiled with what Keras can't do under one."""
    faults = [*_faults(model, network, options)]
    if faults:
        raise InputError(*faults)


def _faults(model: keras.Model, network: str, options: Options) -> Iterator[Fault]:
    own = getattr(model, "_distribute_strategy", None)
    if own is not None and own is not tf.distribute.get_strategy():
        what = f"{network} makes its model in the scope of a {type(own).__name__} of its own"
        yield Fault(what, "a process can have one: make it in no scope, and write `devices: 2` in a variant")
    if options.strategy is None:
        return
    hint = "compile it without, or train it on one device"
    execution = getattr(model, "steps_per_execution", None) or 1
    for _, why in unfit_options({"steps_per_execution": execution}):
        yield Fault(f"{network} compiles its model with steps_per_execution={execution}: {why}", hint)
    optimizer = getattr(model, "optimizer", None)
    if getattr(getattr(optimizer, "inner_optimizer", optimizer), ACCUMULATION, None):
        yield Fault(f"{network} compiles its model with {ACCUMULATION}: {NO_ACCUMULATION}", hint)
