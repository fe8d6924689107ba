"""How a finding is declared: its code, how much it matters, and the function of a record that finds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from bench.results.record import Finding

__all__ = ["DECLARED", "SEVERITIES", "Analyser", "FindingKind", "Severity", "analyser"]

Severity = Literal["error", "warning", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")
"""error: the figures are of something else than they seem to be; warning: they may be off, or wider than they need be;
hint: they stand, and this explains them."""


@dataclass(frozen=True)
class FindingKind:
    """One kind of finding. `code` is stable: records and programs go by it; `meaning` is one line for the reference."""

    code: str
    severity: Severity
    meaning: str

    def found(self, message: str) -> Finding:
        """A finding of this kind, `message` being for people."""
        return Finding(code=self.code, message=message)


@dataclass(frozen=True)
class Analyser:
    """A function of a record, and of its host's spread where it needs that, and the kinds of what it can find."""

    ask: Callable[..., tuple[Finding, ...]]
    kinds: tuple[FindingKind, ...]
    needs_spread: bool


DECLARED: dict[str, Analyser] = {}
"""All analysers by their names, once their modules are imported: see `bench.analyse.findings.registry`."""

F = TypeVar("F", bound=Callable[..., Any])


def analyser(*kinds: FindingKind, needs_spread: bool = False) -> Callable[[F], F]:
    """Declare a function as the analyser that finds these kinds. With `needs_spread` it is called with the spread of
    the record's host, too.

    >>> NOISY = FindingKind("noisy", "warning", "windows vary by more than 10 %")
    >>> @analyser(NOISY)
    ... def noisy(record): ...
    """

    def declare(ask: F) -> F:
        DECLARED[ask.__name__] = Analyser(ask, kinds, needs_spread)
        return ask

    return declare
