"""Axes multiplied out: `{axes: {cache: [none, memory], prefetch: [0, autotune]}, exclude: […], base: {…}}`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Mapping
from typing import Any

from bench.errors import nearest
from bench.suite.bounds import MAX_WEIGHT, weight
from bench.suite.drafts import Draft, DraftKind
from bench.suite.faults import Faults
from bench.suite.wording import close, describe, quoted
from bench.suite.yamldata import Keys

__all__ = ["MAX_CELLS", "product"]

MAX_CELLS = 10_000
"""What a suite may spell out: more is a slip of the pen, as no machine measures it in a week."""

_KEYS = ("axes", "base", "exclude")

Axes = dict[str, list[Any]]


def product(kind: DraftKind, raw: dict[str, Any], faults: Faults) -> list[Draft]:
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
    if size * (weight(base) + sum(max(map(weight, values)) for values in axes.values())) > MAX_WEIGHT:
        what = f"the {size:,} combinations come to more than {MAX_WEIGHT >> 20} million characters, written out"
        faults.add((*at, "axes"), what, "leave out values, or shorten them")
        return []
    excludes = _excludes(raw.get("exclude", []), axes, (*at, "exclude"), faults)
    left = _left(size, excludes, _Axes(axes), (*at, "exclude"), faults)
    if not left:
        faults.add((*at, "exclude"), f"every {kind.word} is excluded", "leave at least one combination")
    shown = {key: kind.shown(value) for key, value in base.items()}
    shown_axes = {axis: list(map(kind.shown, values)) for axis, values in axes.items()}
    ways = itertools.product(*(range(len(values)) for values in axes.values()))
    drafts = []
    for place, way in enumerate(ways):
        if left >> place & 1:
            chosen = dict(zip(axes, way, strict=True))
            naming = {key: shown[key] for key in kind.from_name("") if key in base}
            naming |= {axis: shown_axes[axis][i] for axis, i in chosen.items()}
            places: dict[str, Keys] = {key: (*at, "base", key) for key in base}
            places |= {axis: (*at, "axes", axis, i) for axis, i in chosen.items()}
            values = base | {axis: axes[axis][i] for axis, i in chosen.items()}
            drafts.append(Draft(kind.automatic_name(naming), values, (*at, "axes"), places, automatic=True))
    return drafts


class _Axes:
    """Which combinations have a value: bit sets, a bit for each combination in its order, so that thousands of excludes
    are matched with ten thousand combinations at once."""

    def __init__(self, axes: Axes) -> None:
        self.values = axes
        self._having: dict[str, dict[Hashable, int]] = {}
        after = size = math.prod(map(len, axes.values()))
        for axis, values in axes.items():
            before, after = after, after // len(values)
            found: dict[Hashable, int] = {}
            self._having[axis] = found
            for i, value in enumerate(values):
                block = ((1 << after) - 1) << i * after
                repeated = sum(block << begin for begin in range(0, size, before))
                found[_key(value)] = found.get(_key(value), 0) | repeated

    def having(self, axis: str, value: object) -> int:
        """The combinations whose value of `axis` is this one; none where the axis hasn't it."""
        return self._having[axis].get(_key(value), 0)


def _left(size: int, excludes: Mapping[int, dict[str, Any]], axes: _Axes, at: Keys, faults: Faults) -> int:
    """The combinations that no exclude matches, as a bit set."""
    excluded, every = 0, (1 << size) - 1
    for i, exclude in excludes.items():
        matched = every
        for axis, value in exclude.items():
            matched &= axes.having(axis, value)
        if not matched:
            _matches_nothing(exclude, axes, (*at, i), faults)
        excluded |= matched
    return every & ~excluded


def _key(value: object) -> Hashable:
    """Equal for values that are the same to an exclude: 1 layer and 1.0 (all of them), `0` and `off` are told apart."""
    return type(value), _within(value)


def _within(value: object) -> Hashable:
    match value:
        case dict():
            return dict, frozenset((key, _within(inner)) for key, inner in value.items())
        case list():
            return list, tuple(map(_within, value))
        case _:
            return value


def _axes(kind: DraftKind, raw: object, at: Keys, faults: Faults) -> Axes:
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


def _matches_nothing(exclude: dict[str, Any], axes: _Axes, at: Keys, faults: Faults) -> None:
    for axis, value in exclude.items():
        if not axes.having(axis, value):
            known = axes.values[axis]
            hint = close(value, (one for one in known if isinstance(one, str)))
            hint = hint or f"the axis holds {', '.join(map(describe, known[:12]))}"
            faults.add((*at, axis), f"the exclude matches nothing: {quoted(axis)} is never {describe(value)}", hint)
