"""How far two cells that take turns lie apart, from windows measured next to each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

__all__ = ["log_ratio"]

_TRIMMED = 0.2
"""Share of the pairs left out at either end: on a shared machine a few windows are disturbed out of all proportion."""

Windows = Sequence[tuple[int, float]]


def log_ratio(a: Windows, b: Windows) -> tuple[float, float]:
    """The logarithm of a's step time over b's, and its standard error; `a[i]` and `b[i]` were neighbours in time.

    The 20 %-trimmed mean over the pairs, with its error from the Winsorised variance (Tukey & McLaughlin,
    *Sankhyā* A 25, 1963).
    The error is infinite below two pairs; at least one is needed.
    """
    pairs = min(len(a), len(b))
    logs = np.sort([math.log((a[i][1] / a[i][0]) / (b[i][1] / b[i][0])) for i in range(pairs)])
    cut = int(_TRIMMED * pairs)
    kept = logs[cut : pairs - cut]
    if pairs < 2:
        return float(kept.mean()), math.inf
    winsorised = np.clip(logs, kept[0], kept[-1])
    return float(kept.mean()), float(winsorised.std(ddof=1)) / ((1 - 2 * cut / pairs) * math.sqrt(pairs))
