"""How values are named in messages."""

from __future__ import annotations

from collections.abc import Iterable

from bench.errors import nearest
from bench.support.plain_text import plain_text

__all__ = ["close", "describe", "quoted"]


def quoted(text: str) -> str:
    """`text` in single quotes, on one line, shortened where it is long."""
    return f"'{plain_text(text[:60])}…'" if len(text) > 60 else f"'{plain_text(text)}'"


def describe(value: object) -> str:
    """What a value read from YAML is, in plain words."""
    match value:
        case None:
            return "empty (null)"
        case bool():
            return "true (on)" if value else "false (off)"
        case int() | float():
            return str(value)
        case str():
            return f"the text {quoted(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def close(name: object, known: Iterable[str]) -> str | None:
    """`nearest` where `name` is text and close to one of `known`, or a word of it; else None."""
    if not isinstance(name, str):
        return None
    choices = list(known)
    words = [choice for choice in choices if name.casefold() in choice.split("_")]
    hint = nearest(name, words or choices)
    return hint if hint.startswith("did you mean") else None
