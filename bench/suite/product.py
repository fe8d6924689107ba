"""Axes multiplied out: `{axes: {cache: [none, memory], prefetch: [0, autotune]}, exclude: […], base: {…}}`."""

from __future__ import annotations

import itertools
import math
from typing import Any

from bench.errors import nearest
from bench.suite.drafts import Draft, Kind
from bench.suite.faults import Faults
from bench.suite.wording import close, describe, quoted
from bench.suite.yamldata import Keys

__all__ = ["MAX_CELLS", "product"]

MAX_CELLS = 10_000
"""What a suite may spell out: more is a slip of the pen, as no machine measures it in a week."""

_KEYS = ("axes", "base", "exclude")

Axes = dict[str, list[Any]]


def product(kind: Kind, raw: dict[str, Any], faults: Faults) -> list[Draft]:
    """One draft for every combination of the axes' values that no exclude matches, in the axes' order."""
    at: Keys = (kind.key,)
    for key in raw:
        if key not in _KEYS:
            faults.add((*at, key), f"unknown key {quoted(key)} beside 'axes'", nearest(key, _KEYS))
    axes = _axes(kind, raw["axes"], (*at, "axes"), faults)
    base = _base(raw.get("base", {}), axes, (*at, "base"), faults)
    size = math.prod(map(len, axes.values()))
    if size > MAX_CELLS:
        what = f"the axes have {size:,} combinations, more than {MAX_CELLS:,}"
        faults.add((*at, "axes"), what, "leave out values")
    if not axes or not 0 < size <= MAX_CELLS:
        return []
    combinations = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    excludes = _excludes(raw.get("exclude", []), axes, (*at, "exclude"), faults)
    for i, exclude in excludes.items():
        if not any(_matches(exclude, combination) for combination in combinations):
            _matches_nothing(exclude, axes, (*at, "exclude", i), faults)
    kept = [c for c in combinations if not any(_matches(exclude, c) for exclude in excludes.values())]
    if not kept:
        faults.add((*at, "exclude"), f"every {kind.word} is excluded", "leave at least one combination")
    return [_draft(kind, combination, axes, base, at) for combination in kept]


def _draft(kind: Kind, combination: dict[str, Any], axes: Axes, base: dict[str, Any], at: Keys) -> Draft:
    naming = {key: base[key] for key in kind.from_name("") if key in base} | combination
    places: dict[str, Keys] = {key: (*at, "base", key) for key in base}
    for axis, value in combination.items():
        index = next(i for i, candidate in enumerate(axes[axis]) if candidate is value)
        places[axis] = (*at, "axes", axis, index)
    return Draft(kind.automatic_name(naming), base | combination, (*at, "axes"), places, automatic=True)


def _axes(kind: Kind, raw: object, at: Keys, faults: Faults) -> Axes:
    if not isinstance(raw, dict):
        faults.add(at, f"'axes' must be a mapping, is {describe(raw)}", "write `key: [value, value]` lines under it")
        return {}
    if not raw:
        faults.add(at, "'axes' is empty", "write `key: [value, value]` lines under it")
    axes: Axes = {}
    for axis, values in raw.items():
        if axis not in kind.fields:
            faults.add((*at, axis), f"unknown axis {quoted(axis)}", nearest(axis, kind.fields))
        elif not isinstance(values, list):
            what = f"the axis {quoted(axis)} must be a list of values, is {describe(values)}"
            faults.add((*at, axis), what, "write [value, value], or set it in 'base'")
            faults.hush((*at, axis))
            axes[axis] = [values]
        else:
            axes[axis] = values
            if not values:
                faults.add((*at, axis), f"the axis {quoted(axis)} is empty", "write at least one value")
    return axes


def _base(raw: object, axes: Axes, at: Keys, faults: Faults) -> dict[str, Any]:
    if not isinstance(raw, dict):
        faults.add(at, f"'base' must be a mapping, is {describe(raw)}", "write `key: value` lines under it")
        return {}
    for key in filter(axes.__contains__, raw):
        faults.add((*at, key), f"{quoted(key)} is an axis and stands in 'base' too", "keep one of the two")
    if "name" in raw:
        faults.add((*at, "name"), "'base' can't set 'name': each combination is named by its values", "leave it out")
    return {key: value for key, value in raw.items() if key != "name"}


def _excludes(raw: object, axes: Axes, at: Keys, faults: Faults) -> dict[int, dict[str, Any]]:
    if not isinstance(raw, list):
        faults.add(at, f"'exclude' must be a list of mappings, is {describe(raw)}", "write `- {axis: value}` lines")
        return {}
    excludes: dict[int, dict[str, Any]] = {}
    for i, exclude in enumerate(raw):
        if not isinstance(exclude, dict) or not exclude:
            found = "an empty mapping" if exclude == {} else describe(exclude)
            faults.add((*at, i), f"an exclude must name axes and their values, is {found}", "write {axis: value}")
            continue
        unknown = [axis for axis in exclude if axis not in axes]
        for axis in unknown:
            faults.add((*at, i, axis), f"the exclude names {quoted(axis)}, which is no axis", nearest(axis, axes))
        if not unknown:
            excludes[i] = exclude
    return excludes


def _matches_nothing(exclude: dict[str, Any], axes: Axes, at: Keys, faults: Faults) -> None:
    for axis, value in exclude.items():
        if not any(_same(value, known) for known in axes[axis]):
            texts = [known for known in axes[axis] if isinstance(known, str)]
            hint = close(value, texts) or f"the axis holds {', '.join(map(describe, axes[axis][:12]))}"
            faults.add((*at, axis), f"the exclude matches nothing: {quoted(axis)} is never {describe(value)}", hint)


def _matches(exclude: dict[str, Any], combination: dict[str, Any]) -> bool:
    return all(_same(value, combination[axis]) for axis, value in exclude.items())


def _same(one: object, other: object) -> bool:
    # 1 layer and 1.0 (all of them), `0` and `off` are told apart
    return type(one) is type(other) and one == other
