"""The user's own code, by import paths `module:function`: found without importing it, and imported.

A module is looked for in the suite's folder, then in the current folder, then where Python looks. Not so in a process
that is confined, because records of unknown origin are looked into there: in that one, a module comes from a file that
lies in the one folder that the user named, or isn't imported at all.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from importlib.machinery import BuiltinImporter, ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.errors import Fault, InputError, nearest
from bench.support.exception_text import exception_text

__all__ = ["confine", "confined_source", "find_module", "load_function", "locate"]

_CONFINED: list[Path | None] = []
"""What this process is confined to; empty where it isn't."""


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


def confine(folder: Path | None) -> None:
    """From now on, and for as long as this process lives, `load_function` imports nothing but files in `folder`; None:
    nothing at all."""
    _CONFINED[:] = [folder]


def confined_source(module: str, folder: Path) -> Path:
    """The file of source code in `folder` that holds `module`, found without importing anything.

    Raises InputError where there is none, and where it lies elsewhere once links are resolved.
    """
    return _sources(module, folder)[module]


def load_function(path: str, folder: Path) -> Callable[..., Any]:
    """The function that the import path `module:function` names, its module imported.

    `folder` and the current folder stay at the head of `sys.path`, as a script's own folder does: what is imported
    only once the function is called, or its network traced, is found as well. In a process that is confined, only the
    folder that it is confined to counts: see `confine`. Raises InputError, with the module's exception as its cause,
    where the module can't be imported, and where it has no such function.
    """
    module_name, _, function_name = path.partition(":")
    if _CONFINED:
        module = _load_confined(path, module_name, _CONFINED[0])
    else:
        _at_head(folder.absolute(), Path.cwd())
        module = _imported(path, module_name)
    function: Callable[..., Any] | None = getattr(module, function_name, None)
    if not callable(function):
        functions = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
        what = f"{path}: {module_name} has no function '{function_name}'"
        raise InputError(Fault(what, nearest(function_name, functions)))
    return function


def _at_head(*folders: Path) -> None:
    heads = list(dict.fromkeys(map(str, folders)))
    sys.path[:] = heads + [place for place in sys.path if place not in heads]
    importlib.invalidate_caches()


def _imported(path: str, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise InputError(Fault(f"{path}: {module} can't be imported: {exception_text(error)}")) from error


def _load_confined(path: str, module: str, folder: Path | None) -> ModuleType:
    if folder is None:
        raise InputError(Fault(f"{path} is code of somebody's own, and none is run here"))
    sources = _sources(module, folder)
    for name, file in sources.items():
        loaded = sys.modules.get(name)
        if loaded is not None and _place_of(loaded) != str(file):
            what = f"{path}: a module '{name}' that isn't the folder's own is in use already"
            raise InputError(Fault(what, "give it another name, in the suite too", file))
    _at_head(folder.absolute())  # for what the module itself imports
    pinned = _Pinned(sources)
    sys.meta_path.insert(0, pinned)
    try:
        return _imported(path, module)
    finally:
        sys.meta_path.remove(pinned)


class _Pinned(MetaPathFinder):
    """Has Python import these modules from these places, and from no others."""

    def __init__(self, sources: dict[str, Path]) -> None:
        self._sources = sources

    def find_spec(self, name: str, _: object, __: object = None) -> ModuleSpec | None:
        place = self._sources.get(name)
        if place is None:
            return None
        if place.is_file():
            inner = [str(place.parent)] if place.name == "__init__.py" else None
            return importlib.util.spec_from_file_location(name, place, submodule_search_locations=inner)
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(place)]
        return spec


def _place_of(module: ModuleType) -> str | None:
    """What it was imported from: its file, or its folder where that has no file of its own."""
    return getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), None)


def _sources(module: str, folder: Path) -> dict[str, Path]:
    """The files of `module` and of the packages that it lies in, by name, all of them in `folder`; a package without a
    file of its own is its folder."""
    found: dict[str, Path] = {}
    real, place, name = folder.resolve(), folder.absolute(), ""
    *packages, _ = parts = module.split(".")
    for i, part in enumerate(parts):
        name = f"{name}.{part}" if name else part
        inner = place / part
        places = [inner / "__init__.py", inner if i < len(packages) else place / f"{part}.py"]
        there = next((one for one in places if one.exists() and (one.is_file() or one == inner)), None)
        if there is None:
            what = f"there is no {places[-1].name} here for '{module}'"
            raise InputError(Fault(what, "`--folder` names the folder where its suite lies", place))
        if not there.resolve().is_relative_to(real):
            raise InputError(Fault(f"a link leads out of {folder}", "put the file itself there", there))
        found[name] = there
        place = inner
    return found


def _elsewhere(top: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(top)  # editable installs bring finders of their own
    except (ImportError, ValueError):
        return None
