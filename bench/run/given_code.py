"""Functions that a notebook's cell or a script defines, as modules that a suite can name: processes import them."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.errors import Fault, InputError
from bench.support.exception_text import exception_summary

__all__ = ["as_module"]

_MODULE = '''"""Code as it was given. Digest: {digest}."""

import pickle
import sys
from pathlib import Path

sys.path[:] = [*sys.path, *(place for place in {path!r} if place not in sys.path)]
{name} = pickle.loads(Path(__file__).with_suffix(".pickle").read_bytes())
'''


def as_module(function: Callable[..., Any], what: str, folder: Path) -> str:
    """Write `function`, whatever defines it, into a module in `folder`; gives its import path.

    Raises InputError, `what` saying of which argument, where it can't travel: with the name of what it holds on to.
    """
    import cloudpickle

    try:
        pickled = cloudpickle.dumps(function)
    except Exception as error:  # whatever the objects that it holds on to raise
        raise InputError(_fault(function, what, error)) from error
    name = getattr(function, "__name__", what)
    name = name if name.isidentifier() and not name.startswith("_") else what
    module = f"given_{what}"
    (folder / f"{module}.pickle").write_bytes(pickled)
    text = _MODULE.format(digest=_digest(function, pickled), path=list(filter(None, sys.path)), name=name)
    (folder / f"{module}.py").write_text(text, encoding="utf-8")
    return f"{module}:{name}"


def _digest(function: Callable[..., Any], pickled: bytes) -> str:
    """Of its source and of what it holds on to; pickles alone differ from one interpreter to the next."""
    try:
        text = inspect.getsource(function)
        held = inspect.getclosurevars(function).nonlocals if inspect.isfunction(function) else {}
        known = f"{text}{sorted((name, repr(value)) for name, value in held.items())}".encode()
    except (OSError, TypeError):  # it has no source
        known = pickled
    return hashlib.sha256(known).hexdigest()[:16]


def _fault(function: Callable[..., Any], what: str, error: Exception) -> Fault:
    culprit = _unpicklable(function)
    why = exception_summary(error)
    if culprit is None:
        return Fault(f"{what} can't be handed to another process: {why}", "define it without what can't be copied")
    hint = f"make {culprit} inside the function, or give it as an argument of plain values"
    return Fault(f"{what} can't be handed to another process: it uses {culprit}: {why}", hint)


def _unpicklable(function: Callable[..., Any]) -> str | None:
    """The name of a variable that it uses and that can't be copied; None where none is found."""
    import cloudpickle

    try:
        used = inspect.getclosurevars(function)
    except TypeError:  # it is no Python function
        return None
    every: Mapping[str, Any] = {**used.globals, **used.nonlocals}
    for name, value in every.items():
        try:
            cloudpickle.dumps(value)
        except Exception:
            return f"'{name}' (a {type(value).__name__})"
    return None
