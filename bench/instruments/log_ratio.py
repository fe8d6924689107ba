"""How far two cells that take turns lie apart, from windows measured next to each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bench.instruments.stats import trimmed_means

__all__ = ["log_ratio"]

Windows = Sequence[tuple[int, float]]


def log_ratio(a: Windows, b: Windows) -> tuple[float, float]:
    """The logarithm of a's step time over b's, and its standard error; `a[i]` and `b[i]` were neighbours in time.

    The trimmed mean over the pairs: see `trimmed_means`. At least one pair is needed.
    """
    pairs = min(len(a), len(b))
    logs = [math.log((a[i][1] / a[i][0]) / (b[i][1] / b[i][0])) for i in range(pairs)]
    means, errors = trimmed_means(np.array([logs]))
    return float(means[0]), float(errors[0])
