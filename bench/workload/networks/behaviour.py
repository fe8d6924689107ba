"""Does a model of the user's own train in a way of its own?"""

from __future__ import annotations

import keras

__all__ = ["own_behaviour"]

_METHODS = ("train_step", "test_step", "compute_loss", "compute_metrics", "make_train_function", "make_test_function")
_COMPILED = ("loss_weights", "metrics", "weighted_metrics")


def own_behaviour(model: keras.Model) -> tuple[str, ...]:
    """What of `model`'s training is its own: methods that its class overrides, and what it was compiled with beside
    optimizer and loss. Empty where a network built anew from its layers trains just as it does."""
    kind = type(model)
    own = [name for name in _METHODS if getattr(kind, name) is not getattr(keras.Model, name)]
    if model.compiled:
        config = getattr(model, "_compile_config", None)
        given = dict(config.config) if config is not None else {}
        own += [name for name in _COMPILED if given.get(name) is not None]
        own += ["run_eagerly"] if given.get("run_eagerly") else []
        own += ["steps_per_execution"] if given.get("steps_per_execution", 1) != 1 else []
        own += ["compile"] if kind.compile is not keras.Model.compile else []
    return tuple(own)
