"""Which layers of a network are not trained."""

from __future__ import annotations

import math
from fractions import Fraction
from weakref import WeakSet

import keras

from bench.errors import Fault, InputError

__all__ = ["freeze"]

_FROZEN: WeakSet[keras.Layer] = WeakSet()
"""The layers that `freeze` has frozen, so that it never thaws one that whoever built the network has frozen."""


def freeze(base: keras.Model, amount: float, network: str) -> int:
    """Freeze the first ceil(fraction × layers), or that number, of `base`, and no others; gives how many it has.

    What was frozen here before is trainable again. A compiled model goes by it once it is compiled anew. Raises
    InputError for more layers than there are; `network` is what the user knows it by.
    """
    count = len(base.layers)
    # by its decimal digits: 0.7 × 10 is a little more than 7 in floats
    first = math.ceil(Fraction(str(amount)) * count) if isinstance(amount, float) else amount
    if first > count:
        raise InputError(Fault(f"freeze: {first} layers, but {network} has {count}", f"at most {count}"))
    for layer in base.layers:
        if layer in _FROZEN:
            layer.trainable = True
            _FROZEN.discard(layer)
    for layer in base.layers[:first]:
        if layer.trainable:
            layer.trainable = False
            _FROZEN.add(layer)
    return count
