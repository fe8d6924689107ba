"""Where an input pipeline of the user's own leaves a choice to the variant: `bench.options`. No TensorFlow here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bench.errors import Fault, InputError
from bench.suite.options import Options

__all__ = ["Choices", "batch", "cache", "choosing", "map_calls", "prefetch", "shuffle", "use"]

AUTOTUNE, INFINITE = -1, -1
"""tf.data's own numbers."""

D = TypeVar("D")
Change = Callable[[D], D]


@dataclass
class Choices:
    """What the seams of a pipeline do, and, in `used`, which of them it has.

    `examples` is how many there are, where tf.data doesn't say; `scratch` a folder for file caches.
    """

    options: Options = field(default_factory=lambda: Options(shuffle="none"))
    batch_size: int | None = None
    seed: int | None = None
    examples: int | None = None
    scratch: Path | None = None
    used: set[str] = field(default_factory=set)


_CURRENT = [Choices()]


@contextmanager
def choosing(choices: Choices) -> Iterator[Choices]:
    """Seams go by `choices` meanwhile."""
    _CURRENT.append(choices)
    try:
        yield choices
    finally:
        _CURRENT.pop()


def use(**options: Any) -> None:
    """Choose options for a training of one's own, outside of any suite: `bench.options.use(cache="memory")`.

    Without it seams add nothing but a prefetch that tf.data tunes.

    Args:
        options: By the names that a suite's variants use; `batch_size` beside them.

    Raises:
        pydantic.ValidationError: For an option or a value that there is none of.
    """
    size = options.pop("batch_size", None)
    _CURRENT[0] = Choices(Options(**{"shuffle": "none", **options}), size)


def _seam(name: str) -> Choices:
    found = _CURRENT[-1]
    found.used.add(name)
    return found


def map_calls() -> int | None:
    """How many calls of a map may run at once: `dataset.map(decode, num_parallel_calls=bench.options.map_calls())`.

    Returns:
        A number, `tf.data.AUTOTUNE`, or None where they run one after the other.
    """
    return map_calls_of(_seam("map").options)


def map_calls_of(options: Options) -> int | None:
    """The same of `options`."""
    if options.map == "none":
        return None
    return AUTOTUNE if options.map == "autotune" else options.map


def cache() -> Change[Any]:
    """Here elements are kept, if the variant keeps any: `dataset.apply(bench.options.cache())`.

    Returns:
        A function of a data set, for its `apply`.
    """
    return cached(_seam("cache"))


def cached(choices: Choices) -> Change[Any]:
    """The same by `choices`."""
    kind = choices.options.cache
    if kind == "none":
        return _as_it_is
    if kind == "memory":
        return lambda dataset: dataset.cache()
    if choices.scratch is None:
        raise InputError(Fault("cache: file wants a suite's cell, which has a folder for it", "use `cache: memory`"))
    path = str(choices.scratch / "cache")
    return lambda dataset: dataset.cache(path)


def shuffle(buffer: int | None = None) -> Change[Any]:
    """Here elements are shuffled, if the variant shuffles: `dataset.apply(bench.options.shuffle())`.

    Args:
        buffer: Elements in the buffer where the variant says `all`, and it isn't known how many there are.

    Returns:
        A function of a data set, for its `apply`.
    """
    return shuffled(_seam("shuffle"), buffer)


def shuffled(choices: Choices, buffer: int | None = None) -> Change[Any]:
    """The same by `choices`. What has an unknown number of elements, and no `buffer`, is left in order under `all`."""
    wanted = choices.options.shuffle
    if wanted == "none":
        return _as_it_is

    def change(dataset: Any) -> Any:
        size = _all_of(dataset, choices, buffer) if wanted == "all" else wanted
        return dataset if size is None else dataset.shuffle(size, seed=choices.seed)

    return change


def _all_of(dataset: Any, choices: Choices, buffer: int | None) -> int | None:
    count = int(dataset.cardinality())
    return count if count > 0 else buffer or choices.examples


def batch(size: int | None = None) -> Change[Any]:
    """Here elements become batches of the suite's size: `dataset.apply(bench.options.batch())`. Remainders are dropped.

    Args:
        size: Elements in a batch outside of a suite.

    Returns:
        A function of a data set, for its `apply`.

    Raises:
        bench.errors.InputError: Where there is neither.
    """
    wanted = _seam("batch").batch_size or size
    if wanted is None:
        raise InputError(Fault("bench.options.batch() knows no size here", "give one: bench.options.batch(32)"))
    return lambda dataset: dataset.batch(wanted, drop_remainder=True)


def prefetch() -> Change[Any]:
    """Here batches are made ready ahead of the step: `dataset.apply(bench.options.prefetch())`.

    Returns:
        A function of a data set, for its `apply`.
    """
    return prefetched(_seam("prefetch").options)


def prefetched(options: Options) -> Change[Any]:
    """The same of `options`."""
    wanted = options.prefetch
    if wanted == 0:
        return _as_it_is
    return lambda dataset: dataset.prefetch(AUTOTUNE if wanted == "autotune" else wanted)


def _as_it_is(dataset: D) -> D:
    return dataset
