"""What measured candidates say of all others: a Gaussian process over the options.

Options act nearly multiplicatively on a step's time, so the logarithm of a speed-up over the baseline is a sum of one
effect for each value that isn't the baseline's, smaller ones for each two of them that are on together, and a rest of
each candidate's own (an additive kernel: Duvenaud et al., NIPS 2011).
A group of processes that took turns shares an offset that says nothing: only differences within a group count. How
large effects are is chosen by the marginal likelihood of what was measured.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import linalg

from bench.analyse.tune.candidate import Candidate, varied

__all__ = ["Belief", "Sample", "Surrogate"]

_OFFSET = 1.0
"""Variance of what a group shares: the logarithms of its times are known up to that."""
_MAIN, _PAIR, _OWN = (0.1, 0.4), (0.01, 0.03, 0.1), (0.003, 0.01, 0.03)
"""Standard deviations, of the logarithm of a step's time, that effects may have."""
_LUCK = (0.5, 1.0, 2.0, 4.0)
"""What equal processes differ by, as a multiple of what the host's spread says."""
_FAR = 3.0
"""Standard deviations from what all others say of it."""
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


class _Pairs(NamedTuple):
    """Covariances by effects of two settings together, of variance 1: of those that were measured, and of new ones."""

    tried: np.ndarray
    new: np.ndarray


@dataclass(frozen=True)
class _Fit:
    """Covariances of all candidates before anything was measured, and the Cholesky factor of what was measured."""

    likelihood: float
    kernel: np.ndarray
    factor: np.ndarray


class Surrogate:
    """Learns of `space`, whose first candidate is the baseline; `luck` is the standard deviation of the logarithm of
    equal processes' step times.

    >>> Surrogate(space, 0.02).belief(samples).mean
    """

    def __init__(self, space: Sequence[Candidate], luck: float) -> None:
        self._places = {one.name: place for place, one in enumerate(space)}
        self._luck = luck
        values = [[one.settings.get(axis) for one in space] for axis in varied(space)]
        alike = [np.array([[a == b != row[0] for b in row] for a in row], dtype=float) for row in values]
        size = len(space)
        self._main = sum(alike, np.zeros((size, size)))
        self._pairs = [a * b for a, b in itertools.combinations(alike, 2)]
        self._every_pair = sum(self._pairs, np.zeros((size, size)))
        self._own = np.diag([float(place > 0) for place in range(size)])

    def belief(self, samples: Sequence[Sample]) -> Belief:
        """What these say of all candidates."""
        if not samples:
            kernel = self._kernel(_MAIN[0], _PAIR[-1], _OWN[-1], self._tried([]))
            return Belief(np.zeros(len(kernel)), kernel)
        rows = [self._places[one.candidate] for one in samples]
        pairs = self._tried(rows)
        logs = np.array([-one.log for one in samples])  # speed, not time
        logs -= logs.mean()
        groups = np.array([one.group for one in samples])
        offset = _OFFSET * (groups[:, None] == groups[None, :])
        noise = np.array([one.variance for one in samples])
        found = self._fit(rows, logs, offset, noise, pairs)
        # a process that lies far from what all others say of it was disturbed, or unlucky in its memory's places
        inverse = linalg.cho_solve((found.factor, True), np.eye(len(rows)))
        missed = (inverse @ logs) / np.diag(inverse)  # each left out (Rasmussen & Williams, 2006, section 5.4.2)
        far = np.abs(missed) * np.sqrt(np.diag(inverse)) > _FAR
        if far.any():
            found = self._fit(rows, logs, offset, noise + np.where(far, missed**2, 0.0), pairs)
        cross = linalg.solve_triangular(found.factor, found.kernel[rows], lower=True)
        white = linalg.solve_triangular(found.factor, logs, lower=True)
        return Belief(cross.T @ white, found.kernel - cross.T @ cross)

    def _tried(self, rows: Sequence[int]) -> _Pairs:
        """Pairs of settings that any of the candidates at `rows` has, and all others."""
        tried = sum((pair * pair[:, rows].any(axis=1) for pair in self._pairs), np.zeros_like(self._main))
        return _Pairs(tried, self._every_pair - tried)

    def _fit(self, rows: Sequence[int], logs: np.ndarray, offset: np.ndarray, noise: np.ndarray, pairs: _Pairs) -> _Fit:
        """The likeliest scales of effects, given what was measured at `rows`."""
        fits = []
        for main, pair, own, luck in itertools.product(_MAIN, _PAIR, _OWN, _LUCK):
            kernel = self._kernel(main, pair, own, pairs)
            seen = kernel[np.ix_(rows, rows)] + offset + np.diag(noise + (luck * self._luck) ** 2 + _LEAST)
            factor = linalg.cholesky(seen, lower=True)
            white = linalg.solve_triangular(factor, logs, lower=True)
            likelihood = -0.5 * float(white @ white) - float(np.log(np.diag(factor)).sum())
            # the luck has a prior, a factor of 2 wide: few samples don't call equal processes equal; and what few pairs
            # of options showed isn't all that there may be
            prior = -0.5 * math.log2(luck) ** 2 - 0.5 * math.log(_PAIR[-1] / pair)
            fits.append(_Fit(likelihood + prior, kernel, factor))
        return max(fits, key=lambda one: one.likelihood)

    def _kernel(self, main: float, pair: float, own: float, pairs: _Pairs) -> np.ndarray:
        """Covariances of the logarithms of speed-ups over the baseline, whose own is 0.

        Of two settings that were never measured together much may come, however little came of others.
        """
        of_pairs = pair**2 * pairs.tried + _PAIR[-1] ** 2 * pairs.new
        kernel: np.ndarray = main**2 * self._main + of_pairs + own**2 * self._own
        return kernel
