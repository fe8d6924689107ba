"""What disturbed two cells that took turns."""

from __future__ import annotations

from collections import Counter

from bench.analyse.disturbances import DISTURBANCES
from bench.analyse.findings.busy_machine import busy
from bench.analyse.findings.foreign_gpu import foreign_on_gpu
from bench.analyse.findings.throttled import held_back
from bench.results.pair import Pair, Round
from bench.results.record import Finding

__all__ = ["disturbed"]


def disturbed(pair: Pair) -> tuple[Finding, ...]:
    """`foreign-gpu-process`, `busy-machine` and `throttled` as records have them, each with the rounds that it was in.

    Nothing of rounds that were not watched.
    """
    found = Counter(finding for one in pair.rounds for finding in _of(one))
    of = f" of {len(pair.rounds)} rounds)"
    return tuple(
        Finding(code=finding.code, message=f"{finding.message} (in {found[finding]}{of}")
        for finding in sorted(found, key=lambda one: (DISTURBANCES.index(one.code), -found[one]))
    )


def _of(one: Round) -> set[Finding]:
    seen = (*foreign_on_gpu(one.values), *busy(one.values, one.seconds), *held_back(one.values))
    return {finding for finding in seen if finding.code in DISTURBANCES}
