"""What measured candidates say of all others: a Gaussian process over the options.

Options act nearly multiplicatively on a step's time, so its logarithm is a sum of one effect for each option, smaller
ones for pairs of options, and a rest of each candidate's own (the functional ANOVA kernel: Duvenaud et al., NIPS 2011).
A group of processes that took turns shares an offset that says nothing: only differences within a group count. How
large effects are is chosen by the marginal likelihood of what was measured.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from bench.analyse.tune.candidate import Candidate, varied

__all__ = ["Belief", "Sample", "Surrogate"]

_OFFSET = 1.0
"""Variance of what a group shares: the logarithms of its times are known up to that."""
_MAIN, _PAIR, _OWN = (0.1, 0.4), (0.01, 0.03, 0.1), (0.005, 0.02)
"""Standard deviations, of the logarithm of a step's time, that effects may have."""
_LUCK = (0.5, 1.0, 2.0)
"""What equal processes differ by, as a multiple of what the host's spread says."""
_LEAST = 1e-6


@dataclass(frozen=True)
class Sample:
    """One process: the logarithm of the seconds that it takes for an example, up to what its `group` has in common,
    and the `variance` of that which its windows leave."""

    candidate: str
    group: int
    log: float
    variance: float


@dataclass(frozen=True)
class Belief:
    """Of each candidate, in the space's order: the logarithm of its speed-up over the baseline, and the covariances of
    these, which are logarithms too."""

    mean: np.ndarray
    covariance: np.ndarray

    def over(self, place: int) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the logarithm of each one's speed-up over the candidate at `place`."""
        own = np.diag(self.covariance)
        spread = own + own[place] - 2 * self.covariance[:, place]
        return self.mean - self.mean[place], np.sqrt(np.maximum(spread, 0.0))


class Surrogate:
    """Learns of `space`, whose first candidate is the baseline; `luck` is the standard deviation of the logarithm of
    equal processes' step times.

    >>> Surrogate(space, 0.02).belief(samples).mean
    """

    def __init__(self, space: Sequence[Candidate], luck: float) -> None:
        self._places = {one.name: place for place, one in enumerate(space)}
        self._luck = luck
        values = [[one.settings.get(axis) for one in space] for axis in varied(space)]
        alike = [np.array([[a == b for b in row] for a in row], dtype=float) for row in values]
        size = len(space)
        self._main = sum(alike, np.zeros((size, size)))
        self._pair = sum((a * b for a, b in itertools.combinations(alike, 2)), np.zeros((size, size)))
        self._own = np.eye(size)

    def belief(self, samples: Sequence[Sample]) -> Belief:
        """What these say of all candidates."""
        rows = [self._places[one.candidate] for one in samples]
        logs = np.array([-one.log for one in samples])  # speed, not time
        groups = np.array([one.group for one in samples])
        offset = _OFFSET * (groups[:, None] == groups[None, :])
        noise = np.array([one.variance for one in samples])
        best: tuple[float, np.ndarray, np.ndarray] | None = None
        scales = itertools.product(_MAIN, _PAIR, _OWN, _LUCK)
        for main, pair, own, luck in scales if samples else ():
            kernel = main**2 * self._main + pair**2 * self._pair + own**2 * self._own
            own_noise = noise + (luck * self._luck) ** 2 + _LEAST
            seen = kernel[np.ix_(rows, rows)] + offset + np.diag(own_noise)
            factor = linalg.cholesky(seen, lower=True)
            white = linalg.solve_triangular(factor, logs - logs.mean(), lower=True)
            # a lognormal prior of a factor of 2 keeps few samples from calling equal processes equal
            likelihood = -0.5 * float(white @ white) - float(np.log(np.diag(factor)).sum())
            likelihood -= 0.5 * (math.log(luck) / math.log(2)) ** 2
            if best is None or likelihood > best[0]:
                best = likelihood, kernel, factor
        if best is None:
            kernel = _MAIN[0] ** 2 * self._main + _PAIR[1] ** 2 * self._pair + _OWN[1] ** 2 * self._own
            return self._relative(np.zeros(len(kernel)), kernel)
        _, kernel, factor = best
        cross = linalg.solve_triangular(factor, kernel[rows], lower=True)
        white = linalg.solve_triangular(factor, logs - logs.mean(), lower=True)
        return self._relative(cross.T @ white, kernel - cross.T @ cross)

    @staticmethod
    def _relative(mean: np.ndarray, covariance: np.ndarray) -> Belief:
        """Over the baseline, which is the first."""
        row = covariance[:1, :]
        return Belief(mean - mean[0], covariance - row - row.T + covariance[0, 0])
