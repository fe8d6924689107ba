"""What lies between the images and the head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras

from bench.errors import Fault, InputError
from bench.support.exception_text import exception_summary

__all__ = ["Body", "Shape", "sized", "stacked"]

Shape = tuple[int, int, int]
"""H, W, C."""


@dataclass(frozen=True)
class Body:
    """A network without its head: `before`, then `base`, then `top`, whose output [B, F] the head classifies.

    `base` is what `freeze` counts in, and what weights are loaded into.
    """

    base: keras.Model
    top: tuple[keras.Layer, ...] = ()
    before: tuple[keras.Layer, ...] = ()


def stacked(
    name: str,
    shape: Shape,
    base: Sequence[keras.Layer],
    top: Sequence[keras.Layer] = (),
    before: Sequence[keras.Layer] = (),
) -> Body:
    """A body of layers one after the other."""
    return Body(keras.Sequential([keras.Input(shape), *base], name=name), tuple(top), tuple(before))


def sized(make: Callable[[Shape], Body], name: str, shape: Shape) -> Body:
    """The body that `make` gives for images of `shape`. Raises InputError for images that the network can't take."""
    try:
        return make(shape)
    except ValueError as error:
        size = "×".join(map(str, shape))
        raise InputError(Fault(f"{name} can't take images of {size}: {exception_summary(error)}")) from error
