"""A network of few parameters for small images."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from bench.workload.networks.arguments import COUNT, check_arguments
from bench.workload.networks.body import Body, Shape

__all__ = ["compact"]


def compact(shape: Shape, width: int = 16) -> Body:
    """Residual blocks of separable convolutions at three resolutions, averaged over the image at the end.

    They have `width`, four and six times as many features: parameters lie where the image is small, and work is spent
    where it is large. A separable convolution has about a ninth of an ordinary one's parameters, and nothing need be
    projected between resolutions, where the pooled features stay beside new ones.
    """
    check_arguments("compact", width=(width, COUNT))
    inputs = keras.Input(shape)
    x = layers.ReLU()(_norm(layers.Conv2D(width, 3, padding="same", use_bias=False)(inputs)))
    x = _residual(x)
    x = _halved(x, 4 * width)
    x = _residual(_residual(x))
    x = _halved(x, 6 * width)
    x = _residual(x)
    return Body(keras.Model(inputs, layers.GlobalAveragePooling2D()(x), name="compact"))


def _residual(x: Any) -> Any:
    y = layers.ReLU()(_norm(_separable(x, x.shape[-1])))
    y = _norm(_separable(y, x.shape[-1]))
    return layers.ReLU()(layers.Add()([x, y]))


def _halved(x: Any, features: int) -> Any:
    """Half the height and width, rounded up, and `features`: those there are, pooled, and new ones."""
    new = layers.ReLU()(_norm(_separable(x, features - x.shape[-1], strides=2)))
    return layers.Concatenate()([layers.MaxPooling2D(2, padding="same")(x), new])


def _separable(x: Any, filters: int, strides: int = 1) -> Any:
    return layers.SeparableConv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)


def _norm(x: Any) -> Any:
    # a momentum that a few steps an epoch suffice for: with Keras's, small data's statistics lag for many epochs
    return layers.BatchNormalization(momentum=0.9)(x)
