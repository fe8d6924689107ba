"""The user's own networks, and weights from files."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras

from bench.errors import Fault, InputError
from bench.suite.spec import ModelSpec
from bench.suite.user_code import load_function
from bench.support.exception_text import exception_summary
from bench.workload import legacy_keras
from bench.workload.networks.passed_over import check_layers_run
from bench.workload.replication import check_undistributed

__all__ = ["load_weights", "own_model"]

_NONE: Mapping[str, str] = MappingProxyType({})


def own_model(
    spec: ModelSpec, taken: Mapping[str, object], folder: Path, env: Mapping[str, str] = _NONE
) -> keras.Model:
    """What the function that `spec` names gives, head and all, called with `taken` and the suite's `args`; `env` is the
    variant's.

    Raises InputError where that is no model of Keras 3, or has parts of Keras 2, and what the function itself raises.
    """
    network, given = spec.network, {**taken, **spec.args}
    try:
        with _settings_kept():
            function = load_function(network, folder)
        with _settings_kept():
            _check_call(network, function, given)
            model = function(**given)
    except (ImportError, AttributeError, TypeError, ValueError, InputError) as error:
        fault = legacy_keras.failure(network, error, env)
        if fault is None:
            raise
        raise InputError(fault) from error
    check_undistributed(network)
    if legacy_keras.is_legacy(model):
        raise InputError(legacy_keras.not_keras_3(network, "gave a model", env))
    if not isinstance(model, keras.Model):
        what = f"{network} gave {'None' if model is None else f'a {type(model).__name__}'}"
        raise InputError(Fault(what, f"{_called(network, given)} and returns a keras.Model"))
    part = legacy_keras.part_of_legacy(model)
    if part is not None:
        raise InputError(legacy_keras.not_keras_3(network, f"holds {part}", env))
    check_layers_run(network, model)
    return model


@contextmanager
def _settings_kept() -> Iterator[None]:
    """Keras's settings are afterwards what they were: a module of a notebook's first cells sets its own as it is
    imported, and the cell is to compute as its options say."""
    policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
    image_format = keras.config.image_data_format()
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
        keras.config.set_floatx(floatx)
        keras.config.set_image_data_format(image_format)


def _check_call(network: str, function: Callable[..., Any], given: Mapping[str, object]) -> None:
    """Raises InputError where the function doesn't take what it is given, or wants more."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # it is no Python
        return
    try:
        signature.bind(**given)
    except TypeError as error:
        raise InputError(Fault(f"{network} can't be called: {error}", _called(network, given))) from None


def _called(network: str, given: Mapping[str, object]) -> str:
    taken = "input_shape=(H, W, C), classes=N, " if "classes" in given else ""
    return f"it is called as {network.rpartition(':')[2]}({taken}**args)"


def load_weights(base: keras.Model, path: Path, network: str) -> None:
    """Put the weights in the file at `path` into `base`. Raises InputError where they aren't its own."""
    try:
        base.load_weights(path)
    except Exception as error:  # h5py, zipfile and Keras each raise their own kinds
        what = f"the weights in {path.name} can't be put into {network}: {exception_summary(error)}"
        raise InputError(Fault(what, "save them from the same base: `base.save_weights('….weights.h5')`")) from error
