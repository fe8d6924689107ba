"""A budget in words: `8h`, `5 EUR`, `30 quota hours`, `2 kWh`, `100 g CO2`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bench.errors import Fault, InputError

__all__ = ["Budget", "parse_budget"]

Kind = Literal["time", "quota", "energy", "co2", "money"]

_TIME = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hour": 3600, "hours": 3600, "d": 86400}
_TIME |= {"minutes": 60, "day": 86400, "days": 86400, "week": 604800, "weeks": 604800}
_ENERGY = {"J": 1, "kJ": 1e3, "MJ": 1e6, "Wh": 3600, "kWh": 3.6e6}
_CO2 = {"g CO2": 1, "kg CO2": 1e3, "g CO₂": 1, "kg CO₂": 1e3}
_QUOTA = ("quota hours", "quota hour", "quota h")
_MONEY = {"€": "EUR", "$": "USD", "£": "GBP"}
_MOST = 1e12


@dataclass(frozen=True)
class Budget:
    """`amount` in seconds (`time`, `quota`), joules of the GPU (`energy`), grams (`co2`), or `currency` (`money`)."""

    text: str
    kind: Kind
    amount: float
    currency: str | None = None


def parse_budget(text: str) -> Budget:
    """The budget that is written so. Raises InputError."""
    plain = " ".join(text.split())
    found = re.fullmatch(r"([$€£])?\s*(\d{1,15}(?:[.,]\d{1,9})?)\s*((?:[^\d\s].*)?)", plain)
    if found is not None:
        amount, unit = float(found[2].replace(",", ".")), found[1] or found[3]
        budget = None if found[1] and found[3] else _budget(plain, amount, unit)
        if budget is not None and 0 < budget.amount <= _MOST:
            return budget
    hint = "an amount above 0 such as 8h, '5 EUR', '30 quota hours', '2 kWh' or '100 g CO2'"
    raise InputError(Fault(f"--budget '{plain}' is no budget", hint))


def _budget(text: str, amount: float, unit: str) -> Budget | None:
    if unit in _TIME:
        return Budget(text, "time", amount * _TIME[unit])
    if unit in _QUOTA:
        return Budget(text, "quota", amount * _TIME["h"])
    if unit in _ENERGY:
        return Budget(text, "energy", amount * _ENERGY[unit])
    if unit in _CO2:
        return Budget(text, "co2", amount * _CO2[unit])
    if unit in _MONEY or re.fullmatch(r"[A-Z]{3}", unit):
        return Budget(text, "money", amount, _MONEY.get(unit, unit))
    return None
