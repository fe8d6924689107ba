"""The user's own networks, and weights from files."""

from __future__ import annotations

from pathlib import Path

import keras

from bench.errors import Fault, InputError
from bench.importing import load_function
from bench.said import gist
from bench.suite.spec import ModelSpec
from bench.workload.networks.body import Shape

__all__ = ["load_weights", "own_model"]


def own_model(spec: ModelSpec, shape: Shape, classes: int, folder: Path) -> keras.Model:
    """What the function that `spec` names gives, head and all. Raises InputError where that is no Keras model."""
    model = load_function(spec.network, folder)(input_shape=shape, classes=classes, **spec.args)
    if not isinstance(model, keras.Model):
        name = spec.network.rpartition(":")[2]
        raise InputError(
            Fault(
                f"{spec.network} gave a {type(model).__name__}",
                f"it is called as {name}(input_shape=(H, W, C), classes=N, **args) and returns a keras.Model",
            )
        )
    return model


def load_weights(base: keras.Model, path: Path, network: str) -> None:
    """Put the weights in the file at `path` into `base`. Raises InputError where they aren't its own."""
    try:
        base.load_weights(path)
    except Exception as error:  # h5py, zipfile and Keras each raise their own kinds
        what = f"the weights in {path.name} can't be put into {network}: {gist(error)}"
        raise InputError(Fault(what, "save them from the same base: `base.save_weights('….weights.h5')`")) from error
