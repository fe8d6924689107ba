"""Hosts renamed, and merged into one another: profile, records and all else that is filed under their ids.

The new profile is written first and tells by `formerly` where it comes from, the results follow file by file, and the
old profile goes last. Wherever that is cut off, each record is there under a host that has a profile, and the same
command again does what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.errors import Fault, InputError, nearest
from bench.host.merging import MergedProfile, former_ids, measured_part, merge_profiles, published_part
from bench.host.names import host_label
from bench.host.profile import HostProfile, profile_path, save
from bench.host.registry import Known, check_id, known, references, unlike
from bench.results.journal import results_of
from bench.results.moved import Moved, files_of, known_versions, move_results
from bench.support.files import sync_folder

__all__ = ["Move", "merge", "rename"]


@dataclass(frozen=True)
class Move:
    """What was moved from `old` to `new`, or would be in a dry run.

    `profile` is `new`'s, with what it `took` and what was `left` of `old`'s figures; `stays` says what of `old` does.
    `done_before`: there was nothing left to do. `notices` are of lines that can't be read, and so stay as they are.
    """

    old: str
    new: str
    profile: HostProfile
    files: tuple[Moved, ...] = ()
    took: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    stays: str | None = None
    done_before: bool = False
    notices: tuple[str, ...] = ()


def rename(root: Path, old: str, new: str, label: str | None = None, *, dry_run: bool = False) -> Move:
    """Give a host another id, and another label if there is one; under its own id, only that.

    A host that ships with published times keeps these under its id, and what was measured on such a machine gets the
    new one. Raises InputError, with nothing changed, where `old` isn't known or has nothing of its own, `new` is
    taken or can't be an id, `label` is empty or a journal can't be read; and where the disk refuses, with nothing lost.
    """
    if label is not None and not label.strip():
        raise InputError(Fault("a label can't be empty", "without --label it stays as it is"))
    hosts = known(root)
    hosts.need(old, new)
    by_id = _by_id(hosts)
    if old == new:
        return _relabelled(root, hosts, old, label, dry_run)
    check_id(new)
    leaving = _Leaving.of(root, hosts, old)
    target = by_id.get(new)
    goes_on = target is not None and old in target.formerly
    moving = leaving.moving(new, goes_on)
    if moving is None:
        assert target is not None
        return Move(old, new, target, done_before=True)
    if target is None and not files_of(root, new):
        formerly = former_ids(new, moving.formerly, (old,))
        fields = {"id": new, "label": label or leaving.label(moving), "formerly": formerly}
        return leaving.move(MergedProfile(moving.model_copy(update=fields), (), ()), dry_run)
    if target is None or not goes_on or (moving.hardware is not None and unlike(target, moving)):
        hint = f"`bench hosts merge {old} {new}` makes one of the two, or choose another id"
        raise InputError(Fault(f"there is a host '{new}' already", hint))
    merged = merge_profiles(target, moving)
    named = merged.profile.model_copy(update={"label": label or target.label})
    return leaving.move(merged._replace(profile=named), dry_run)


def merge(root: Path, old: str, into: str, *, force: bool = False, dry_run: bool = False) -> Move:
    """Put what is filed under `old` under `into`, which is the same machine; the figures of both as `merge_profiles`.

    Raises InputError, with nothing changed, where either isn't known, they are different machines and there is no
    `force`, or a journal can't be read; and where the disk refuses, with nothing lost. Of results without a profile
    nobody knows which machine they are of: they need `force`, and get `old`'s profile.
    """
    hosts = known(root)
    hosts.need(old, into)
    if old == into:
        raise InputError(Fault(f"'{old}' can't be merged into itself", "name two hosts"))
    target = _by_id(hosts).get(into)
    leaving = _Leaving.of(root, hosts, old)
    goes_on = target is not None and old in target.formerly
    moving = leaving.moving(into, goes_on)
    if moving is None:
        assert target is not None
        return Move(old, into, target, done_before=True)
    bare = target is None and bool(files_of(root, into))
    if bare:
        target = HostProfile(id=into, label=into)
    if target is None:
        hint = f"`bench hosts rename {old} {into}` gives {old} that id; {nearest(into, _by_id(hosts))}"
        raise InputError(Fault(f"unknown host '{into}'", hint))
    found = () if goes_on and moving.hardware is None else unlike(target, moving)
    if found and not force:
        what = f"{old} and {into} are different machines, and timings depend on that"
        hint = "records of both under one host would mix; --force merges them all the same"
        raise InputError(Fault(what, hint), *(Fault(f"  {into} and {old}: {one}") for one in found))
    if bare:
        target = target.model_copy(update={"label": leaving.label(moving)})
    return leaving.move(merge_profiles(target, moving, alike=bare or not found), dry_run)


@dataclass(frozen=True)
class _Leaving:
    """The host whose id will be no more; `ships`: published times come with the harness under that id."""

    root: Path
    id: str
    profile: HostProfile | None
    ships: bool
    hosts: Known

    @classmethod
    def of(cls, root: Path, hosts: Known, name: str) -> _Leaving:
        ships = any(profile.id == name for profile in references().values())
        return cls(root, name, _by_id(hosts).get(name), ships, hosts)

    def moving(self, new: str, goes_on: bool) -> HostProfile | None:
        """What of its profile can move; None where all went to `new` before. Raises InputError if there is nothing."""
        has_results = bool(files_of(self.root, self.id))
        if self.profile is None and has_results:
            return HostProfile(id=self.id, label=self.id)
        if self.profile is not None and not self.ships:
            return self.profile
        if self.profile is not None and (has_results or published_part(self.profile) != self.profile):
            return measured_part(self.profile)
        if goes_on:
            return None
        if self.profile is not None:
            hint = f"to file your own measurements under an id of your own: bench run SUITE --host {new}"
            raise InputError(Fault(f"'{self.id}' has only published times, and these stay where they are", hint))
        raise InputError(Fault(f"nothing is stored of a host '{self.id}'", nearest(self.id, _by_id(self.hosts))))

    def label(self, moving: HostProfile) -> str:
        """A reference's label is of what was published; the machine that was measured gets one of its own."""
        return host_label(moving.hardware) if self.ships and moving.hardware else moving.label

    def move(self, merged: MergedProfile, dry_run: bool) -> Move:
        """Do it, in the order that the module's docstring tells."""
        root, profile = self.root, merged.profile
        notices = (*self.hosts.notices, *known_versions(root, self.id, profile.id))
        if not dry_run:
            save(profile, profile_path(root, profile.id))
            sync_folder(root / "hosts")
        files = tuple(move_results(root, self.id, profile.id, dry_run=dry_run))
        stays = ["its published times"] if self.ships and self.profile is not None else []
        if not dry_run:
            self._forget(profile_path(root, self.id))
            if results_of(root, self.id).exists():
                stays.append("what a run has filed under it meanwhile")
        left = " and ".join(stays) or None
        return Move(self.id, profile.id, profile, files, merged.took, merged.left, left, notices=notices)

    def _forget(self, path: Path) -> None:
        """Take the profile away, or what was measured out of it."""
        if not path.exists():
            return
        if self.ships and self.profile is not None:
            save(published_part(self.profile), path)
        else:
            path.unlink()
        sync_folder(path.parent)


def _by_id(hosts: Known) -> dict[str, HostProfile]:
    return {profile.id: profile for profile in hosts.profiles}


def _relabelled(root: Path, hosts: Known, name: str, label: str | None, dry_run: bool) -> Move:
    by_id = _by_id(hosts)
    if label is None:
        raise InputError(Fault(f"'{name}' is its id already", "--label gives it another label"))
    if name not in by_id:
        raise InputError(Fault(f"nothing is stored of a host '{name}'", nearest(name, by_id)))
    profile = by_id[name].model_copy(update={"label": label})
    if not dry_run:
        save(profile, profile_path(root, name))
    return Move(name, name, profile, notices=hosts.notices)
