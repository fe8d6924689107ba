"""What is known of this very machine, and what isn't yet?"""

from __future__ import annotations

from collections.abc import Iterator

from bench.host.doctor.check import Check
from bench.host.profile import HostProfile
from bench.host.registry import Recognised

__all__ = ["host_checks"]


def host_checks(here: Recognised) -> tuple[Check, ...]:
    """Which host it is, and which of its figures are missing: others say less without them."""
    profile = here.profile
    return (_identity(here), _ai_score(profile), _roofs(profile), *_noise(profile))


def _identity(here: Recognised) -> Check:
    profile = here.profile
    name = f"{profile.id} ({profile.label})"
    if here.replaced and here.is_new:
        mend = f"bench run SUITE --host NAME  # if {profile.id} isn't what it should be called"
        return Check("host: id", "limited", here.replaced, mend)
    if here.is_new:
        name += ", new: nothing was measured on it yet"
    return Check("host: id", "fine", name)


def _ai_score(profile: HostProfile) -> Check:
    what, measured = "host: AI-Score", profile.ai_benchmark.get("full")
    if measured is not None and measured.ai_score is not None:
        return Check(what, "fine", f"{measured.ai_score:,}, measured {measured.date}")
    if measured is not None:
        return Check(
            what, "limited", f"none: {measured.absent or 'a test failed'} ({measured.date})", "bench calibrate"
        )
    published = f", but {profile.ai_score:,} published" if profile.ai_score else ""
    narrows = "" if _is_cpu(profile) else ", and narrow down what times to expect here"
    found = f"not measured{published}: it would compare this machine with others{narrows}"
    return Check(what, "limited", found, "bench calibrate")


def _roofs(profile: HostProfile) -> Check:
    what, command = "host: roofs", "bench calibrate --roofs"
    if not profile.peaks:
        found = "not measured: what share of the machine a step uses isn't known"
        if _is_cpu(profile):
            found += ", and there is no saying what times to expect here"
        return Check(what, "limited", found, command)
    types = ", ".join(profile.peaks)
    if not profile.roofs:
        return Check(what, "limited", f"only rates of products measured ({types})", command)
    newest = max([peak.date for peak in profile.peaks.values()] + [roof.date for roof in profile.roofs.values()])
    return Check(what, "fine", f"products in {types}, and {len(profile.roofs)} more, measured {newest}")


def _noise(profile: HostProfile) -> Iterator[Check]:
    what, noise = "host: noise", profile.noise
    if noise is None:
        found = "not measured: how small a difference can be told here isn't known"
        yield Check(what, "limited", found, "bench selftest")
    else:
        shares = f"{noise.apart:.1%} one after another, {noise.in_turns:.1%} interleaved"
        found = f"equal cells differ by {shares} ({noise.date})"
        yield Check(what, "fine", found)


def _is_cpu(profile: HostProfile) -> bool:
    """Does it compute on the CPU, where what to expect rests on roofs alone?"""
    return profile.hardware is not None and profile.hardware.kind == "cpu"
