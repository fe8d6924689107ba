"""The networks of Keras Applications, without their tops."""

from __future__ import annotations

import keras
from keras import layers

from bench.errors import Fault, InputError
from bench.support.exception_text import exception_summary
from bench.workload.networks.body import Body, Shape, sized

__all__ = ["application"]

WITH_OWN_RESCALING = ("EfficientNet", "MobileNetV3", "ConvNeXt")
"""Families that expect pixels of 0..255 and rescale them inside."""


def application(name: str, weights: str | None, shape: Shape) -> Body:
    """The network of that name, its features averaged over the image; `weights` are `imagenet` or None (random).

    Raises InputError for images too small for it, and for weights that can't be had.
    """
    constructor = getattr(keras.applications, name)

    def make(shape: Shape) -> Body:
        base = constructor(include_top=False, weights=weights, input_shape=shape)
        before = (layers.Rescaling(255.0),) if name.startswith(WITH_OWN_RESCALING) else ()
        return Body(base, (layers.GlobalAveragePooling2D(),), before)

    try:
        return sized(make, name, shape)
    except Exception as error:
        if weights is None or isinstance(error, InputError):
            raise
        raise InputError(
            Fault(
                f"the {weights} weights of {name} can't be loaded: {exception_summary(error)}",
                "Keras downloads them on first use: connect once, or copy its weights file into "
                "~/.keras/models (KERAS_HOME/models), or set `weights: null`",
            )
        ) from error
