"""All judgements on a record."""

from __future__ import annotations

from collections.abc import Callable

from bench.analyse.findings.budget import budget
from bench.analyse.findings.cpu_only import cpu_only
from bench.analyse.findings.drifting import drifting
from bench.analyse.findings.few_windows import few_windows
from bench.analyse.findings.inline import inline
from bench.analyse.findings.noisy import noisy
from bench.analyse.findings.retraced import retraced
from bench.analyse.findings.synthetic import synthetic_data
from bench.analyse.findings.throttled import throttled
from bench.analyse.findings.two_speeds import two_speeds
from bench.results.record import Finding, Record

__all__ = ["ANALYSERS", "CODES", "judge"]

ANALYSERS: tuple[Callable[[Record], tuple[Finding, ...]], ...] = (
    inline,
    synthetic_data,
    cpu_only,
    throttled,
    retraced,
    few_windows,
    budget,
    noisy,
    two_speeds,
    drifting,
)
"""In the order in which their findings are shown: first what makes a figure mean something else."""

CODES = frozenset(
    {
        "inline",
        "replay",
        "synthetic-data",
        "cpu-only",
        "throttled",
        "power-cap",
        "retraced",
        "few-windows",
        "budget",
        "noisy",
        "two-speeds",
        "drifting",
    }
)
"""What the analysers can find."""


def judge(record: Record) -> tuple[Finding, ...]:
    """What the analysers find now, and after it what the record carries of kinds that are not theirs.

    What an analyser found when the record was made, by older rules, doesn't count.
    """
    found = (finding for analyse in ANALYSERS for finding in analyse(record))
    return (*found, *(finding for finding in record.findings if finding.code not in CODES))
