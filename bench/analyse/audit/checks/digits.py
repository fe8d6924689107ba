"""Times with fewer digits than a clock gives, or the same again."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analyse.audit.declaration import AuditKind, Doubt, check
from bench.host.profile import HostProfile
from bench.results.record import Record

__all__ = ["digits"]

DIGITS = AuditKind("digits", "times have fewer digits than a clock gives, or repeat exactly")
_FEWEST = 5
_SHORT = 7
"""Significant digits: the clock counts nanoseconds, which is some nine of a window's tenth of a second."""


@check(DIGITS)
def digits(record: Record, _: HostProfile | None) -> Iterator[Doubt]:
    """`digits`: its windows were rounded, or several are equal to the last digit."""
    times = [seconds for _, seconds in record.windows]
    if len(times) < _FEWEST or not record.counts:
        return
    # a few tell, and there are many records
    short = sum(map(_is_short, times)) if sum(map(_is_short, times[:_FEWEST])) > 1 else 0
    if short > len(times) / 2:
        yield DIGITS.odd(f"{short} of {len(times)} windows have at most {_SHORT} digits, such as {min(times):.9g} s")
    again = len(times) - len(set(times))
    if again > max(2, len(times) / 10):
        yield DIGITS.odd(f"{again} of {len(times)} windows take exactly as long as others of the record")
    steps = [seconds / count for count, seconds in record.windows if count]
    if max(steps) < min(steps) * (1 + 1e-7):
        yield DIGITS.odd(f"its {len(times)} windows all give the same {steps[0] * 1e3:.6g} ms a step", "certain")


def _is_short(seconds: float) -> bool:
    return float(f"{seconds:.{_SHORT}g}") == seconds
