"""All findings on a record, from the analysers of this package."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import bench.analyse.findings as package
from bench.analyse.findings.declaration import DECLARED, SEVERITIES, Analyser, FindingKind
from bench.analyse.findings.few_windows import FEW_WINDOWS
from bench.analyse.findings.no_measurement import no_measurement
from bench.analyse.findings.synthetic import SYNTHETIC_DATA
from bench.analyse.stats.spread import Spread
from bench.results.record import Finding, Record

__all__ = ["analysers", "is_remark", "judge", "kinds", "remarks"]


@cache
def analysers() -> tuple[Analyser, ...]:
    """Those that modules of this package declare."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return tuple(DECLARED[name] for name in sorted(DECLARED))


@cache
def kinds() -> Mapping[str, FindingKind]:
    """What can be found, by its code, the gravest first."""
    every = [kind for one in analysers() for kind in one.kinds]
    every.sort(key=lambda kind: (SEVERITIES.index(kind.severity), kind.code))
    return MappingProxyType({kind.code: kind for kind in every})


@cache
def _order() -> Mapping[str, int]:
    return {code: place for place, code in enumerate(kinds())}


def judge(record: Record, spread: Spread) -> tuple[Finding, ...]:
    """What the analysers find now, the gravest first, and after it what the record carries of kinds that are not
    theirs.

    `spread` is the host's, so that a finding says no more than a report's tables do. What an analyser found when the
    record was made, by older rules, doesn't count.
    """
    if spoilt := no_measurement(record):  # nothing else about such windows is worth saying
        rest = _found(record.model_copy(update={"windows": ()}), spread)
        found = [*spoilt, *(one for one in rest if one.code != FEW_WINDOWS.code)]
    else:
        found = _found(record, spread)
    order = _order()
    found.sort(key=lambda one: order[one.code])
    return (*found, *(finding for finding in record.findings if finding.code not in order))


def is_remark(finding: Finding) -> bool:
    """Does a table say it beneath? Not that data is synthetic: that has a mark of its own wherever accuracies stand."""
    return finding.code != SYNTHETIC_DATA.code


def remarks(record: Record, spread: Spread) -> tuple[str, ...]:
    """What a table says beneath it of a record."""
    return tuple(one.message for one in judge(record, spread) if is_remark(one))


def _found(record: Record, spread: Spread) -> list[Finding]:
    return [
        finding for one in analysers() for finding in (one.ask(record, spread) if one.needs_spread else one.ask(record))
    ]
