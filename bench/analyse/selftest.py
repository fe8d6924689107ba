"""What a self-test found of a machine."""

from __future__ import annotations

from dataclasses import dataclass

from bench.analyse.known import Checked
from bench.host.fitness import Unfit
from bench.host.profile import HostProfile

__all__ = ["SelfTested"]


@dataclass(frozen=True)
class SelfTested:
    """The host with what was found of it, each cell of known step time, what makes it unfit, and whether it is stored.

    `attempts`: how often the cells of known step time were measured; a second time where the first missed one.
    """

    profile: HostProfile
    checked: tuple[Checked, ...]
    attempts: int
    unfit: tuple[Unfit, ...]
    stored: bool

    @property
    def passed(self) -> bool:
        """Was every known step time met?"""
        return all(one.passed for one in self.checked)
