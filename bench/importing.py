"""The user's own code, by import paths `module:function`: found without importing it, and imported.

A module is looked for in the suite's folder, then in the current folder, then where Python looks.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import BuiltinImporter, ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

from bench.errors import Fault, InputError, nearest
from bench.said import said

__all__ = ["find_module", "load_function", "locate"]


def find_module(module: str, folder: Path) -> ModuleSpec | None:
    """What Python knows of `module` without importing it or the packages it lies in; None where there is none."""
    importlib.invalidate_caches()
    top, *inner = module.split(".")
    spec = PathFinder.find_spec(top, [str(folder), "", *sys.path]) or BuiltinImporter.find_spec(top) or _elsewhere(top)
    for name in inner:
        if spec is None or spec.submodule_search_locations is None:
            return None
        # asked for by its last name alone: the full name would have its parents imported
        spec = PathFinder.find_spec(name, list(spec.submodule_search_locations))
    return spec


def locate(module: str, folder: Path) -> Path | None:
    """The file that holds `module` itself, rather than its packages, without importing it; None where no file does."""
    spec = find_module(module, folder)
    if spec is None or spec.origin is None or not spec.has_location:
        return None
    file = Path(spec.origin)
    return file if file.is_file() else None


def load_function(path: str, folder: Path) -> Callable[..., Any]:
    """The function that the import path `module:function` names, its module imported.

    `folder` and the current folder stay at the head of `sys.path`, as a script's own folder does: what is imported
    only once the function is called, or its network traced, is found as well. Raises InputError, with the module's
    exception as its cause, where the module can't be imported, and where it has no such function.
    """
    module_name, _, function_name = path.partition(":")
    heads = list(dict.fromkeys((str(folder.absolute()), str(Path.cwd()))))
    sys.path[:] = heads + [place for place in sys.path if place not in heads]
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise InputError(Fault(f"{path}: {module_name} can't be imported: {said(error)}")) from error
    function: Callable[..., Any] | None = getattr(module, function_name, None)
    if not callable(function):
        functions = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
        what = f"{path}: {module_name} has no function '{function_name}'"
        raise InputError(Fault(what, nearest(function_name, functions)))
    return function


def _elsewhere(top: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(top)  # editable installs bring finders of their own
    except (ImportError, ValueError):
        return None
