"""What a search for the best options came to."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal

from bench.analyse.stats.ratio import Ratio
from bench.analyse.training.change import Change
from bench.analyse.tune.candidate import Candidate
from bench.analyse.tune.search import Rung, Standing
from bench.results.record import DataInfo

__all__ = ["AccuracyCheck", "Confirmed", "Effect", "Tuned"]


@dataclass(frozen=True)
class Effect:
    """What one option adds: how many times as fast the best candidate is with `value` as with `otherwise`, the
    baseline's. None: that couldn't be measured, for this `why`."""

    option: str
    value: Hashable
    otherwise: Hashable
    ratio: Ratio | None
    why: str | None = None


@dataclass(frozen=True)
class AccuracyCheck:
    """A `candidate` trained for so many `steps` with each of several seeds, and the baseline beside it.

    `change` is of the held-out accuracy; None: it wasn't judged, for this `why`.
    """

    candidate: str
    change: Change | None
    steps: int = 0
    why: str | None = None

    @property
    def refused(self) -> bool:
        """Does the candidate surely learn worse than the baseline?"""
        return self.change is not None and self.change.verdict == "worse"


@dataclass(frozen=True)
class Confirmed:
    """What fresh processes said of the best candidate, which had no part in its choice.

    `ratio` is its speed-up over the baseline, `step_seconds` are medians over processes, by candidate; `rounds` are so
    many groups of processes that took turns.
    """

    ratio: Ratio
    effects: tuple[Effect, ...]
    step_seconds: Mapping[str, float]
    rounds: int


@dataclass(frozen=True)
class Tuned:
    """The `best` candidate, None where none is faster than the `baseline` and learns as well; what was `confirmed` of
    it (None: there was no time, or it was interrupted), and how it was found.

    `info` tells of the data. `standings` are all candidates, the fastest first, by what the search knew; `known_before`
    are those of which it began with what results of before say; `left_out` those of the product that make no sense
    here, with the reason, by name; `seconds` are by stage.
    """

    model: str
    host: str
    device: str
    data: str
    info: DataInfo | None
    suite: str
    baseline: Candidate
    best: Candidate | None
    confirmed: Confirmed | None
    accuracy: tuple[AccuracyCheck, ...]
    standings: tuple[Standing, ...]
    rungs: tuple[Rung, ...]
    known_before: tuple[str, ...]
    left_out: Mapping[str, str]
    folded: int
    budget: float
    seconds: Mapping[str, float]
    state: Literal["complete", "interrupted"] = "complete"

    @property
    def ratio(self) -> Ratio | None:
        """The confirmed speed-up; where there is none, that by which the best was chosen, which flatters it."""
        if self.confirmed is not None:
            return self.confirmed.ratio
        return next((one.ratio for one in self.standings if one.candidate == self.best), None)

    @property
    def dropped(self) -> Mapping[str, str]:
        """Why each candidate that isn't the best is not, by name."""
        refused = {one.candidate for one in self.accuracy if one.refused}
        return {
            one.candidate.name: "it surely learns worse" if one.candidate.name in refused else _why(one)
            for one in self.standings
            if one.candidate not in (self.best, self.baseline)
        } | dict(self.left_out)


def _why(one: Standing) -> str:
    if one.failed is not None:
        return one.failed
    basis = "measured" if one.processes else "predicted from its options"
    if one.to_best.high < 1:
        return f"slower than the best, {basis}"
    return f"not told apart from the best, {basis}; the best was chosen for its figure or its fewer changes"
