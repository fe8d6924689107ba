"""The last binary digits of figures, which tell what they were computed by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.analyse.audit.declaration import AuditKind, Doubt, check
from bench.host.profile import HostProfile
from bench.results.record import Record

__all__ = ["precision"]

CLOCK_DIGITS = AuditKind("clock-digits", "windows have binary digits that no difference of two readings of a clock has")
SINGLE_PRECISION = AuditKind(
    "single-precision", "losses or accuracies have digits beyond the single precision of Keras"
)

_FINEST = 2.0**50
"""A clock that counts seconds since the machine started is read in double precision: at 4 s its last digit is worth
2⁻⁵⁰ s, and ever more later. A window is the difference of two readings, and so a multiple of that; a time that was
multiplied, drawn or written by hand hardly ever is. Epochs may be scaled, where their first steps went untimed."""
_FEWEST = 3


@check(CLOCK_DIGITS, SINGLE_PRECISION)
def precision(record: Record, _: HostProfile | None) -> Iterator[Doubt]:
    """`clock-digits`, `single-precision`: figures that no clock, and no metric of Keras, gives."""
    if not record.counts:
        return
    finer = sum(not (seconds * _FINEST).is_integer() for _, seconds in record.windows)
    if finer >= _FEWEST:
        what = f"{finer} of {len(record.windows)} windows"
        evidence = f"{what} are no difference of two readings of a clock, by their last digits"
        yield CLOCK_DIGITS.odd(evidence, "certain")
    if record.workload.model.is_own:
        return  # its metrics may be any
    shares = _learnt(record)
    with np.errstate(over="ignore"):
        double = int(np.count_nonzero(np.array(shares, dtype=np.float32) != np.array(shares)))
    if double:
        evidence = f"{double} of {len(shares)} losses and accuracies aren't in single precision, as Keras gives them"
        yield SINGLE_PRECISION.odd(evidence, "certain")


def _learnt(record: Record) -> list[float]:
    found = record.accuracy
    shares = [found.train if found.train_images else None, found.held_out, found.test] if found is not None else []
    for epoch in record.history:
        shares += [epoch.loss, epoch.accuracy, epoch.val_loss, epoch.val_accuracy, epoch.test_loss, epoch.test_accuracy]
    return [value for value in shares if value is not None]
