"""What a host costs beside time, as text."""

from __future__ import annotations

from collections.abc import Iterator

from bench.host.costs import COSTS, Grid, Price, Quota
from bench.host.profile import HostProfile

__all__ = ["costs_lines"]


def costs_lines(profile: HostProfile) -> Iterator[str]:
    """A line for each cost that is known, with its source, or that is told to be absent."""
    for name in COSTS:
        found: Price | Grid | Quota | None = getattr(profile, name)
        if found is not None:
            origin = ", ".join(filter(None, (found.source, found.date)))
            yield f"{name}: {_amount(found)}" + (f" ({origin})" if origin else "")
        elif name in profile.costs_absent:
            yield f"{name}: none, since {profile.costs_absent[name]}"


def _amount(found: Price | Grid | Quota) -> str:
    match found:
        case Price():
            return f"{found.per_hour:g} {found.currency} an hour"
        case Grid():
            return f"{found.kg_co2_per_kwh:g} kg CO₂/kWh"
    return f"{found.hours:g} hours a {found.per}"
