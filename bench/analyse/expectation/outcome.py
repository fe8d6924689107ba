"""Where a measured time fell in its band, and the question that a time outside of it raises."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bench.analyse.expectation.band import Expectation, expected, residual
from bench.analyse.expectation.handout import matches
from bench.analyse.expectation.scaling_laws import is_arithmetic
from bench.analyse.findings.registry import judge
from bench.analyse.plausibility import beyond_datasheet
from bench.analyse.stats.spread import Spread, spread_of
from bench.host.names import brandless, card
from bench.host.peaks import counted_type
from bench.host.profile import HostProfile, Published
from bench.instruments.stats import estimate_of
from bench.results.record import Record, Windows
from bench.system.nvml import Reading

__all__ = ["Health", "Outcome", "outcome", "outcomes", "verdict"]

Health = Literal["healthy", "healthy or slower", "healthy or faster", "slower", "faster", "unclear", "implausible"]
"""Healthy is a time inside the band; healthy or slower one above it that, for all that is known, may lie inside;
implausible one that can't have been measured on this host: below the band of every ground, above the datasheet's rate,
or window by window that of another host."""

_IDLE_GPU: Final = 0.5
_ASKED: Final = {
    "foreign-gpu-process": "was the GPU its own?",
    "throttled": "was it too hot, or short of power?",
    "busy-machine": "was the machine its own?",
    "input-bound": "does it wait for its input?",
    "retraced": "is its step traced anew each time?",
    "two-speeds": "what disturbed it?",
    "drifting": "what disturbed it?",
    "noisy": "what disturbed it?",
}
"""What a finding makes one ask of a slow cell, the likeliest cause first."""


@dataclass(frozen=True)
class Outcome:
    """A record of the handout's cell beside its `expectation`, which is absent with a reason.

    `margin` is by how many seconds a repetition may differ. `verdict` is None where nothing could be expected,
    `question` where there is nothing to ask. `of` is the card that the expectation is for, where that isn't what the
    record was measured on.
    """

    record: Record
    step_seconds: float
    margin: float
    expectation: Reading[Expectation]
    verdict: Health | None = None
    question: str | None = None
    of: str | None = None

    @property
    def network(self) -> str:
        return network_of(self.record)

    @property
    def is_borderline(self) -> bool:
        """Does the time lie outside of the band, and inside for all that is known of it?"""
        return self.verdict in ("healthy or slower", "healthy or faster")

    @property
    def residual(self) -> Reading[float]:
        return residual(self.expectation, self.step_seconds)


def outcomes(
    records: Iterable[Record], profiles: Sequence[HostProfile], *, of_unused: bool = False
) -> tuple[Outcome, ...]:
    """The outcome of each of the records that measured the handout's cell, as the references of `profiles` have it."""
    times = {
        (time.model, time.batch_size, time.trainable_params)
        for profile in profiles
        if profile.published
        for time in profile.published.times
        if time.variant == "notebook"
    }
    found = [one for one in records if any(matches(one, *key) for key in times)]
    hosts = _hosts_of(found)
    told = (outcome(record, profiles, of_unused=of_unused, hosts=hosts[record.timed]) for record in found)
    return tuple(one for one in told if one)


def outcome(
    record: Record, profiles: Sequence[HostProfile], *, of_unused: bool = False, hosts: Collection[str] = ()
) -> Outcome | None:
    """How the handout's cell fell out; None of a record without a time.

    The margin is what a comparison with a published time has: the windows' 95 % interval, and what processes of this
    host differ by. With `of_unused` the time of a run whose GPU TensorFlow left unused is held against what that card
    should give: that is for whoever just ran it, and no judgement of the host that the record is filed under. `hosts`
    are those that have a record of the very same windows.
    """
    found = estimate_of(record.timed)
    if found is None:
        return None
    profile = next((one for one in profiles if one.id == record.host), None)
    spread = spread_of(profile)
    margin = math.hypot(found.margin, spread.half_width(after=math.inf))
    time = (found.step_seconds, found.step_seconds * math.expm1(margin))
    unused = brandless(record.device.gpu_unused or "") if of_unused else ""
    host = _card(unused, profiles) if unused else profile
    if host is None:
        absent: Reading[Expectation] = Reading(None, f"there is no hosts/{record.host}.yaml; bench calibrate makes it")
        return Outcome(record, *time, absent)
    expectation = expected(host, profiles, network_of(record), record.batch_size)
    if expectation.value is None:
        return Outcome(record, *time, expectation, None, _unused(unused) if unused else None, unused or None)
    doubt = _doubt(record, hosts)
    answer = "implausible" if doubt else verdict(expectation.value, found.step_seconds, margin)
    match answer:
        case "healthy" | "healthy or slower" | "healthy or faster":
            question = None
        case "slower":
            question = _unused(unused) if unused else _slower(record, host, spread)
        case "implausible":
            question = doubt or "was it measured on this host? It lies below the band of every ground"
        case "faster":
            question = _faster(record, host, profiles)
        case "unclear":
            question = _unclear(expectation.value)
    return Outcome(record, *time, expectation, answer, question, unused or None)


def network_of(record: Record) -> str:
    """The network by the name that references have for it, whatever a suite calls its model."""
    return record.workload.model.network


def verdict(expectation: Expectation, step_seconds: float, margin: float) -> Health:
    """Healthy inside the band; healthy or slower, or faster, where only `margin` (in logarithms) reaches it; unclear
    instead of these where the band holds grounds that contradict each other; implausible below the band of each of
    several grounds."""
    factor = math.exp(margin)
    if step_seconds / factor > expectation.high:
        return "slower"
    if step_seconds * factor < expectation.low:
        lows = [one.low for one in expectation.evidence if one.low is not None]
        return "implausible" if len(lows) > 1 and step_seconds * factor < min(lows) else "faster"
    if not expectation.agree:
        return "unclear"
    if step_seconds > expectation.high:
        return "healthy or slower"
    return "healthy or faster" if step_seconds < expectation.low else "healthy"


def _hosts_of(records: Iterable[Record]) -> dict[tuple[Windows, ...], set[str]]:
    """By a record's windows, the hosts that have a record of these."""
    hosts: dict[tuple[Windows, ...], set[str]] = defaultdict(set)
    for record in records:
        hosts[record.timed].add(record.host)
    return hosts


def _doubt(record: Record, hosts: Collection[str]) -> str | None:
    """What makes the record itself implausible."""
    others = sorted(set(hosts) - {record.host})
    if others:
        return f"was it measured on this host? Its windows are, one by one, those of {', '.join(others)}"
    beyond = beyond_datasheet(record)
    return f"was it measured on this host? {beyond[0].upper()}{beyond[1:]}" if beyond else None


def _card(name: str, profiles: Iterable[HostProfile]) -> HostProfile:
    """What is known of a card of this name: a host that has it, a measured one first, else its datasheet alone."""
    having = [one for one in profiles if card(one.device) == card(name) and not (one.hardware and one.hardware.mig)]
    having.sort(key=lambda one: "full" not in one.ai_benchmark)
    return having[0] if having else HostProfile(id="card", label=name, published=Published(source="–", gpu_name=name))


def _slower(record: Record, host: HostProfile, spread: Spread) -> str:
    """The likeliest question, of what the record tells; where it tells nothing, how to find out."""
    device, values = record.device, record.values
    if device.kind == "cpu" and host.hardware and host.hardware.kind == "gpu":
        return f"is the run on the CPU? It should be on the {host.device}: bench doctor says why it isn't"
    found = {finding.code: finding.message for finding in reversed(judge(record, spread))}
    code = next((code for code in _ASKED if code in found), None)
    if code is not None:
        return f"{_ASKED[code]} {found[code][0].upper()}{found[code][1:]}"
    busy = values.get("gpu_utilization")
    if busy is not None and busy < _IDLE_GPU:
        share = f"{busy * 100:.0f} %"
        return f"what does it wait for? The GPU computed for {share} of the time: bench run --attribute says more"
    return "what is its bottleneck? Its record doesn't say: bench doctor looks at the machine, --attribute at the step"


def _unused(card_name: str) -> str:
    return f"is the run on the CPU? TensorFlow did not use the {card_name}: bench doctor says why"


def _faster(record: Record, host: HostProfile, profiles: Sequence[HostProfile]) -> str:
    tf32 = counted_type(record.device, record.options, record.environment) == "tf32"
    if tf32 and is_arithmetic(profiles, network_of(record), record.batch_size):
        return "does TF32 give that? No reference had it: the variant no-tf32 shows"
    if host.roofs or host.peaks:
        return "was the machine busy when its roofs were measured? bench calibrate measures them again"
    return "is its software newer than the references'?"


def _unclear(expectation: Expectation) -> str:
    names = " and its ".join(one.name for one in expectation.contradicting)
    return f"is this machine well? Its {names} contradict each other: bench doctor looks at it"
