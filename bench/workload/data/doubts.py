"""What about labels of a data set of the user's own may not be meant so. It is said, and measured all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bench.workload.data.dataset import Split

__all__ = ["doubts"]

_FAR = 4
"""Classes by the highest label may be so many times those that there are, before that is worth a word."""
_MOST_NAMED = 8


def doubts(train: Split, held_out: Split, test: Split, classes: int) -> Iterator[str]:
    """Labels far apart or not from 0 on, and classes to be judged that were never trained on.

    >>> list(doubts(train, held_out, test, 10))
    ['class 9 is in no training image, and all held-out images are of classes 8, 9: shuffle the images before']
    """
    there = np.unique(np.concatenate([split.labels for split in (train, held_out, test)]))
    if classes > _FAR * len(there):
        yield (
            f"labels from {there[0]:,} to {there[-1]:,} name {len(there):,} classes, and the head gets {classes:,}: "
            "number them from 0"
        )
    elif there[0] > 0:
        yield f"labels begin at {there[0]:,}: no image is of class 0, which the head has all the same"
    trained = set(np.unique(train.labels).tolist())
    for what, split in (("held-out", held_out), ("test", test)):
        judged = np.unique(split.labels).tolist() if len(split) else []
        if unseen := [label for label in judged if label not in trained]:
            words = f"class {unseen[0]} is" if len(unseen) == 1 else f"classes {_named(unseen)} are"
            only = f", and all {what} images are of {_classes(judged)}" if len(judged) < len(there) / 2 else ""
            mend = "shuffle the images before" if what == "held-out" else "nothing can be learnt of these"
            yield (
                f"{words} in no training image, and {what} ones are judged{only}: {mend}"
                if not only
                else (f"{words} in no training image{only}: {mend}")
            )


def _classes(labels: Sequence[int]) -> str:
    return f"class {labels[0]}" if len(labels) == 1 else f"classes {_named(labels)}"


def _named(labels: Sequence[int]) -> str:
    return ", ".join(map(str, labels[:_MOST_NAMED])) + (" …" if len(labels) > _MOST_NAMED else "")
