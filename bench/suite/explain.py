"""pydantic's errors put into plain words, each at its place in the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from bench.errors import nearest
from bench.suite.faults import Faults
from bench.suite.wording import close, describe, quoted
from bench.suite.yamldata import Keys

__all__ = ["Owner", "explain"]

_WANTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "on|off",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


@dataclass(frozen=True)
class Owner:
    """What a value belongs to: in words, the keys it may have, and the way to the value itself in the file."""

    words: str
    known: tuple[str, ...]
    keys: Keys


def explain(errors: Iterable[ErrorDetails], data: object, own: Callable[[Keys], Owner], faults: Faults) -> None:
    """Adds a fault for each value that `errors` complain of, the branches of a union taken together.

    `data` is what was validated; `own` tells what the value at a way into it belongs to.
    """
    grouped: dict[Keys, list[ErrorDetails]] = {}
    branches: set[Keys] = set()
    for error in errors:
        way, through_branch = _way(error, data)
        grouped.setdefault(way, []).append(error)
        if through_branch:
            branches.add(way)
    deeper = {way[:end] for way in grouped for end in range(len(way))}
    for way, group in grouped.items():
        if way in branches and way in deeper:  # the fault lies further in, in the branch that fits
            continue
        owner = own(way)
        missing = [str(error["loc"][-1]) for error in group if error["type"] == "missing"]
        if group[0]["type"] == "extra_forbidden":
            faults.add(
                owner.keys, f"unknown key {quoted(str(way[-1]))}{owner.words}", nearest(str(way[-1]), owner.known)
            )
        elif missing and isinstance(group[0]["loc"][-1], int):
            count = int(missing[-1]) + 1
            faults.add(owner.keys, f"{_subject(way)} must hold {count} values, holds {len(group[0]['input'])}")
        elif missing:
            for key in missing:
                faults.add(owner.keys, f"{quoted(key)} is missing{own((*way, key)).words}", f"add `{key}: …`")
        else:
            faults.add(owner.keys, *_wrong(_subject(way), group))


def _way(error: ErrorDetails, data: Any) -> tuple[Keys, bool]:
    """The way to the value, without the union branches that pydantic puts between, and whether there were any."""
    way: Keys = ()
    branch = False
    for step in error["loc"]:
        fits = step in data if isinstance(data, dict) else isinstance(data, list) and step in range(len(data))
        if fits:
            data = data[step]
            way = (*way, step)
        else:
            branch = branch or error["type"] != "missing"
    return way, branch


def _subject(way: Keys) -> str:
    *_, last = way
    if isinstance(last, int) and len(way) > 1:
        return f"item {last + 1} of {quoted(str(way[-2]))}"
    return quoted(str(last))


def _wrong(subject: str, group: Sequence[ErrorDetails]) -> tuple[str, str | None]:
    value = group[0]["input"]
    choices = [choice for error in group for choice in re.findall(r"'([^']*)'", _context(error).get("expected", ""))]
    wanted = list(dict.fromkeys(word for error in group for word in _WANTED.get(error["type"], "").split("|") if word))
    allowed = _either([*wanted, *map(quoted, choices)])
    bounds = [bound for error in group if (bound := _bound(error))]
    if bounds:
        return f"{subject} must be {bounds[-1]}, is {describe(value)}", f"or write {allowed}" if allowed else None
    if not allowed:
        return f"{subject} is wrong: {group[0]['msg']}", None
    return f"{subject} must be {allowed}, is {describe(value)}", close(value, choices) or _mend(value, wanted)


def _context(error: ErrorDetails) -> Mapping[str, Any]:
    return error.get("ctx", {})


def _either(words: Sequence[str]) -> str:
    return " or ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _bound(error: ErrorDetails) -> str | None:
    match error["type"], _context(error):
        case "greater_than", {"gt": int(bound)}:
            return f"at least {bound + 1}"
        case "greater_than", {"gt": bound}:
            return f"above {bound:g}"
        case "greater_than_equal", {"ge": bound}:
            return f"at least {bound:g}"
        case "less_than", {"lt": bound}:
            return f"below {bound:g}"
        case "less_than_equal", {"le": bound}:
            return f"at most {bound:g}"
        case "too_long", {"max_length": bound, "actual_length": length}:
            return f"a list of {bound} values (it holds {length})"
    return None


def _mend(value: object, wanted: Sequence[str]) -> str | None:
    whole, text = "a whole number" in wanted, "text" in wanted
    match value:
        case bool() | None:
            return None
        case str() if value.isdecimal() and (whole or "a number" in wanted):
            return "write it without quotes"
        case float() if whole and value.is_integer():
            return f"write {value:.0f}"
        case int() | float() if text:
            return "put it in quotes"
        case int() | float() | str() if "a list" in wanted:
            return f"write [{value}]"
    return None
