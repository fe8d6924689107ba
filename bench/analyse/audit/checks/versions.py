"""Versions that there never were, and moments that haven't come."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from bench.analyse.audit.declaration import AuditKind, Doubt, check
from bench.host.profile import HostProfile
from bench.results.query import when
from bench.results.record import Record

__all__ = ["versions"]

VERSIONS = AuditKind("versions", "a version that never was published, or whose parts don't go together")
DATES = AuditKind("dates", "it was started before its run, or hasn't been started yet")

# TensorFlow's and Keras's releases by minor version, with the last patch of each (PyPI, November 2026)
_TENSORFLOW: Final = (4, 4, 3, 4, 4, 3, 5, 4, 4, 3, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 0, 0)
_KERAS: Final = (5, 1, 1, 3, 1, 0, 0, 0, 0, 2, 0, 3, 4, 2, 1, 1)
_KNOWN: Final[Mapping[str, tuple[int, tuple[int, ...]]]] = {"tensorflow": (2, _TENSORFLOW), "keras": (3, _KERAS)}
_SETTLED: Final = 3
"""Minor versions from the newest back that may still get patches."""
_AHEAD: Final = 12
"""Minor versions beyond the newest known: some years of releases."""
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?.*")
_RUN = re.compile(r"(\d{8}T\d{6})-[0-9a-f]+")
_SOON = timedelta(days=2)
_BEFORE, _AFTER = timedelta(days=1, hours=1), timedelta(days=120)


@check(VERSIONS, DATES)
def versions(record: Record, _: HostProfile | None) -> Iterator[Doubt]:
    """`versions`, `dates`: software that never was, and moments that can't be."""
    for name, (major, patches) in _KNOWN.items():
        version = record.software.get(name)
        if version is not None and not _was(version, major, patches):
            yield VERSIONS.odd(f"there is no {name} {version} that this version of bench knows of")
    started = when(record)
    if started > datetime.now(UTC) + _SOON:
        yield DATES.odd(f"it was started at {record.started}, which is yet to come", "certain")
    began = _began(record.turns.run) if record.turns is not None else None
    if began is not None and not -_BEFORE <= started - began <= _AFTER:
        yield DATES.odd(f"it was started at {record.started}, and its run at {began.isoformat()}")


@lru_cache(maxsize=1024)
def _began(run: str) -> datetime | None:
    """When a run of that name began; None where the name doesn't tell."""
    found = _RUN.fullmatch(run)
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found is not None else None
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _was(version: str, major: int, patches: tuple[int, ...]) -> bool:
    found = _VERSION.fullmatch(version)
    if found is None:
        return False
    if int(found[1]) != major:
        return int(found[1]) == major - 1 or (int(found[1]) == major + 1 and int(found[2]) <= _AHEAD)
    minor, patch = int(found[2]), int(found[3] or 0)
    if minor >= len(patches):
        return minor < len(patches) + _AHEAD
    return patch <= patches[minor] or minor >= len(patches) - _SETTLED
