"""Two profiles of one machine made one."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from bench.errors import Fault, InputError
from bench.host.costs import COSTS
from bench.host.measured import AiBenchmark, Noise, Peak, Roof, SelfTest
from bench.host.profile import HostProfile

__all__ = ["MergedProfile", "former_ids", "measured_part", "merge_profiles", "published_part"]

Dated = TypeVar("Dated", Noise, SelfTest, Peak, Roof, AiBenchmark)
Key = TypeVar("Key", bound=str)

_PUBLISHED = ("schema_version", "id", "label", "formerly", "published", "quota", "costs_absent")


class MergedProfile(NamedTuple):
    """The one profile, and which figures it `took` from the other and which of the other's it didn't (`left`)."""

    profile: HostProfile
    took: tuple[str, ...]
    left: tuple[str, ...]


def merge_profiles(into: HostProfile, other: HostProfile, *, alike: bool = True) -> MergedProfile:
    """`into` with what `other` knows better. The id and the label are `into`'s.

    Of a figure that both have, the newer one counts, as after measuring it again, and on one day `into`'s; a run of AI
    Benchmark without failures before one with some. Hardware, price, grid and quota are `into`'s, and `other`'s
    where it has none. Where the two machines aren't `alike`, all figures are `into`'s own.

    Raises InputError where both have published times of their own: which to keep is nobody's to guess.
    """
    if into.published and other.published and into.published != other.published:
        what = f"both {into.id} and {other.id} carry published times"
        raise InputError(Fault(what, f"take those out of hosts/{other.id}.yaml that shall not stay"))
    formerly = former_ids(into.id, into.formerly, other.formerly, (other.id,))
    fields: dict[str, object] = {"published": into.published or other.published, "formerly": formerly}
    if alike:
        roofs = _newest(into.roofs, other.roofs)
        absent = {**other.roofs_absent, **into.roofs_absent}
        costs: dict[str, object] = {name: getattr(into, name) or getattr(other, name) for name in COSTS}
        reasons = {**other.costs_absent, **into.costs_absent}
        fields |= {
            "hardware": into.hardware or other.hardware,
            **costs,
            "costs_absent": {name: why for name, why in reasons.items() if costs[name] is None},
            "noise": _newer(into.noise, other.noise),
            "self_test": _newer(into.self_test, other.self_test),
            "ai_benchmark": _newest(into.ai_benchmark, other.ai_benchmark),
            "peaks": _newest(into.peaks, other.peaks),
            "roofs": roofs,
            "roofs_absent": {name: why for name, why in absent.items() if name not in roofs},
        }
    found = into.model_copy(update=fields)
    theirs, ours, now = _figures(other), _figures(into), _figures(found)
    took = tuple(name for name, value in theirs.items() if now.get(name) == value and ours.get(name) != value)
    return MergedProfile(found, took, tuple(name for name, value in theirs.items() if now.get(name) != value))


def former_ids(now: str, *before: Sequence[str]) -> tuple[str, ...]:
    """Every id that a host had before, but for the one that it has now."""
    return tuple(name for name in dict.fromkeys(itertools.chain(*before)) if name != now)


def measured_part(profile: HostProfile) -> HostProfile:
    """The profile without what is published for such a machine."""
    return profile.model_copy(update={"published": None})


def published_part(profile: HostProfile) -> HostProfile:
    """The profile without what was found and measured of one such machine."""
    others = {name: one for name, one in HostProfile.model_fields.items() if name not in _PUBLISHED}
    return profile.model_copy(update={name: one.get_default(call_default_factory=True) for name, one in others.items()})


def _newest(ours: Mapping[Key, Dated], theirs: Mapping[Key, Dated]) -> dict[Key, Dated]:
    names = dict.fromkeys((*ours, *theirs))
    found = {name: _newer(ours.get(name), theirs.get(name)) for name in names}
    return {name: one for name, one in found.items() if one is not None}


def _newer(ours: Dated | None, theirs: Dated | None) -> Dated | None:
    if ours is None or theirs is None:
        return theirs if ours is None else ours
    return theirs if _rank(theirs) > _rank(ours) else ours


def _rank(one: Dated) -> tuple[bool, str]:
    return not (isinstance(one, AiBenchmark) and one.failed), one.date


def _figures(profile: HostProfile) -> dict[str, object]:
    """What a profile knows, each under its name."""
    found: dict[str, object] = {
        name: getattr(profile, name) for name in ("hardware", *COSTS, "noise", "self_test", "published")
    }
    found |= {f"{name} peak": one for name, one in profile.peaks.items()}
    found |= {name.replace("_", " "): one for name, one in profile.roofs.items()}
    found |= {f"AI Benchmark ({name})": one for name, one in profile.ai_benchmark.items()}
    return {name.replace("_", "-"): one for name, one in found.items() if one is not None}
