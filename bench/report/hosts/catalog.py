"""The machines that results know, and what can be measured of this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Fault, InputError
from bench.host.candidates import Candidate, candidates
from bench.host.profile import HostProfile
from bench.host.registry import Recognised, known, recognise_all
from bench.results.index.newest import read_newest
from bench.results.record import Record

__all__ = ["KnownHosts", "known_hosts"]


@dataclass(frozen=True)
class KnownHosts:
    """Every host by id, with what can be measured here even before it was; the newest records; and what can be measured
    here, each with its host (None: it can't be used). `unread` are hosts whose profiles can't be read, with what is
    wrong in them; `notices` are for the user."""

    profiles: tuple[HostProfile, ...]
    records: tuple[Record, ...]
    candidates: tuple[tuple[Candidate, Recognised | None], ...]
    notices: tuple[str, ...]
    unread: Mapping[str, tuple[Fault, ...]]

    @property
    def here(self) -> str:
        """The id of what is measured as things are."""
        return next(found.profile.id for one, found in self.candidates if one.is_chosen and found is not None)

    def of(self, profile: HostProfile) -> tuple[Candidate, ...]:
        """What of this machine is filed under that host."""
        return tuple(one for one, found in self.candidates if found is not None and found.profile.id == profile.id)

    def is_measured(self, profile: HostProfile) -> bool:
        """Is it kept as a machine that something was measured on?"""
        new = {found.profile.id for _, found in self.candidates if found is not None and found.is_new}
        return profile.hardware is not None and profile.id not in new


def known_hosts(root: Path) -> KnownHosts:
    """What is known under `root`, and seen of this machine.

    Profiles and records that can't be read cost themselves and a notice.
    """
    here = _recognised(root)
    hosts = known(root)
    stored = {profile.id: profile for profile in hosts.profiles}
    by_id = stored | {
        found.profile.id: found.profile
        for one, found in here
        if found is not None and (one.is_chosen or one.hardware.kind == "gpu" or found.profile.id in stored)
    }
    notices = list(hosts.notices)
    notices += [found.replaced for one, found in here if one.is_chosen and found is not None and found.replaced]
    records: tuple[Record, ...] = ()
    try:
        read = read_newest(root)
        records = read.records
        notices += read.notices
    except InputError as error:
        notices += [f"no measured times are shown: {fault}" for fault in error.faults]
    lacking = sorted({record.host for record in records} - set(by_id) - set(hosts.unread))
    notices += [_homeless(name, by_id) for name in lacking]
    return KnownHosts(tuple(by_id[name] for name in sorted(by_id)), records, here, tuple(notices), hosts.unread)


def _homeless(name: str, by_id: Mapping[str, HostProfile]) -> str:
    now = next((profile.id for profile in by_id.values() if name in profile.formerly), None)
    mend = f": it is called {now} now, and `bench hosts rename {name} {now}` moves them" if now else ""
    return f"results/ has records of {name}, but there is no hosts/{name}.yaml{mend}"


def _recognised(root: Path) -> tuple[tuple[Candidate, Recognised | None], ...]:
    found = candidates()
    # what is measured as things are gets the id that it would have alone
    usable = sorted((one for one in found if one.unusable is None), key=lambda one: not one.is_chosen)
    hosts = recognise_all(root, [one.hardware for one in usable])
    by_place = {one.where: host for one, host in zip(usable, hosts, strict=True)}
    return tuple((one, by_place.get(one.where)) for one in found)
