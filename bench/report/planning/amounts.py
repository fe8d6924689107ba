"""An amount as text, and for programs."""

from __future__ import annotations

from typing import Any

from bench.analyse.planning.amount import Amount
from bench.report.core.footnotes import Footnotes
from bench.results.metric import ABSENT, significant, to_margin
from bench.system.nvml import Reading

__all__ = ["amount_fields", "amount_text", "reading_text"]


def amount_text(amount: Amount, scale: float = 1.0) -> str:
    """Value and interval to the digits that this leaves meaningful, in units of 1 / `scale`.

    >>> amount_text(Amount(754.0, 731.0, 778.0), 1 / 60), amount_text(Amount(30.0))
    ('12.6 (12.2–13.0)', '30.0')
    """
    if amount.low is None or amount.high is None:
        return significant(amount.value * scale)
    half = (amount.high - amount.low) / 2 * scale
    value, low, high = (to_margin(one * scale, half) for one in (amount.value, amount.low, amount.high))
    return f"{value} ({low}–{high})" if low != high else value


def reading_text(found: Reading[Amount], letters: Footnotes, scale: float = 1.0) -> str:
    """The same, or a dash with the letter of its reason."""
    if found.value is None:
        return f"{ABSENT} ({letters.marks([found.reason])})" if found.reason else ABSENT
    return amount_text(found.value, scale)


def amount_fields(found: Reading[Amount]) -> dict[str, Any]:
    """For programs: unrounded; `absent` says why there is none."""
    one = found.value
    return {
        "value": one.value if one else None,
        "low": one.low if one else None,
        "high": one.high if one else None,
        "absent": found.reason,
    }
