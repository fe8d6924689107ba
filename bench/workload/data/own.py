"""A data set of the user's own, by import path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.errors import Fault, InputError
from bench.suite.spec import DataSpec
from bench.suite.user_code import load_function
from bench.support.exception_text import exception_text
from bench.workload.data.dataset import Split

__all__ = ["read"]

_RETURNS = "it must return (train_images, train_labels), (test_images, test_labels) like keras.datasets"


def read(spec: DataSpec, folder: Path) -> tuple[Split, Split]:
    """Training and test images that the function `spec.name` (`module:function`) returns for `spec.args`.

    The module is looked for in `folder`, then in the current folder, then where Python looks. Images must be uint8
    [N, H, W, C], labels integers from 0, [N] or [N, 1]; there may be no test images. Raises InputError with all that
    is wrong with them, or with what the module or the function raised.
    """
    function = load_function(spec.name, folder)
    try:
        returned = function(**spec.args)
    except Exception as error:
        raise InputError(Fault(f"{spec.name} raised {exception_text(error)}")) from error
    try:
        (train_images, train_labels), (test_images, test_labels) = returned
        train, test = _arrays(train_images, train_labels), _arrays(test_images, test_labels)
    except (TypeError, ValueError):
        if (unlike := _unlike_sizes(returned)) is not None:
            raise InputError(Fault(f"{spec.name}: {unlike}", "scale them to one size in the function")) from None
        raise InputError(Fault(f"{spec.name} returned something else", _RETURNS)) from None
    faults = [*_faults(f"{spec.name}: training", *train), *_faults(f"{spec.name}: test", *test)]
    if not faults and not len(train[0]):
        faults.append(Fault(f"{spec.name}: no training images"))
    if not faults and train[0].shape[1:] != test[0].shape[1:]:
        shapes = f"{list(train[0].shape[1:])} and {list(test[0].shape[1:])}"
        faults.append(Fault(f"{spec.name}: training and test images differ in shape: {shapes}"))
    if faults:
        raise InputError(*faults)
    return _split(*train), _split(*test)


def _unlike_sizes(returned: Any) -> str | None:
    """That images differ in size, where that is why they are no array."""
    with suppress(TypeError, ValueError, IndexError):
        for what, (images, _) in zip(("training", "test"), returned, strict=True):
            shapes = {np.shape(image) for image in images[:1000]}
            if len(shapes) > 1 and all(len(shape) == 3 for shape in shapes):
                shown = ", ".join("×".join(map(str, shape)) for shape in sorted(shapes)[:2])
                return f"{what} images differ in size ({shown} …)"
    return None


def _arrays(images: Any, labels: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    return np.asarray(images), np.asarray(labels)


def _faults(what: str, images: NDArray[Any], labels: NDArray[Any]) -> Iterator[Fault]:
    if images.dtype != np.uint8 or images.ndim != 4 or 0 in images.shape[1:]:
        hint = "they must be uint8 [N, H, W, C] with pixels 0..255"
        yield Fault(f"{what} images are {images.dtype} {list(images.shape)}", hint)
    elif images.shape[1] in (1, 3) and images.shape[3] not in (1, 3, 4):
        shown = "×".join(map(str, images.shape[1:]))
        hint = "put them last: np.moveaxis(images, 1, -1)"
        yield Fault(f"{what} images are {shown}: their channels come first", hint)
    if not np.issubdtype(labels.dtype, np.integer) or labels.ndim < 1 or labels.shape[1:] not in ((), (1,)):
        yield Fault(f"{what} labels are {labels.dtype} {list(labels.shape)}", "they must be integers [N] or [N, 1]")
    elif labels.size and labels.min() < 0:
        yield Fault(f"{what} labels begin at {labels.min()}", "the first class is 0")
    if images.ndim and labels.ndim and len(images) != len(labels):
        yield Fault(f"{what}: {len(images):,} images but {len(labels):,} labels")


def _split(images: NDArray[Any], labels: NDArray[Any]) -> Split:
    return Split(np.ascontiguousarray(images, np.uint8), labels.reshape(-1).astype(np.int64))
