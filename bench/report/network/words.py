"""What is said of a layer, or of those that one stands for, in a table and in a drawing."""

from __future__ import annotations

from collections.abc import Sequence

from bench.results.architecture import Layer, Sizes
from bench.support.plain_text import plain_text

__all__ = ["kind_text", "name_text", "settings_text", "shape_text", "sizes_text", "work_text"]

_OPEN = "?"


def name_text(layers: Sequence[Layer]) -> str:
    """The name, with the models that it lies in; of several the first and the last.

    >>> name_text([Layer(name="conv", kind="Conv2D", within=("vgg16",))])
    'vgg16/conv'
    """
    first, last = layers[0], layers[-1]
    name = "/".join((*first.within, first.name))
    return plain_text(name if len(layers) == 1 or first == last else f"{name} … {last.name}")


def kind_text(layers: Sequence[Layer]) -> str:
    """The kind, and whether its weights are those of another call."""
    return plain_text(layers[0].kind) + (" (shared)" if layers[0].again else "")


def settings_text(layers: Sequence[Layer]) -> str:
    """What it does; of several that differ in a figure the first and the last."""
    told = list(dict.fromkeys(layer.settings for layer in layers))
    return plain_text(told[0] if len(told) == 1 else f"{told[0]} … {told[-1]}")


def shape_text(layers: Sequence[Layer]) -> str:
    """What it gives an image; of several whose channels differ, of the first and the last.

    >>> shape_text([Layer(name="a", kind="ReLU", shapes=((8, 8, size),)) for size in (64, 96, 128)])
    '8×8×64 … 128'
    """
    first, last = layers[0].shapes, layers[-1].shapes
    text = ", ".join(map(sizes_text, first))
    if first == last or not last or not last[0]:
        return text
    return f"{text} … {_size(last[0][-1])}"


def sizes_text(sizes: Sizes) -> str:
    """Sizes without the batch; one number an image is 1."""
    return "×".join(map(_size, sizes)) or "1"


def _size(size: int | None) -> str:
    return _OPEN if size is None else str(size)


def work_text(macs: float) -> str:
    """Multiply-adds in millions, with three digits at least."""
    millions = macs / 1e6
    return "0" if not macs else f"{millions:,.0f}" if millions >= 100 else f"{millions:,.3g}"
