"""From a suite's model to a network: what its name stands for, between the images and a head."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras
from keras import layers

from bench.errors import Fault, InputError
from bench.results.record import DataInfo
from bench.suite.options import Options
from bench.suite.spec import ModelSpec
from bench.workload.augment import FlipAndShift
from bench.workload.networks import scratch
from bench.workload.networks.applications import application
from bench.workload.networks.behaviour import own_behaviour
from bench.workload.networks.body import Body, Shape, sized
from bench.workload.networks.compact import compact
from bench.workload.networks.convnet import convnet
from bench.workload.networks.freezing import freeze
from bench.workload.networks.handout import simple_cnn, vgg16
from bench.workload.networks.own import load_weights, own_model

__all__ = ["HOUSE", "Network", "build", "build_for_elements", "network_of"]

HOUSE: Mapping[str, Callable[..., Body]] = MappingProxyType(
    {
        "simple_cnn": simple_cnn,
        "scratch_first": scratch.first,
        "scratch_second": scratch.second,
        "scratch_third": scratch.third,
        "scratch_fourth": scratch.fourth,
        "scratch_fifth": scratch.fifth,
        "scratch_sixth": scratch.sixth,
        "convnet": convnet,
        "compact": compact,
    }
)
"""The networks that are built from layers, by name: called with the images' shape and the suite's `args`."""

SCRATCH_RATE = 1e-3
"""Adam's rate, which is Keras's default, for the networks of the house and the user's own."""
FINE_TUNING_RATE = 5e-5
"""Adam's rate in the handout's VGG16 cell, and for the networks of Keras Applications."""


@dataclass(frozen=True)
class Network:
    """A symbolic network, not yet compiled. `base` is the part of it whose layers `freeze` counts.

    `compiled` is a model of the user's own that came compiled, `whole` one that is to be trained itself, since it
    trains in a way of its own: the variant's first layers then stand before it in its step. One that takes the elements
    of a pipeline of the user's own is always that, and has no `inputs` and `outputs`: the model knows its own.
    """

    inputs: Any
    outputs: Any
    base: keras.Model
    learning_rate: float
    compiled: keras.Model | None = None
    whole: keras.Model | None = None

    def as_model(self, name: str) -> keras.Model:
        """As a model by itself, the variant's first layers included."""
        if self.inputs is None:
            return self.base
        return keras.Model(self.inputs, self.outputs, name=name)

    @property
    def base_layers(self) -> int:
        """The number of layers that `freeze` counts in."""
        return len(self.base.layers)


def build(spec: ModelSpec, shape: Shape, classes: int, options: Options, folder: Path) -> Network:
    """The network of `spec` for images of `shape` (H, W, C), with a softmax over `classes`, always in float32.

    uint8 pixels are rescaled to 0..1 by its first layer, and augmentation is its next, where `options` asks for them.
    Files of weights and import paths are looked up in `folder`. Raises InputError for what the network can't be:
    images too small for it, arguments that it doesn't take, more frozen layers than it has, weights that can't be
    loaded, an import path that gives no model of Keras 3.
    """
    inputs = keras.Input(shape, dtype="uint8" if options.pixels == "uint8" else "float32", name="images")
    x = layers.Rescaling(1 / 255)(inputs) if options.pixels == "uint8" else inputs
    if options.augment == "model":
        x = FlipAndShift()(x)
    own = ":" in spec.network
    taken = {"input_shape": shape, "classes": classes}
    body = Body(own_model(spec, taken, folder, options.env)) if own else _body(spec, shape)
    if spec.weights not in (None, "imagenet"):
        load_weights(body.base, folder / str(spec.weights), spec.network)
    for layer in (*body.before, body.base, *body.top):
        x = layer(x)
    freeze(body.base, spec.freeze, spec.network)
    if own:
        compiled = body.base if body.base.compiled else None
        whole = body.base if own_behaviour(body.base) else None
        return Network(inputs, x, body.base, spec.learning_rate or SCRATCH_RATE, compiled, whole)
    # softmax and loss in float32 whatever the policy: half precision there costs accuracy and gains nothing
    outputs = layers.Dense(classes, activation="softmax", dtype="float32", name="head")(x)
    rate = spec.learning_rate or (SCRATCH_RATE if spec.network in HOUSE else FINE_TUNING_RATE)
    return Network(inputs, outputs, body.base, rate)


def build_for_elements(spec: ModelSpec, options: Options, folder: Path) -> Network:
    """The user's own network of `spec`, for the elements of a pipeline of the user's own: to be trained itself, just as
    it came.

    Raises InputError where its function gives no compiled model of Keras 3.
    """
    model = own_model(spec, {}, folder, options.env)
    if not model.compiled:
        what = f"{spec.network} gave a model that isn't compiled, and nothing else says which loss it takes"
        raise InputError(Fault(what, "compile it in its function"))
    if spec.weights is not None:
        load_weights(model, folder / spec.weights, spec.network)
    freeze(model, spec.freeze, spec.network)
    return Network(None, None, model, spec.learning_rate or SCRATCH_RATE, model, model)


def network_of(spec: ModelSpec, data: DataInfo, options: Options, folder: Path) -> Network:
    """The network of `spec` for the images or elements that `data` tells of: see `build`, `build_for_elements`."""
    images = data.images(options.image_size)
    if images is None or data.classes is None:
        return build_for_elements(spec, options, folder)
    return build(spec, images, data.classes, options, folder)


def _body(spec: ModelSpec, shape: Shape) -> Body:
    if spec.network in HOUSE:
        return sized(lambda shape: HOUSE[spec.network](shape, **spec.args), spec.network, shape)
    weights = "imagenet" if spec.weights == "imagenet" else None  # a file's are loaded over random ones
    return vgg16(shape, weights) if spec.network == "vgg16" else application(spec.network, weights, shape)
