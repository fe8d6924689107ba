"""What names a table's rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

from bench.analyse.options.effects import Group

__all__ = ["RECORD_AXES", "group_titles", "network_label", "row_names", "without_repeats"]

RECORD_AXES = ("model", "variant", "batch", "seed")

_IF_VARYING = frozenset({"batch", "seed", "suite", "host", "team"})


def row_names(
    axes: Sequence[str], rows: Iterable[Sequence[object]]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The axes that are shown, and each row's names on them: blank as far as they repeat the row before from the left.

    Batch size, seed, suite, host and team are shown only where they vary.

    >>> row_names(("model", "variant", "batch"), [("vgg16", "notebook", 64), ("vgg16", "xla", 64)])
    (('model', 'variant'), (('vgg16', 'notebook'), ('', 'xla')))
    """
    every = [tuple(map(str, row)) for row in rows]
    places = [
        place
        for place, axis in enumerate(axes)
        if axis not in _IF_VARYING or len({names[place] for names in every}) > 1
    ]
    shown = [tuple(names[place] for place in places) for names in every]
    return (
        tuple(axes[place] for place in places),
        tuple(without_repeats(names, before) for names, before in zip(shown, [(), *shown], strict=False)),
    )


def group_titles(groups: Iterable[Group]) -> Mapping[Group, str]:
    """Each group's model, with batch size and seed where they vary: `vgg16, batch 64`."""
    groups = list(groups)
    batches, seeds = {batch for _, batch, _ in groups}, {seed for *_, seed in groups}
    return {
        (model, batch, seed): ", ".join(
            (model, *[f"batch {batch}"] * (len(batches) > 1), *[f"seed {seed}"] * (len(seeds) > 1))
        )
        for model, batch, seed in groups
    }


def without_repeats(names: tuple[str, ...], before: tuple[str, ...]) -> tuple[str, ...]:
    """The names, blank as far as they are those `before` from the left."""
    same = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(names, before, strict=False))))
    return ("",) * same + names[same:]


_LABELS = {"simple_cnn": "simple CNN", "vgg16": "VGG16"}


def network_label(model: str) -> str:
    """`simple CNN` for `simple_cnn`, `VGG16` for `vgg16`; another network goes by its own name."""
    return _LABELS.get(model, model)
