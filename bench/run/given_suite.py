"""A suite of what a program gives: functions, names and values in place of a YAML file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.errors import Fault, InputError
from bench.run.given_code import as_module
from bench.suite import load
from bench.suite.cells import Suite

__all__ = ["Code", "Data", "Given", "given_suite"]

Code = Callable[..., Any] | str
"""A function, or what a suite may name in its place."""
Data = Code | Mapping[str, Any]
"""A function that gives a `tf.data.Dataset`, a data set's name, or a suite's `data` section."""


@dataclass(frozen=True)
class Given:
    """What a suite is to be made of; see `bench.compare` for its parts.

    `variants` are names of those that come with the package, or options by name; with `plain` the variant `notebook`,
    which changes nothing, is the first and the baseline of all. `name` is the suite's, `model` the model's (None: the
    function's).
    """

    build: Code
    data: Data
    variants: Sequence[str] | Mapping[str, Mapping[str, Any]]
    _: KW_ONLY
    validation: Code | None = None
    batch_sizes: Sequence[int] = (32,)
    args: Mapping[str, Any] | None = None
    unit: Mapping[str, float] | None = None
    protocol: Mapping[str, Any] | None = None
    name: str = "notebook"
    model: str | None = None
    plain: bool = True


@contextmanager
def given_suite(given: Given) -> Iterator[Suite]:
    """The suite, for as long as its code lies in a folder of its own.

    Raises InputError with all that is wrong with it, as if it were a file, but without lines.
    """
    with TemporaryDirectory(prefix="bench-given-") as scratch:
        folder = Path(scratch)
        network = given.build if isinstance(given.build, str) else as_module(_checked(given.build), "build", folder)
        model = given.model or _model_name(given.build)
        raw = {
            "data": _data(given, folder),
            "models": {model: {"network": network} | ({"args": given.args} if given.args else {})},
            "variants": _variants(given),
            "batch_sizes": list(given.batch_sizes),
            "protocol": dict(given.protocol or {}),
        }
        file = folder / f"{given.name}.yaml"
        try:
            file.write_text(json.dumps(raw), encoding="utf-8")
        except (TypeError, ValueError) as error:
            raise InputError(Fault(f"what is given is not made of plain values: {error}")) from error
        try:
            yield load(file)
        except InputError as error:
            raise InputError(*(_without_place(fault, folder) for fault in error.faults)) from error


def _without_place(fault: Fault, folder: Path) -> Fault:
    inside = fault.file is not None and Path(fault.file).parent == folder
    return replace(fault, file=None, line=None) if inside else fault


def _checked(build: Any) -> Callable[..., Any]:
    if not callable(build):
        hint = "give a function that returns a compiled model, or a network's name"
        raise InputError(Fault(f"build is a {type(build).__name__}", hint))
    return build  # type: ignore[no-any-return]


def _model_name(build: Code) -> str:
    name = build.rpartition(":")[2] if isinstance(build, str) else getattr(build, "__name__", "model")
    return name if name.isidentifier() else "model"


def _variants(given: Given) -> Any:
    if isinstance(given.variants, Mapping):
        plain: dict[str, Any] = {"notebook": {}} if given.plain else {}
        return plain | {name: dict(options) for name, options in given.variants.items()}
    return list(dict.fromkeys((*(["notebook"] if given.plain else []), *given.variants)))


def _data(given: Given, folder: Path) -> Any:
    data = given.data
    if isinstance(data, str) and ":" not in data:
        return data
    if isinstance(data, Mapping):
        return dict(data)
    if not isinstance(data, str) and not callable(data):
        hint = "give a function that returns a tf.data.Dataset, a data set's name, or a mapping as in a suite"
        raise InputError(Fault(f"data is a {type(data).__name__}: that can't go to another process", hint))
    section: dict[str, Any] = {"pipeline": data if isinstance(data, str) else as_module(data, "data", folder)}
    if given.validation is not None:
        own = given.validation
        section["validation"] = own if isinstance(own, str) else as_module(own, "validation", folder)
    return section | ({"unit": dict(given.unit)} if given.unit else {})
