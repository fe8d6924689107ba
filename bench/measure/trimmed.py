"""Means that a few values out of all proportion don't move."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["trimmed_means"]

_TRIMMED = 0.2
"""Share left out at either end: on a shared machine a few windows are disturbed out of all proportion."""


def trimmed_means(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 20 %-trimmed mean of each of the `rows` (rows, values), and its standard error, from the Winsorised variance
    (Tukey & McLaughlin, *Sankhyā* A 25, 1963): infinite where there is a single value."""
    count = rows.shape[1]
    rows = np.sort(rows, axis=1)
    cut = int(_TRIMMED * count)
    means: np.ndarray = rows[:, cut : count - cut].mean(axis=1)
    if count < 2:
        return means, np.full(len(rows), math.inf)
    winsorised = np.clip(rows, rows[:, [cut]], rows[:, [count - 1 - cut]])
    errors: np.ndarray = winsorised.std(axis=1, ddof=1) / ((1 - 2 * cut / count) * math.sqrt(count))
    return means, errors
