"""How a check of an audit is declared: what it is called, and the function of a record that finds doubts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from bench.host.profile import HostProfile
from bench.results.record import Record

__all__ = ["CHECKS", "VERDICTS", "AuditKind", "Doubt", "RecordCheck", "Sure", "Verdict", "check", "worst"]

Verdict = Literal["plausible", "odd", "impossible"]
VERDICTS: tuple[Verdict, ...] = ("plausible", "odd", "impossible")
"""plausible: nothing speaks against it, which proves nothing; odd: somebody should look at it; impossible: what is
written there can't have been measured so."""
Sure = Literal["certain", "likely", "possible"]
"""How sure it is that there is something to explain; never of why, or of whose doing."""


@dataclass(frozen=True)
class AuditKind:
    """One kind of doubt. `code` is stable; `meaning` is one line for the reference."""

    code: str
    meaning: str

    def odd(self, evidence: str, sure: Sure = "likely") -> Doubt:
        """A doubt that somebody should look at."""
        return Doubt(self.code, "odd", sure, evidence)

    def impossible(self, evidence: str) -> Doubt:
        """One of what can't have been measured so."""
        return Doubt(self.code, "impossible", "certain", evidence)


@dataclass(frozen=True)
class Doubt:
    """What speaks against a record: the evidence in figures, for people, and how sure it is."""

    code: str
    verdict: Verdict
    sure: Sure
    evidence: str


RecordCheck = Callable[[Record, HostProfile | None], Iterator[Doubt]]
CHECKS: dict[str, tuple[RecordCheck, tuple[AuditKind, ...]]] = {}
"""All checks of single records by their names, once their modules are imported; see `bench.analyse.audit.registry`."""

F = TypeVar("F", bound=RecordCheck)


def check(*kinds: AuditKind) -> Callable[[F], F]:
    """Declare a function of a record, and of its host's profile where there is one, as the check that finds these."""

    def declare(ask: F) -> F:
        CHECKS[ask.__name__] = ask, kinds
        return ask

    return declare


def worst(doubts: tuple[Doubt, ...]) -> Verdict:
    """The verdict that they come to."""
    return max((one.verdict for one in doubts), key=VERDICTS.index, default="plausible")
