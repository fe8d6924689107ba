"""How long a suite will take on a host and what that costs, from what each of its cells will take."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from bench.analyse.efficiency import SECONDS_AN_HOUR
from bench.analyse.planning.affordable import seconds_of
from bench.analyse.planning.amount import Amount, total
from bench.analyse.planning.budget import Budget
from bench.analyse.planning.needs import cost_absent
from bench.host.profile import HostProfile
from bench.system.nvml import Reading

__all__ = ["CellTime", "SuitePlan"]


@dataclass(frozen=True)
class CellTime:
    """What a cell will take on a host; `basis` says how that is known. `skip`: why it can't run there, in no time."""

    cell: str
    seconds: Amount
    basis: str
    is_known: bool = False
    skip: str | None = None


@dataclass(frozen=True)
class SuitePlan:
    """The cells on one host, in the suite's order. Time is of one pass, as `bench run` makes by default."""

    profile: HostProfile
    cells: tuple[CellTime, ...]

    @property
    def known(self) -> Amount:
        """Seconds of the cells that were measured there before, as they stand now."""
        return total(one.seconds for one in self.cells if one.is_known)

    @property
    def guessed(self) -> tuple[CellTime, ...]:
        """The cells that were never measured there."""
        return tuple(one for one in self.cells if one.skip is None and not one.is_known)

    @property
    def seconds(self) -> Amount:
        """All of it; with an interval only where each cell has one."""
        return total(one.seconds for one in self.cells if one.skip is None)

    @property
    def money(self) -> Reading[Amount]:
        """In the profile's currency."""
        price = self.profile.price
        if price is None:
            return Reading(None, cost_absent(self.profile, "price"))
        return Reading(self.seconds.times(price.per_hour / SECONDS_AN_HOUR))

    @property
    def quota_hours(self) -> Reading[Amount]:
        """Of the hosted notebook's hours."""
        if self.profile.quota is None:
            return Reading(None, cost_absent(self.profile, "quota"))
        return Reading(self.seconds.times(1 / SECONDS_AN_HOUR))

    def within(self, budget: Budget) -> Reading[tuple[str, ...]]:
        """The cells, from the first on, that `budget` pays for; each at its interval's upper end, where it has one."""

        def paid(seconds: float) -> tuple[str, ...]:
            each = [one.seconds.value if one.seconds.high is None else one.seconds.high for one in self.cells]
            spent = itertools.accumulate(each)
            return tuple(one.cell for one, by_then in zip(self.cells, spent, strict=True) if by_then <= seconds)

        return seconds_of(budget, self.profile).then(paid)
