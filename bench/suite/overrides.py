"""`--set a.b=c`: values laid over a suite's YAML data before it is validated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.errors import Fault, InputError, nearest
from bench.suite.expand import shipped_variants
from bench.suite.faults import Faults
from bench.suite.merging import overruled
from bench.suite.wording import describe, quoted
from bench.suite.yamldata import Keys
from bench.suite.yamlfile import parse_value
from bench.suite.yamltree import MAX_DEPTH

__all__ = ["OTHER_SPELLING", "override"]

OTHER_SPELLING = ("dataset", "data")
"""A key that is read as another: TensorFlow and Keras say `dataset`."""

_NAMED: tuple[Keys, ...] = (("models",), ("variants",))
"""Where a part of a path is a name that must be there, lest a slip of the pen adds a variant."""


def override(data: dict[str, Any], overrides: Sequence[str], faults: Faults) -> None:
    """Changes `data` in place by each `path=value` in turn; faults found in what they set name them.

    A path's parts are keys, positions in a list (from 0), or in a list of models or variants their names. A whole new
    model or variant may be set (`variants.mine={xla: on}`), but nothing inside one that isn't there. What is set in
    `data` or `train` holds for every model, whatever it says for itself.
    """
    for text in overrides:
        origin = f"--set {quoted(text)[1:-1]}"
        left, sign, right = text.partition("=")
        parts = [part.strip() for part in left.split(".")]
        if parts[0] == OTHER_SPELLING[0]:
            parts[0] = OTHER_SPELLING[1]
        try:
            if not sign or not all(parts) or len(parts) > MAX_DEPTH or not left.isprintable():
                raise InputError(Fault(f"{quoted(text)} sets nothing", "write KEY=VALUE or KEY.KEY=VALUE", origin))
            _Override(origin, faults).put(data, parts, parse_value(right, origin))
        except InputError as error:
            faults.extend(error.faults)


class _Override:
    def __init__(self, origin: str, faults: Faults) -> None:
        self._origin = origin
        self._faults = faults

    def put(self, data: dict[str, Any], parts: list[str], value: object) -> None:
        container: Any = data
        keys: Keys = ()
        while True:
            key, parts = self._step(container, parts, keys)
            if not parts:
                container[key] = value
                self._faults.redirect((*keys, key), self._origin)
                overruled(data, (*keys, key))
                return
            container[key] = self._inside(container, key, keys)
            container, keys = container[key], (*keys, key)

    def _step(self, container: Any, parts: list[str], keys: Keys) -> tuple[str | int, list[str]]:
        """The key of `container` that `parts` begin with, and the parts behind it."""
        if isinstance(container, list):
            return self._position(container, parts[0], keys), parts[1:]
        for end in range(len(parts), 1, -1):  # a name may hold points
            if ".".join(parts[:end]) in container:
                return ".".join(parts[:end]), parts[end:]
        return parts[0], parts[1:]

    def _position(self, container: list[Any], part: str, keys: Keys) -> int:
        positions = [str(i) for i in range(len(container))]
        if part in positions:
            return positions.index(part)
        names = [item.get("name") if isinstance(item, dict) else item for item in container]
        if part in names:
            return names.index(part)
        known = [name for name in names if isinstance(name, str)] or positions
        raise InputError(Fault(f"{_way(keys)} has no {quoted(part)}", nearest(part, known), self._origin))

    def _inside(self, container: Any, key: str | int, keys: Keys) -> Any:
        """What `key` leads to, as something that values can be set in: short forms are written out."""
        inside = container.get(key) if isinstance(container, dict) else container[key]
        if isinstance(inside, dict | list):
            return inside
        here = (*keys, key)
        listed = isinstance(container, list) and keys in _NAMED
        if isinstance(inside, str) and (listed or here == ("data",)):
            options = shipped_variants(self._faults).get(inside, {}) if keys == ("variants",) else {}
            return {"name": inside, **options}
        if inside is not None:
            what = f"{_way(here)} is {describe(inside)}: nothing can be set in it"
            raise InputError(Fault(what, f"write {_dotted(here)}=VALUE", self._origin))
        if keys in _NAMED and isinstance(container, dict) and key not in container and "axes" not in container:
            what = f"{_way(keys)} has no {quoted(str(key))}"
            raise InputError(Fault(what, nearest(str(key), container), self._origin))
        self._faults.redirect(here, self._origin)
        return {}


def _dotted(keys: Keys) -> str:
    return ".".join(map(str, keys))


def _way(keys: Keys) -> str:
    return quoted(_dotted(keys)) if keys else "the suite"
