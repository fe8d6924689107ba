"""A suite's YAML file turned into a frozen `Suite`, or into every fault in it at once."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bench.errors import Fault, InputError, nearest
from bench.suite.bounds import bound_sections
from bench.suite.cells import Suite
from bench.suite.checks import (
    check_baseline,
    check_data,
    check_model,
    check_network_of_pipeline,
    check_numbers,
    check_variant,
)
from bench.suite.checks_course import check_course
from bench.suite.checks_devices import check_accumulation, check_devices
from bench.suite.checks_train import check_rate, check_train
from bench.suite.course import Course
from bench.suite.drafts import MODEL, VARIANT, Draft
from bench.suite.expand import expand
from bench.suite.explain import explain
from bench.suite.fault_context import NOT_KEYS, Owners
from bench.suite.faults import Faults
from bench.suite.merging import Merged, merged
from bench.suite.overrides import OTHER_SPELLING, override
from bench.suite.spec import DataSpec
from bench.suite.wording import describe, quoted
from bench.suite.yamldata import Keys
from bench.suite.yamlfile import Document, read
from bench.support.resources import shipped_folder

__all__ = ["load"]

_NEEDED = {"data": "digits", "models": "[simple_cnn]", "variants": "[notebook]"}


def load(path: Path, overrides: Sequence[str] = ()) -> Suite:
    """The suite in the YAML file at `path`, with each of `overrides` (`protocol.max_seconds=10`) laid over it.

    Raises InputError with every fault in the file and the overrides. Nothing is imported and no data is read.
    """
    document = _read(path)
    folder = path.absolute().parent
    faults = Faults(document)
    raw = document.data
    written, meant = OTHER_SPELLING
    if written in raw and meant not in raw:
        raw[meant] = raw.pop(written)
        faults.respell(written, meant)
    override(raw, overrides, faults)
    for key, example in _NEEDED.items():
        if key not in raw:
            faults.add((), f"{quoted(key)} is missing", f"add e.g. `{key}: {example}`")
    data = _named(_data(raw, faults))
    models = expand(MODEL, raw["models"], faults) if "models" in raw else []
    variants = expand(VARIANT, raw["variants"], faults) if "variants" in raw else []
    if "data" in raw:
        check_data(data, folder, faults)
    bound_sections(raw, models, faults)
    sections = [_sections(raw.get("train"), data, model) for model in models]
    if any("train" not in own for own in sections):
        check_train(raw.get("train"), data, _in_train, faults)
    _check_models(raw, data, models, sections, folder, faults)
    for variant in variants:
        check_variant(variant, folder, faults)
        check_devices(variant, faults)
    check_accumulation(raw.get("train"), _in_train, variants, faults)
    for own in sections:
        if "train" in own:
            check_accumulation(own["train"].values, own["train"].place, variants, faults)
    check_numbers(raw, len(models), len(variants), faults)
    check_baseline(raw, variants, faults)
    suite = _validate(raw, data, models, sections, variants, faults)
    if suite is not None and not overrides:  # whoever overrides something tries what is not to be handed in
        check_course(suite, faults)
    faults.raise_all()
    assert suite is not None
    baseline = suite.baseline or suite.variants[0].name
    places = {".".join(map(str, way)): faults.place(keys) for way, keys in _ways(suite, raw, models, sections)}
    named = {"name": path.stem, "folder": str(folder), "baseline": baseline, "places": places}
    return suite.model_copy(update=named)


def _check_models(
    raw: dict[str, Any],
    data: dict[str, Any],
    models: Sequence[Draft],
    sections: Sequence[Mapping[str, Merged]],
    folder: Path,
    faults: Faults,
) -> None:
    for model, own in zip(models, sections, strict=True):
        check_model(model, folder, faults)
        if "data" in own and isinstance(own["data"].values, dict):
            check_data(own["data"].values, folder, faults, own["data"].place)
        train = own["train"] if "train" in own else Merged(raw.get("train"), _in_train)
        kept = own["data"].values if "data" in own else data
        if isinstance(kept, dict):
            check_network_of_pipeline(model, kept, faults)
        if own and isinstance(kept, dict):
            check_train(train.values, kept, train.place, faults)
        check_rate(model, train.values, faults)


def _ways(
    suite: Suite, raw: dict[str, Any], models: Sequence[Draft], sections: Sequence[Mapping[str, Merged]]
) -> Iterator[tuple[Keys, Keys]]:
    """What may be found wrong only once data and networks are known, by model, and the ways to it in the file."""
    for key, count in (("table", len(suite.table)), ("batch_sizes", len(suite.batch_sizes))):
        yield from (((key, i), (key, i)) for i in range(count))
    yield from ((("course", key), ("course", key)) for key in Course.model_fields)
    for i in range(len(suite.course.columns) if suite.course is not None else 0):
        yield ("course", "columns", i), ("course", "columns", i)
    for section, key in (("rankings", "by"), ("grades", "formula")):
        for title in getattr(suite.course, section, ()):
            yield ("course", section, title, key), ("course", section, title, key)
    yield from ((("data", key), ("data", key)) for key in DataSpec.model_fields)
    for model, own in zip(models, sections, strict=True):
        yield from ((("models", model.name, key), model.place(key)) for key in ("name", *MODEL.fields))
        train = own.get("train") or Merged(raw.get("train"), _in_train)
        phases = (train.values or {}).get("phases", ())
        inner: list[Keys] = [(), *((key,) for key in train.values or ())]
        inner += [("phases", i, key) for i, phase in enumerate(phases) for key in phase]
        yield from ((("models", model.name, "train", *keys), train.place(keys)) for keys in inner)


def _in_train(keys: Keys) -> Keys:
    return ("train", *keys)


def _sections(train: Any, data: dict[str, Any], model: Draft) -> dict[str, Merged]:
    found = {"train": merged("train", train, model), "data": merged("data", data, model)}
    if (own_data := found["data"]) is not None and isinstance(own_data.values, dict):
        found["data"] = replace(own_data, values=_named(own_data.values))
    return {section: own for section, own in found.items() if own is not None}


def _named(data: dict[str, Any]) -> dict[str, Any]:
    """A pipeline of the user's own is called by its import path."""
    return {"name": data["pipeline"], **data} if data.get("pipeline") is not None else data


def _validate(
    raw: dict[str, Any],
    data: dict[str, Any],
    models: Sequence[Draft],
    sections: Sequence[Mapping[str, Merged]],
    variants: Sequence[Draft],
    faults: Faults,
) -> Suite | None:
    whole = {key: value for key, value in raw.items() if key not in NOT_KEYS} | {
        "name": "",
        "data": data,
        "models": [
            model.values | {"name": model.name} | {section: one.values for section, one in own.items()}
            for model, own in zip(models, sections, strict=True)
        ],
        "variants": [{"name": variant.name, "options": variant.values} for variant in variants],
    }

    for key in NOT_KEYS:
        if key in raw:
            faults.add((key,), f"unknown key {quoted(key)}", "a suite is named by its file, and lies where that does")
    try:
        # JSON's strict mode takes lists as tuples and 1 as 1.0, but no text as a number and no number as true
        return Suite.model_validate_json(json.dumps(whole), strict=True)
    except ValidationError as error:
        explain(error.errors(include_url=False), whole, Owners(models, sections, variants), faults)
        return None


def _data(raw: dict[str, Any], faults: Faults) -> dict[str, Any]:
    data = raw.get("data", _NEEDED["data"])
    if isinstance(data, dict):
        return data
    if not isinstance(data, str):
        what = f"'data' must be a data set's name or a mapping, is {describe(data)}"
        faults.add(("data",), what, f"write e.g. `data: {_NEEDED['data']}`")
        return {"name": _NEEDED["data"]}
    return {"name": data}


def _read(path: Path) -> Document:
    try:
        str(path.absolute()).encode()
        return read(path)
    except UnicodeEncodeError:
        raise InputError(Fault(f"the path {quoted(str(path))} is not UTF-8", "rename it")) from None
    except InputError as error:
        match error.__cause__:
            case FileNotFoundError() | NotADirectoryError():
                hint = _known_suite(path, path.parent)
            case OSError(errno=errno.EISDIR):
                hint = _known_suite(path, path)
            case _:
                raise
        raise InputError(*(Fault(fault.what, hint, path) for fault in error.faults)) from None


def _known_suite(path: Path, folder: Path) -> str:
    """Words that lead from a wrong path to a suite: a shipped_folder one by its bare name, or one in `folder`."""
    home = shipped_folder("suites")
    if home.is_relative_to(Path.cwd()):
        home = home.relative_to(Path.cwd())
    known = {file.stem: file for file in sorted(home.glob("*.yaml"))}
    if path.parent == Path() and path.stem in known:
        return f"the suite of this name that comes with the project is {known[path.stem]}"
    return nearest(str(path), map(str, sorted(folder.glob("*.y*ml")) or known.values()))
