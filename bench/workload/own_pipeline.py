"""An input pipeline of the user's own, with what a variant changes of it: at its seams, or at its end.

    the function's data set → cache → shuffle → repeat → batch → batch_map → prefetch

each left out where the function has that seam (`bench.options`), or gives batches already.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from bench.errors import Fault, InputError
from bench.results.record import DataInfo
from bench.results.record import OwnPipeline as Recorded
from bench.suite.options import Options
from bench.suite.spec import DataSpec
from bench.suite.user_code import load_function, locate
from bench.support.exception_text import exception_text
from bench.workload.data import Split
from bench.workload.elements import batch_size, element_text, example_bytes, is_generated
from bench.workload.pipeline import fill, finished, untuned
from bench.workload.seams import INFINITE, Choices, cached, choosing, shuffled

__all__ = ["OwnPipeline", "own_data_info"]

_RETURNS = "it must return a tf.data.Dataset"
_BATCHES = "give batches: let the function take `batch_size`, or say `batched: true`"
_LOOKED_AT = 5
_JUDGED = Options(shuffle="none")


class OwnPipeline:
    """The data of one cell, by the functions of the user's own that `spec` names: see `CellData`.

    Functions are called with `spec.args`, and with `batch_size` where they take that: they then give batches.
    """

    def __init__(
        self, spec: DataSpec, options: Options, size: int, seed: int, folder: Path, info: DataInfo | None = None
    ) -> None:
        self._spec, self._options, self._size, self._seed, self._folder = spec, options, size, seed, folder
        if info is not None:
            self.info = info

    @property
    def resident(self) -> Split | None:
        """There are no arrays."""
        return None

    @property
    def steps(self) -> int | None:
        """Whole batches of an epoch, None where it isn't known how many examples there are."""
        examples = self.info.train_images
        return None if examples is None else examples // self._size

    def training(self, scratch: Path, *, skip: int = 0, filled: bool = False) -> tf.data.Dataset:
        """Endless batches. Raises InputError where the function gives something else."""
        options = self._options
        scratch.mkdir()
        choices = Choices(options, self._size, self._seed, self._spec.examples, scratch)
        dataset, batched = self.made(choices)
        if "cache" not in choices.used:
            dataset = dataset.apply(cached(choices))
        finite = int(dataset.cardinality()) != INFINITE
        if filled and finite and options.cache != "none":
            fill(dataset)
        if "shuffle" not in choices.used and not batched:
            dataset = dataset.apply(shuffled(choices))
        if finite:
            dataset = dataset.repeat()
        if not batched:
            dataset = dataset.batch(self._size, drop_remainder=True)
        if skip:
            dataset = dataset.skip(skip)
        maps, prefetches = "map" in choices.used, "prefetch" in choices.used
        return finished(dataset, options, self._folder, maps=maps, prefetches=prefetches)

    def judging(self, part: str, most: int | None = None) -> tuple[tf.data.Dataset, int] | None:
        """Batches of the training pipeline, unshuffled, or of the validation function.

        Raises InputError where all are wanted of one that never ends.
        """
        path = {"train": self._spec.pipeline, "held_out": self._spec.validation}.get(part)
        if path is None:
            return None
        dataset, batched = self.made(Choices(_JUDGED, self._size, self._seed, self._spec.examples), path)
        if not batched:
            dataset = dataset.batch(self._size)
        if most is not None:
            dataset = dataset.take(-(-most // (batch_size(dataset.element_spec) or self._size)))
        elif int(dataset.cardinality()) == INFINITE:
            raise InputError(Fault(f"{path} never ends", "say how much of it: `train: {validation_steps: …}`"))
        dataset = untuned(dataset)
        count = 0
        for element in dataset:
            count += int(batch_size(element) or 0)
        return (dataset, count) if count else None

    def made(self, choices: Choices, path: str | None = None) -> tuple[tf.data.Dataset, bool]:
        """What the function gives with its seams as `choices` say, and whether that is batches."""
        path = path or str(self._spec.pipeline)
        function = load_function(path, self._folder)
        given = dict(self._spec.args)
        sized = _takes(function, "batch_size")
        if sized:
            given.setdefault("batch_size", self._size)
        with choosing(choices):
            try:
                dataset = function(**given)
            except InputError:
                raise
            except Exception as error:
                raise InputError(Fault(f"{path} raised {exception_text(error)}")) from error
        if not isinstance(dataset, tf.data.Dataset):
            raise InputError(Fault(f"{path} returned {_kind(dataset)}", _RETURNS))
        return dataset, sized or self._spec.batched or "batch" in choices.used


def own_data_info(spec: DataSpec, size: int, folder: Path) -> DataInfo:
    """What there is to be said of the pipeline of `spec` in batches of `size`; draws one batch of each function.

    Raises InputError where a function raises, gives something else, or has no batch.
    """
    data = OwnPipeline(spec, Options(), size, 0, folder)
    choices = Choices(Options(), size, 0, spec.examples, Path())
    given, batched = data.made(choices)
    dataset = given if batched else _batched(given, size, str(spec.pipeline))
    _first(dataset, str(spec.pipeline))
    if spec.validation is not None:
        held_out, whole = data.made(Choices(_JUDGED, size, 0), spec.validation)
        _first(held_out if whole else _batched(held_out, size, spec.validation, drop=False), spec.validation)
    unit, per_example = next(iter((spec.unit or {"examples": 1.0}).items()))
    return DataInfo(
        name=spec.name,
        requested=spec.name,
        synthetic=False,
        train_images=_examples(spec, given, size if batched else 1),
        held_out_images=0,
        test_images=0,
        digest=_digest(spec, folder),
        pipeline=Recorded(
            element=element_text(dataset.element_spec),
            batched=batched,
            batch_size=_fixed_size(dataset) if spec.batched else None,
            endless=int(given.cardinality()) == INFINITE,
            seams=tuple(sorted(choices.used)),
            unit=unit,
            units_per_example=per_example,
            element_bytes=example_bytes(dataset.element_spec),
            uneven=not isinstance(batch_size(dataset.element_spec), int),
            generated=is_generated(given),
        ),
    )


def _batched(dataset: tf.data.Dataset, size: int, path: str, *, drop: bool = True) -> tf.data.Dataset:
    try:
        return dataset.batch(size, drop_remainder=drop)
    except (TypeError, ValueError) as error:
        raise InputError(Fault(f"{path}: its elements can't be batched: {exception_text(error)}", _BATCHES)) from error


def _first(dataset: tf.data.Dataset, path: str) -> Any:
    """One batch. Raises InputError where there is none."""
    try:
        for element in dataset:
            return element
    except Exception as error:  # code of the user's own, in a map or a generator
        hint = _BATCHES if "batch" in str(error).lower() else None
        raise InputError(Fault(f"{path}: no batch can be made: {exception_text(error)}", hint)) from error
    raise InputError(Fault(f"{path}: it has no whole batch", "lower batch_sizes, or look why it is empty"))


def _fixed_size(dataset: tf.data.Dataset) -> int | None:
    """Examples in its batches; None where the first few differ."""
    sizes = {int(batch_size(element) or 0) for element in dataset.take(_LOOKED_AT)}
    return sizes.pop() if len(sizes) == 1 else None


def _examples(spec: DataSpec, dataset: tf.data.Dataset, each: int) -> int | None:
    """Training examples of an epoch, `each` element having so many, where that can be known without reading them."""
    if spec.examples is not None:
        return spec.examples
    elements = int(dataset.cardinality())
    return elements * each if elements > 0 else None


def _digest(spec: DataSpec, folder: Path) -> str:
    """Of the code behind it and of its arguments: what the code reads isn't looked at."""
    hasher = hashlib.sha256(json.dumps([spec.pipeline, spec.args], sort_keys=True).encode())
    for path in (spec.pipeline, spec.validation):
        file = locate(path.partition(":")[0], folder) if path is not None else None
        hasher.update(file.read_bytes() if file is not None else b"")
    return hasher.hexdigest()[:16]


def _takes(function: Callable[..., Any], name: str) -> bool:
    try:
        return name in inspect.signature(function).parameters
    except (TypeError, ValueError):  # it is no Python
        return False


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
