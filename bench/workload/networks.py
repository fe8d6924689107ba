"""The networks: the handout's two, every one of Keras Applications, and the user's own by import path."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
from keras import layers

from bench.errors import Fault, InputError
from bench.importing import load_function
from bench.suite.options import Options
from bench.suite.spec import ModelSpec
from bench.workload.augment import FlipAndShift

__all__ = ["Network", "build"]

DEFAULT_LEARNING_RATES = {"simple_cnn": 1e-3}
FINE_TUNING_RATE = 5e-5
"""Adam's rate in the handout's VGG16 cell, and for every other network that is no toy."""

WITH_OWN_RESCALING = ("EfficientNet", "MobileNetV3", "ConvNeXt")
"""Families of Keras Applications that expect pixels of 0..255 and rescale them inside."""


Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Network:
    """A symbolic network, not yet compiled. `base_layers` is the number of layers that `freeze` counts in."""

    inputs: Any
    outputs: Any
    base_layers: int
    learning_rate: float
    compiled: keras.Model | None = None


def build(spec: ModelSpec, shape: Shape, classes: int, options: Options, folder: Path) -> Network:
    """The network of `spec` for images of `shape` (H, W, C), with a softmax over `classes`, always in float32.

    uint8 pixels are rescaled to 0..1 by its first layer, and augmentation is its next, where `options` asks for them.
    Raises InputError for what the network can't be: images too small for it, more frozen layers than it has, weights
    that can't be loaded, an import path that gives no model.
    """
    inputs = keras.Input(shape, dtype="uint8" if options.pixels == "uint8" else "float32", name="images")
    x = layers.Rescaling(1 / 255)(inputs) if options.pixels == "uint8" else inputs
    if options.augment == "model":
        x = FlipAndShift()(x)
    rate = spec.learning_rate or DEFAULT_LEARNING_RATES.get(spec.network, FINE_TUNING_RATE)
    if ":" in spec.network:
        own = _own(spec, shape, classes, folder)
        return Network(inputs, own(x), _freeze(own, spec), rate, own if own.compiled else None)
    if spec.network == "simple_cnn":
        base = _sized(_simple_cnn, "simple_cnn", shape)
        x = layers.Dense(64, activation="relu")(base(x))
    else:
        base = _application("VGG16" if spec.network == "vgg16" else spec.network, spec.weights, shape)
        if spec.network.startswith(WITH_OWN_RESCALING):
            x = layers.Rescaling(255.0)(x)
        x = base(x)
        if spec.network == "vgg16":
            x = layers.Dropout(0.5)(x)
        x = layers.GlobalAveragePooling2D()(x)
    frozen_of = _freeze(base, spec)
    # softmax and loss in float32 whatever the policy: half precision there costs accuracy and gains nothing
    outputs = layers.Dense(classes, activation="softmax", dtype="float32", name="head")(x)
    return Network(inputs, outputs, frozen_of, rate)


def _simple_cnn(shape: Shape) -> keras.Model:
    """The handout's convolutions: 32, 64 and 64 of 3×3 with ReLU, 2×2 max-pooling between, valid padding."""
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
        ],
        name="simple_cnn",
    )


def _application(name: str, weights: str | None, shape: Shape) -> keras.Model:
    constructor = getattr(keras.applications, name)
    try:
        base = _sized(lambda size: constructor(include_top=False, weights=weights, input_shape=size), name, shape)
    except Exception as error:
        if weights is None or isinstance(error, InputError):
            raise
        raise InputError(
            Fault(
                f"the {weights} weights of {name} can't be loaded: {_first(error)}",
                "Keras downloads them on first use: connect once, or copy its weights file into "
                "~/.keras/models (KERAS_HOME/models), or set `weights: null`",
            )
        ) from error
    return base


def _sized(make: Callable[[Shape], keras.Model], name: str, shape: Shape) -> keras.Model:
    try:
        return make(shape)
    except ValueError as error:
        size = "×".join(map(str, shape))
        raise InputError(Fault(f"{name} can't take images of {size}: {_first(error)}")) from error


def _own(spec: ModelSpec, shape: Shape, classes: int, folder: Path) -> keras.Model:
    model = load_function(spec.network, folder)(input_shape=shape, classes=classes, **spec.args)
    if not isinstance(model, keras.Model):
        name = spec.network.rpartition(":")[2]
        raise InputError(
            Fault(
                f"{spec.network} gave a {type(model).__name__}",
                f"it is called as {name}(input_shape=(H, W, C), classes=N, **args) and returns a keras.Model",
            )
        )
    return model


def _freeze(base: keras.Model, spec: ModelSpec) -> int:
    """Freeze the first ceil(fraction × layers), or that number, of `base`; gives how many layers it has."""
    count = len(base.layers)
    first = math.ceil(spec.freeze * count) if isinstance(spec.freeze, float) else spec.freeze
    if first > count:
        raise InputError(Fault(f"freeze: {first} layers, but {spec.network} has {count}", f"at most {count}"))
    for layer in base.layers[:first]:
        layer.trainable = False
    return count


def _first(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
