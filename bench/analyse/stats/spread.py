"""What equal cells differ by from one process to the next: the part of noise that more windows don't lessen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scipy import special

from bench.host.profile import HostProfile

__all__ = ["UNMEASURED", "Spread", "quantile", "spread_of", "spreads"]


@dataclass(frozen=True)
class Spread:
    """The standard deviation of a process's step time, as a `share` of it, estimated with `freedom` degrees of freedom.

    `measured`: on the host in question (by `bench selftest`), or taken from another. `in_turns` is the same of
    processes that took turns, which have no drift between them; None where that isn't known apart.
    """

    share: float
    freedom: float = math.inf
    measured: bool = False
    in_turns: float | None = None

    def half_width(self, before: float = 1, after: float = 1) -> float:
        """Half of the 95 % interval of the logarithm of a ratio of two means over that many processes each.

        `math.inf` stands for a side that has no such spread, or one of its own.
        """
        return quantile(self.freedom) * self.share * math.sqrt(1 / before + 1 / after)


def quantile(freedom: float) -> float:
    """How many standard errors half of a 95 % interval is, with so many degrees of freedom (`math.inf`: normal)."""
    return 1.96 if math.isinf(freedom) else float(special.stdtrit(freedom, 0.975))


UNMEASURED = Spread(0.02)
"""For hosts that no self-test has looked at.

On a 2-core virtual machine it was 2.2 % over ten processes of the simple CNN's notebook cell and 1.1 % over nine of
VGG16's. Without this allowance two of nine equal cells were called faster there.
"""


def spread_of(profile: HostProfile | None) -> Spread:
    """Between processes of this host that are measured one after another, as the cells of a suite are."""
    if profile is None or profile.noise is None:
        return UNMEASURED
    return Spread(profile.noise.apart, profile.noise.rounds - 1, measured=True, in_turns=profile.noise.in_turns)


def spreads(profiles: Iterable[HostProfile]) -> Mapping[str, Spread]:
    """The spread of each host, by its id."""
    return {profile.id: spread_of(profile) for profile in profiles}
