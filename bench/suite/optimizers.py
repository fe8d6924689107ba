"""The optimizers that a suite may name, and their arguments."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

__all__ = ["AVERAGING", "OPTIMIZERS", "arguments"]

_COMMON = (
    *("weight_decay", "clipnorm", "clipvalue", "global_clipnorm"),
    *("loss_scale_factor", "gradient_accumulation_steps"),
)

# written out, as asking Keras would cost an import of TensorFlow; a test compares them
OPTIMIZERS: Final = MappingProxyType(
    {
        "adadelta": ("rho", "epsilon"),
        "adafactor": ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step"),
        "adagrad": ("initial_accumulator_value", "epsilon"),
        "adam": ("beta_1", "beta_2", "epsilon", "amsgrad"),
        "adamw": ("beta_1", "beta_2", "epsilon", "amsgrad"),
        "adamax": ("beta_1", "beta_2", "epsilon"),
        "ftrl": (
            *("learning_rate_power", "initial_accumulator_value", "l1_regularization_strength"),
            *("l2_regularization_strength", "l2_shrinkage_regularization_strength", "beta"),
        ),
        "lamb": ("beta_1", "beta_2", "epsilon"),
        "lion": ("beta_1", "beta_2"),
        "muon": (
            *("adam_beta_1", "adam_beta_2", "adam_weight_decay", "epsilon", "exclude_layers", "exclude_embeddings"),
            *("muon_a", "muon_b", "muon_c", "adam_lr_ratio", "momentum", "ns_steps", "nesterov", "rms_rate"),
        ),
        "nadam": ("beta_1", "beta_2", "epsilon"),
        "rmsprop": ("rho", "momentum", "epsilon", "centered"),
        "schedulefreeadamw": ("beta_1", "beta_2", "epsilon", "warmup_steps"),
        "sgd": ("momentum", "nesterov"),
    }
)
"""Keras's optimizers by their class's name in small letters, with the arguments that not all of them have.

The learning rate isn't among them: `train.learning_rate` sets it. Nor are the arguments in `AVERAGING`.
"""

AVERAGING: Final = ("use_ema", "ema_momentum", "ema_overwrite_frequency")
"""Arguments that average weights over steps. Keras puts the averages in place as its `fit` ends, but held-out images
are judged, and the best weights chosen, after each epoch: they would be those of other weights."""


def arguments(optimizer: str) -> tuple[str, ...]:
    """The arguments that the optimizer of that name takes beside its rate."""
    return (*OPTIMIZERS[optimizer], *_COMMON)
