"""What the machine's own roofs allow a step: none is shorter than each, none that is well much longer than all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scipy import special

from bench.analyse.expectation.evidence import Evidence
from bench.analyse.expectation.handout_work import WORK
from bench.analyse.expectation.scaling_laws import published_times
from bench.analyse.stats.proportional import LEVEL
from bench.analyse.stats.spread import spread_of
from bench.host.measured import DataType, Peak, Roof
from bench.host.peaks import counted_type, datasheet_for, peak_of
from bench.host.profile import HostProfile
from bench.host.roofs import VGG16_ROOFS
from bench.results.metric import significant
from bench.system.nvml import Reading

__all__ = ["by_roofs"]

_SECONDS_FROM: Final = 10.0
_TOO_LONG: Final = 1e6
_UNITS: Final = ((1e12, "TFLOP/s"), (1e9, "GFLOP/s"), (1e6, "MFLOP/s"), (1.0, "FLOP/s"))
_TIGHT: Final = 1.4
_LOOSE: Final = 2.0


@dataclass(frozen=True)
class _Part:
    """What one roof makes of a step: seconds between `low` and `high`, as its interval has it; `words` say which.

    `measured`: on this machine; `own`: at the network's very shapes.
    """

    low: float
    high: float
    words: str
    measured: bool = True
    own: bool = False


def by_roofs(profile: HostProfile, references: Sequence[HostProfile], model: str, batch_size: int) -> Reading[Evidence]:
    """Low: the longest of arithmetic, memory traffic and an empty step. High: all of them in turn, times a slack.

    Each at the end of its roof's interval that makes it shorter for the one, longer for the other.

    The arithmetic is that of `bench.analyse.expectation.handout_work`, at the rate measured at VGG16's own convolutions
    for VGG16, else at the peak that was measured, else at the datasheet's, which gives a lower end only. A GPU's rates
    count the products of a plain convolution, so that cuDNN's shorter ways (Winograd) are in what was measured, and a
    datasheet's floor could in principle be undercut by them; none of the references does.

    The slack is for what no roof counts: layers that run below the rates of large ones, passes over memory beyond the
    least. It is 1.4 where VGG16's convolutions and the memory's rate were measured, and 2 where the rate is that of
    other shapes. These are assumptions; on the 2-core machine of `hosts/cpu-amd-epyc-2c.yaml` VGG16 took 1.0 to 1.1
    times its parts together, and the simple CNN 1.5 times. On a GPU the host's share comes on top: Python, launches and
    the input. No more than the slowest reference's shortest time, a simple CNN's that hardly keeps its card busy.

    Both ends give way by what equal processes differ by here, at the same level as the laws' interval.
    """
    work, hardware = WORK.get(model), profile.hardware
    if work is None:
        return Reading(None, f"the work of {model} is not counted here")
    if hardware is None:
        return Reading(None, f"nothing was measured of {profile.id}")
    arithmetic = _arithmetic(profile, model, work.step_flops(batch_size))
    memory = _memory(profile, work.step_bytes(batch_size))
    parts = [part for part in (arithmetic, memory, _empty(profile)) if part]
    if not parts:
        return Reading(None, f"no roof of {profile.id} was measured; bench calibrate --roofs does")
    give = math.exp(float(special.ndtri((1 + LEVEL) / 2)) * spread_of(profile).share)
    high = None
    host = 0.0 if hardware.kind == "cpu" else _host_share(references, batch_size)
    if arithmetic and arithmetic.measured and host is not None:
        tight = arithmetic.own and memory is not None and memory.measured
        high = give * ((_TIGHT if tight else _LOOSE) * sum(part.high for part in parts) + host)
    low = max(part.low for part in parts) / give
    middle = math.sqrt(low * high) if high is not None else None
    return Reading(Evidence("roofs", low, middle, high, "; ".join(part.words for part in parts)))


def _arithmetic(profile: HostProfile, model: str, flops: float) -> _Part | None:
    hardware = profile.hardware
    assert hardware is not None
    kind = counted_type(hardware)
    convolutions, measured = profile.roofs.get(VGG16_ROOFS[kind]), profile.peaks.get(kind)
    peak = peak_of(profile, kind).value
    if convolutions is not None and (model == "vgg16" or peak is None):
        what = f"VGG16's convolutions at {_flops(convolutions.value, kind)}, measured {convolutions.date}"
        return _part(flops, convolutions.value, what, convolutions, own=model == "vgg16")
    if peak is None:
        return None
    rate = peak.flops_per_second
    return _part(flops, rate, f"products at {_flops(rate, kind)}, {peak.origin}", measured)


def _memory(profile: HostProfile, size: float) -> _Part | None:
    roof, sheet = profile.roofs.get("device_bandwidth"), datasheet_for(profile)
    if roof is not None:
        rate, origin = roof.value, f"measured {roof.date}"
    elif sheet is not None:
        rate, origin = sheet.memory_gb_per_second * 1e9, f"datasheet: {sheet.source}"
    else:
        return None
    return _part(size, rate, f"memory traffic at {significant(rate / 1e9)} GB/s, {origin}", roof)


def _part(work: float, rate: float, what: str, measured: Peak | Roof | None, own: bool = False) -> _Part:
    low, high = (measured.low, measured.high) if measured else (rate, rate)
    return _Part(work / high, work / low, f"{_ms(work / rate)} of {what}", measured is not None, own)


def _empty(profile: HostProfile) -> _Part | None:
    """An empty step, whichever instrument found it longer: `fit` around nothing, or a launch and its answer."""
    launch, test = profile.roofs.get("launch_latency"), profile.self_test
    known = []
    if test is not None:
        empty = test.empty_step_seconds
        known.append((empty, empty, empty, f"fit around nothing, self-test of {test.date}"))
    if launch is not None:
        known.append((launch.value, launch.low, launch.high, f"a launch, measured {launch.date}"))
    if not known:
        return None
    seconds, low, high, what = max(known)
    return _Part(low, high, f"{_ms(seconds)} of {what}")


def _host_share(references: Sequence[HostProfile], batch_size: int) -> float | None:
    """The longest of the references' shortest steps; None without references."""
    shortest: dict[str, float] = {}
    for host, time in published_times(references, batch_size):
        shortest[host.id] = min(time.step_ms / 1e3, shortest.get(host.id, math.inf))
    return max(shortest.values(), default=None)


def _flops(rate: float, kind: DataType) -> str:
    scale, unit = next((one for one in _UNITS if rate >= one[0]), _UNITS[-1])
    shown = f"{significant(rate / scale)} {unit}"
    return f"{shown} in {'TF32' if kind == 'tf32' else kind}"


def _ms(seconds: float) -> str:
    if seconds < _SECONDS_FROM:
        return f"{significant(seconds * 1e3)} ms"
    return f"{significant(seconds)} s" if seconds < _TOO_LONG else f"{seconds:.2g} s"
