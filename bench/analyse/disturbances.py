"""Which processes something from outside held back."""

from __future__ import annotations

from bench.results.record import Record

__all__ = ["DISTURBANCES", "held_up"]

DISTURBANCES = ("foreign-gpu-process", "busy-machine", "throttled")
"""Findings that say that something from outside held a process back."""


def held_up(record: Record) -> bool:
    """Did something from outside hold this one process back, as far as its figures go?

    Not where the cycles that were disturbed are left out of them.
    """
    return not record.left_out and any(finding.code in DISTURBANCES for finding in record.findings)
