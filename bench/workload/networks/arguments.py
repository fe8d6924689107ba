"""The values of a network's arguments, checked as a suite's are: every fault at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.errors import Fault, InputError
from bench.suite.wording import describe

__all__ = ["COUNT", "FLAG", "ODD", "Kind", "check_arguments"]


@dataclass(frozen=True)
class Kind:
    """What an argument must be, in words and as a test."""

    words: str
    fits: Callable[[object], bool]


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


COUNT = Kind("a whole number from 1", _is_count)
ODD = Kind("an odd whole number from 1", lambda value: isinstance(value, int) and _is_count(value) and value % 2 == 1)
FLAG = Kind("true or false", lambda value: isinstance(value, bool))


def check_arguments(network: str, **arguments: tuple[object, Kind]) -> None:
    """Raises InputError with every argument whose value is not of its kind."""
    faults = [
        Fault(f"{network}: '{name}' must be {kind.words}, is {describe(value)}")
        for name, (value, kind) in arguments.items()
        if not kind.fits(value)
    ]
    if faults:
        raise InputError(*faults)
