"""Labels that may not be meant as they are."""

import numpy as np
import pytest

from bench.workload.data.dataset import Split
from bench.workload.data.doubts import doubts


def split(*labels):
    return Split(np.zeros((len(labels), 2, 2, 3), np.uint8), np.array(labels, np.int64))


NONE = split()


@pytest.mark.parametrize(
    ("train", "held_out", "test", "said"),
    [
        (split(0, 1, 2), split(1, 2), split(0, 1), []),
        (split(0, 1, 2, 2), NONE, NONE, []),
        (
            split(1, 2, 3),
            split(1),
            NONE,
            ["labels begin at 1: no image is of class 0, which the head has all the same"],
        ),
        (
            split(100_000, 104_000),
            NONE,
            NONE,
            ["labels from 100,000 to 104,000 name 2 classes, and the head gets 104,001: number them from 0"],
        ),
        (
            split(*range(9)),
            split(8, 9),
            NONE,
            ["class 9 is in no training image, and all held-out images are of classes 8, 9: shuffle the images before"],
        ),
        (
            split(0, 1),
            NONE,
            split(0, 1, 5),
            ["class 5 is in no training image, and test ones are judged: nothing can be learnt of these"],
        ),
    ],
)
def test_what_is_said(train, held_out, test, said):
    classes = 1 + max(int(one.labels.max()) for one in (train, held_out, test) if len(one))
    assert list(doubts(train, held_out, test, classes)) == said
