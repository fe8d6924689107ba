"""Stored text under another host's name, all else in it byte for byte as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

__all__ = ["Rehosted", "rehosted"]

_NAMES: tuple[tuple[str, ...], ...] = (
    ("host",),
    # what pytest-benchmark stores
    ("machine_info", "host"),
    ("benchmarks", "*", "extra_info", "host"),
)
_LOG = ("failure", "log")
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


class Rehosted(NamedTuple):
    """`text`, and what became of it: it names the new host now, it named another host and still does, or it is no
    whole JSON object that names one."""

    text: bytes
    state: Literal["renamed", "other", "unread"]


def rehosted(text: bytes, old: str, new: str) -> Rehosted:
    """A line of a journal, or a file of pytest-benchmark's storage, with `new` where it names its host as `old`.

    The path of a failure's log, which lies in the host's folder, is changed likewise.
    """
    try:
        decoded = text.decode()
        is_object = isinstance(json.loads(decoded), dict)
    except (ValueError, RecursionError):
        return Rehosted(text, "unread")
    if not is_object:
        return Rehosted(text, "unread")
    folder = f"results/{old}/"
    names = [place for path in _NAMES for place in _found(decoded, path)]
    changes = [_changed(place, lambda name: new if name == old else name) for place in names]
    if not any(changes):
        return Rehosted(text, "other" if names else "unread")
    changes += [
        _changed(place, lambda log: f"results/{new}/{log.removeprefix(folder)}" if log.startswith(folder) else log)
        for place in _found(decoded, _LOG)
    ]
    for change in sorted((one for one in changes if one is not None), reverse=True):
        decoded = decoded[: change.begin] + change.text + decoded[change.end :]
    return Rehosted(decoded.encode(), "renamed")


class _Place(NamedTuple):
    """A value within a text, as the text has it."""

    begin: int
    end: int
    text: str


def _changed(place: _Place, change: Callable[[str], str]) -> _Place | None:
    value = json.loads(place.text)
    if not isinstance(value, str) or (changed := change(value)) == value:
        return None
    return place._replace(text=json.dumps(changed, ensure_ascii=False))


def _found(text: str, path: tuple[str, ...]) -> Iterator[_Place]:
    begin = _after_space(text, 0)
    return _within(text, _Place(begin, len(text), ""), path)


def _within(text: str, place: _Place, path: tuple[str, ...]) -> Iterator[_Place]:
    """The values at `path` under `place`; `*` is every item of a list."""
    if not path:
        yield place
    elif text[place.begin] in "{[":
        for key, inner in _members(text, place.begin):
            if key == path[0]:
                yield from _within(text, inner, path[1:])


def _members(text: str, at: int) -> Iterator[tuple[str, _Place]]:
    """The keys (`*` in a list) and values of the object or list that begins at `at`, in text known to be JSON."""
    is_object = text[at] == "{"
    at = _after_space(text, at + 1)
    while text[at] not in "}]":
        key = "*"
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _after_space(text, _after_space(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        yield key, _Place(at, end, text[at:end])
        at = _after_space(text, end)
        if text[at] == ",":
            at = _after_space(text, at + 1)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()
