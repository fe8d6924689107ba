"""All judgements on a record."""

from __future__ import annotations

from collections.abc import Callable

from bench.analyse.findings.budget import budget
from bench.analyse.findings.busy_machine import busy_machine
from bench.analyse.findings.cpu_only import cpu_only
from bench.analyse.findings.drifting import drifting
from bench.analyse.findings.few_windows import few_windows
from bench.analyse.findings.foreign_gpu import foreign_gpu_process
from bench.analyse.findings.implausible import implausible
from bench.analyse.findings.inline import inline
from bench.analyse.findings.input_bound import input_bound
from bench.analyse.findings.no_measurement import no_measurement
from bench.analyse.findings.noisy import noisy
from bench.analyse.findings.precision import precision_contradicted, precision_unsuited
from bench.analyse.findings.retraced import retraced
from bench.analyse.findings.synthetic import synthetic_data
from bench.analyse.findings.throttled import throttled
from bench.analyse.findings.two_speeds import two_speeds
from bench.analyse.findings.xla import xla
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.results.record import Finding, Record

__all__ = ["ANALYSERS", "BY_SPREAD", "CODES", "judge"]

ANALYSERS: tuple[Callable[[Record], tuple[Finding, ...]], ...] = (
    no_measurement,
    implausible,
    inline,
    synthetic_data,
    cpu_only,
    xla,
    precision_contradicted,
    precision_unsuited,
    foreign_gpu_process,
    busy_machine,
    throttled,
    retraced,
    few_windows,
    budget,
    noisy,
    two_speeds,
    drifting,
)
"""In the order in which their findings are shown: first what makes a figure mean something else."""

BY_SPREAD: tuple[Callable[[Record, Spread], tuple[Finding, ...]], ...] = (input_bound,)
"""After them those that ask what equal cells differ by on the record's host."""

CODES = frozenset(
    {
        "no-measurement",
        "implausible",
        "inline",
        "replay",
        "synthetic-data",
        "cpu-only",
        "xla-fell-back",
        "xla-recompiled",
        "precision-contradicted",
        "precision-unsuited",
        "foreign-gpu-process",
        "busy-machine",
        "throttled",
        "power-cap",
        "retraced",
        "few-windows",
        "budget",
        "noisy",
        "two-speeds",
        "drifting",
        "input-bound",
    }
)
"""What the analysers can find."""


def judge(record: Record, spread: Spread = UNMEASURED) -> tuple[Finding, ...]:
    """What the analysers find now, and after it what the record carries of kinds that are not theirs.

    `spread` is the host's, so that a finding says no more than a report's tables do. What an analyser found when the
    record was made, by older rules, doesn't count.
    """
    spoilt = no_measurement(record)
    if spoilt:  # nothing else about such windows is worth saying
        judged = record.model_copy(update={"windows": ()})
        found = [one for analyse in ANALYSERS for one in analyse(judged) if one.code != "few-windows"]
    else:
        found = [one for analyse in ANALYSERS for one in analyse(record)]
        found += [one for analyse in BY_SPREAD for one in analyse(record, spread)]
    return (*spoilt, *found, *(finding for finding in record.findings if finding.code not in CODES))
