"""The handout's networks."""

from __future__ import annotations

from keras import layers

from bench.workload.networks.applications import application
from bench.workload.networks.body import Body, Shape, stacked

__all__ = ["simple_cnn", "vgg16"]


def simple_cnn(shape: Shape) -> Body:
    """The handout's convolutions: 32, 64 and 64 of 3×3 with ReLU, 2×2 max-pooling between, valid padding."""
    return stacked(
        "simple_cnn",
        shape,
        [
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
        ],
        [layers.Dense(64, activation="relu")],
    )


def vgg16(shape: Shape, weights: str | None) -> Body:
    """Keras's VGG16, with dropout before its features are averaged."""
    plain = application("VGG16", weights, shape)
    return Body(plain.base, (layers.Dropout(0.5), *plain.top))
