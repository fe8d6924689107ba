"""Does a network of the user's own end in what its loss and the data want?"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from bench.errors import Fault

__all__ = ["head_fault", "shape_fault"]

_IMAGES = 2
_OFF = 1e-2
_SPARSE = ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy")


def shape_fault(name: str, outputs: Any, compiled: keras.Model | None, classes: int) -> Fault | None:
    """What is wrong with the shape of `outputs`, Keras tensors of the network `name`; None if nothing is.

    `compiled` is the network as it came compiled, whose loss then says what it wants; None: it gets sparse categorical
    cross-entropy.
    """
    flat = keras.tree.flatten(outputs)
    if len(flat) != 1:
        return Fault(f"{name} has {len(flat)} outputs", "a network must have one, with a value for each class")
    given = tuple(flat[0].shape[1:])
    if len(given) != 1:
        size = "×".join("?" if side is None else str(side) for side in given) or "one number"
        what = f"{name} gives {size} an image, and not a value for each class"
        return Fault(what, "pool or flatten before the last layer, and end in one of `classes` units")
    if (compiled is None or _is_sparse(compiled.loss)) and given[0] is not None and given[0] < classes:
        what = f"{name} gives {given[0]} values an image, and the data has {classes} classes"
        return Fault(what, "end in as many units as `classes` says")
    return None


def head_fault(name: str, model: keras.Model, compiled: keras.Model | None) -> Fault | None:
    """Does it end in logits where its loss takes probabilities, or the other way round? None if all is well.

    Looks at what `model`, with whatever weights it has, gives for a few random images. Other losses than the sparse
    categorical cross-entropy are the user's affair.
    """
    loss = compiled.loss if compiled is not None else _SPARSE[0]
    if not _is_sparse(loss):
        return None
    probabilities = _gives_probabilities(model)
    if probabilities is None:
        return None
    wants_logits = bool(getattr(loss, "_fn_kwargs", {}).get("from_logits", False))
    if not probabilities and not wants_logits:
        what = f"{name} ends in values that are no probabilities, and its loss would take them for such"
        hint = "end in a softmax, or compile it with SparseCategoricalCrossentropy(from_logits=True)"
        return Fault(what, hint)
    if probabilities and wants_logits:
        what = f"{name} ends in a softmax, and its loss, with from_logits=True, would apply another"
        return Fault(what, "leave one of the two out")
    return None


def _is_sparse(loss: Any) -> bool:
    return loss in _SPARSE if isinstance(loss, str) else type(loss).__name__ in _SPARSE


def _gives_probabilities(model: keras.Model) -> bool | None:
    """None where it gives no numbers to judge by."""
    (taken,) = model.inputs
    pixels = np.random.default_rng(0).uniform(0, 1, (_IMAGES, *taken.shape[1:]))
    images = (pixels * 255).astype("uint8") if taken.dtype == "uint8" else pixels.astype("float32")
    try:
        given = np.asarray(keras.ops.convert_to_numpy(model(images, training=False)), np.float64)
    except Exception:  # its cell will say why
        return None
    if not np.isfinite(given).all():
        return None
    return bool(given.min() >= -_OFF and np.abs(given.sum(axis=-1) - 1).max() <= _OFF)
