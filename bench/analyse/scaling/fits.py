"""Amdahl's and Gustafson's laws, fitted to speed-ups over one device.

Strong scaling shares one batch: S(N) = 1 / (s + (1 - s) / N), where s is the share of a single device's step that isn't
shared (Amdahl, AFIPS 30, 1967). Weak scaling gives each device a batch: S(N) = s + (1 - s) N, where s is that share of
the step of N devices (Gustafson, CACM 31, 1988). What devices tell each other grows with their number, so that either
law is a summary of what was measured, and a promise of nothing beyond.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import special

from bench.analyse.stats.ratio import Ratio
from bench.analyse.stats.samples import Interval

__all__ = ["Kind", "ScalingFit", "fit"]

Kind = Literal["strong", "weak"]

_QUANTILE = 1.96
_LEAST_ERROR = 1e-4
"""Of a speed-up's logarithm."""
_FEWEST_SCATTERED = 3


@dataclass(frozen=True)
class ScalingFit:
    """`serial` is the share (0..1) of a step that more devices don't make shorter, with its 95 % interval; below 0
    where devices gain more than their number."""

    kind: Kind
    serial: Interval

    @property
    def law(self) -> str:
        """Whose it is."""
        return "Amdahl" if self.kind == "strong" else "Gustafson"

    def speedup(self, devices: float) -> float:
        """Over one device, by the law."""
        serial = self.serial.value
        if self.kind == "strong":
            return 1 / (serial + (1 - serial) / devices)
        return serial + (1 - serial) * devices

    def pays_below(self, least: float) -> Interval | None:
        """From how many devices on twice as many gain less than the share `least` (0..1) under Amdahl's law; None where
        they always gain more, by Gustafson's law or for want of a serial share.

        From S(2N) / S(N) = 1 + least: N = (1 - s)(1 - least) / (2 least s).
        """
        if self.kind != "strong" or self.serial.value <= 0:
            return None

        def end(serial: float) -> float:
            return math.inf if serial <= 0 else (1 - min(serial, 1)) * (1 - least) / (2 * least * serial)

        return Interval(end(self.serial.value), end(self.serial.high), end(self.serial.low))


def fit(kind: Kind, points: Sequence[tuple[int, Ratio]]) -> ScalingFit | None:
    """The law fitted to speed-ups by their number of devices; None where there is none of several devices.

    Either law is a line through the origin: 1/S - 1/N = s (1 - 1/N), and N - S = s (N - 1). Least squares, weighted by
    the intervals of the speed-ups. These share the error of the one device that all are over, so their errors are taken
    to be fully correlated; from three points on the interval is at least as wide as their scatter about the line says.
    """
    several = [(devices, ratio) for devices, ratio in points if devices > 1]
    if not several:
        return None
    line = _amdahl if kind == "strong" else _gustafson
    found = [line(devices, ratio.value, _error(ratio)) for devices, ratio in several]
    total = sum(x * x / error**2 for x, _, error in found)
    serial = sum(x * y / error**2 for x, y, error in found) / total
    half = _QUANTILE * sum(x / error for x, _, error in found) / total
    if len(found) >= _FEWEST_SCATTERED:
        freedom = len(found) - 1
        scatter = sum(((y - serial * x) / error) ** 2 for x, y, error in found) / freedom
        half = max(half, float(special.stdtrit(freedom, 0.975)) * math.sqrt(scatter / total))
    return ScalingFit(kind, Interval(serial, serial - half, serial + half))


def _error(ratio: Ratio) -> float:
    return max(_LEAST_ERROR, math.log(ratio.high / ratio.low) / 2 / _QUANTILE)


Line = Callable[[int, float, float], tuple[float, float, float]]


def _amdahl(devices: int, speedup: float, error: float) -> tuple[float, float, float]:
    return 1 - 1 / devices, 1 / speedup - 1 / devices, error / speedup


def _gustafson(devices: int, speedup: float, error: float) -> tuple[float, float, float]:
    return devices - 1, devices - speedup, error * speedup
