"""Where in a JSON file a value stands, asked only once something is wrong with it."""

from __future__ import annotations

import json

__all__ = ["line_of"]

_DECODER = json.JSONDecoder()


def line_of(text: str, *keys: str | int) -> int | None:
    """The 1-based line of the value that these keys lead to, or of the nearest one around it that is there; None where
    the text can't be followed."""
    try:
        at = _skip(text, 0)
        for key in keys:
            inner = _member(text, at, key) if isinstance(key, str) else _item(text, at, key)
            if inner is None:
                break
            at = inner
    except (ValueError, IndexError, RecursionError):
        return None
    return text.count("\n", 0, at) + 1


def _member(text: str, at: int, key: str) -> int | None:
    if text[at] != "{":
        return None
    at = _skip(text, at + 1)
    while text[at] == '"':
        name, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # past the colon
        if name == key:
            return at
        at = _past(text, at)
    return None


def _item(text: str, at: int, place: int) -> int | None:
    if text[at] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(place):
        if text[at] == "]":
            return None
        at = _past(text, at)
    return at


def _past(text: str, at: int) -> int:
    """Past a value and the comma behind it."""
    _, at = _DECODER.raw_decode(text, at)
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    while text[at] in " \t\r\n":
        at += 1
    return at
