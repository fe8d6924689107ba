"""Which way a metric of a user's own model is better, as far as its name tells."""

from __future__ import annotations

from typing import Literal

__all__ = ["direction"]

_LOWER = (
    *("loss", "error", "mae", "mse", "rmse", "mape", "msle", "entropy", "divergence", "poisson", "hinge", "cosh"),
    *("false_positives", "false_negatives", "perplexity"),
)
_HIGHER = (
    *("accuracy", "acc", "auc", "precision", "recall", "f1", "fbeta", "f_beta", "iou", "io_u", "dice", "jaccard", "r2"),
    *("cosine_similarity", "true_positives", "true_negatives", "sensitivity", "specificity", "bleu", "rouge"),
)
"""Parts of names that Keras and its users give to metrics."""


def direction(name: str) -> Literal["lower", "higher"] | None:
    """None where the name doesn't tell.

    >>> direction("val_mean_absolute_error"), direction("mean_io_u"), direction("temperature")
    ('lower', 'higher', None)
    """
    plain = name.casefold()
    if any(part in plain for part in _LOWER):
        return "lower"
    return "higher" if any(part in plain for part in _HIGHER) else None
