"""All checks of single records."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import bench.analyse.audit.checks as package
from bench.analyse.audit.declaration import CHECKS, AuditKind, Doubt, RecordCheck
from bench.host.profile import HostProfile
from bench.results.record import Record

__all__ = ["doubts_of", "record_kinds"]


@cache
def _checks() -> tuple[tuple[RecordCheck, tuple[AuditKind, ...]], ...]:
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return tuple(CHECKS[name] for name in sorted(CHECKS))


def record_kinds() -> tuple[AuditKind, ...]:
    """What checks of single records can find."""
    return tuple(kind for _, kinds in _checks() for kind in kinds)


def doubts_of(record: Record, profile: HostProfile | None) -> tuple[Doubt, ...]:
    """What speaks against the record by itself; `profile` is its host's, as it came with it."""
    return tuple(doubt for ask, _ in _checks() for doubt in ask(record, profile))
