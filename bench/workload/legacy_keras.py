"""Keras 2 (the package tf_keras), for which `tf.keras` stands where TF_USE_LEGACY_KERAS is set. No TensorFlow here.

Cells are measured with Keras 3. It refuses most of what is Keras 2's, in words that don't lead to the cause, and some
it takes and doesn't train.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Mapping

from bench.errors import Fault
from bench.support.exception_text import exception_text

__all__ = ["failure", "is_legacy", "not_keras_3", "part_of_legacy"]

_LEGACY_KERAS = "TF_USE_LEGACY_KERAS"
_ON = ("true", "True", "1")  # as TensorFlow reads it, once `tf.keras` is first used
_PACKAGE = "tf_keras"
_NO_KERAS = "Keras cannot be imported"  # TensorFlow, where there is no tf_keras


def _is_on(environ: Mapping[str, str]) -> bool:
    return environ.get(_LEGACY_KERAS) in _ON


_WAS_ON = _is_on(os.environ)
"""Before any code of the user's own was imported."""


def is_legacy(thing: object) -> bool:
    """Is it an object of Keras 2?"""
    return any(base.__module__.partition(".")[0] == _PACKAGE for base in type(thing).__mro__)


def part_of_legacy(model: object) -> str | None:
    """What of Keras 2 a model of Keras 3 holds, by its attribute and type; None where it holds nothing.

    Keras 3 doesn't see the weights of such layers, and would train without them.
    """
    if _PACKAGE in sys.modules:
        for owner in (model, *getattr(model, "layers", ())):
            for name, value in _parts(owner):
                if is_legacy(value):
                    return f"`{name}`, a {type(value).__name__}"
    return None


def not_keras_3(network: str, what: str, env: Mapping[str, str]) -> Fault:
    """That `what` the network is, or has, is of Keras 2, why so, and what mends it; `env` is the variant's."""
    why, mend = _why(network, env)
    return Fault(f"{network} {what} of Keras 2 ({_PACKAGE}){why}", mend)


def failure(network: str, error: Exception, env: Mapping[str, str]) -> Fault | None:
    """That the network can't be built for want of Keras 3, where `error` may come from that; None where it can't."""
    if _is_on(os.environ) and any(_NO_KERAS in str(one) for one in _chain(error)):
        lacking = f", and {_PACKAGE} can't be imported"
    elif any(_PACKAGE in str(one) or _PACKAGE in _packages(one) for one in _chain(error)):
        lacking = ""
    else:
        return None
    why, mend = _why(network, env)
    told = str(error) if str(error).startswith(network) else f"{network} can't be built: {exception_text(error)}"
    return Fault(f"{told}; it uses Keras 2 ({_PACKAGE}){why}{lacking}", mend)


def _why(network: str, env: Mapping[str, str]) -> tuple[str, str]:
    because = f" because {_LEGACY_KERAS} is set"
    if not _is_on(os.environ):
        return "", f"build it with `keras` or `tf.keras`, and without `{_PACKAGE}`: cells are measured with Keras 3"
    if _LEGACY_KERAS in env:
        return f"{because} in the variant's `env`", "leave it out there: cells are measured with Keras 3"
    if not _WAS_ON:
        module = network.partition(":")[0]
        return f"{because} by code that it imports", f"leave that out, in {module}: cells are measured with Keras 3"
    return because, f"unset {_LEGACY_KERAS}: cells are measured with Keras 3"


def _parts(owner: object) -> Iterator[tuple[str, object]]:
    """Its attributes, and what lies in those that are lists or dictionaries; those that a user named first."""
    for name, value in sorted(vars(owner).items(), key=lambda item: item[0].startswith("_")):
        yield name, value
        if isinstance(value, list | tuple):
            yield from ((f"{name}[{i}]", one) for i, one in enumerate(value))
        elif isinstance(value, dict):
            yield from ((f"{name}[{key!r}]", one) for key, one in value.items())


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception, and those that it came from."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        error = error.__cause__ or error.__context__


def _packages(error: BaseException) -> set[str]:
    """The packages whose code it passed through."""
    frames = traceback.walk_tb(error.__traceback__)
    return {str(frame.f_globals.get("__name__")).partition(".")[0] for frame, _ in frames}
