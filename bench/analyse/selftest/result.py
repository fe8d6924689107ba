"""What a self-test found of a machine."""

from __future__ import annotations

from dataclasses import dataclass

from bench.analyse.selftest.ground_truth import Checked
from bench.host.fitness import Unfit
from bench.host.profile import HostProfile
from bench.results.record import Finding

__all__ = ["SelfTested"]


@dataclass(frozen=True)
class SelfTested:
    """The host with what was found of it, the cells of known step time, what makes it unfit; is it stored?

    `disturbed`: what was seen while a cell was measured against itself.
    """

    profile: HostProfile
    checked: tuple[Checked, ...]
    unfit: tuple[Unfit, ...]
    stored: bool
    disturbed: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """Was every known step time met?"""
        return all(one.passed for one in self.checked)
