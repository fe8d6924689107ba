"""The known machines, and which of them this one is.

A profile is of a kind of machine: a kind of card, or a processor with so many cores, at home or on a hosted notebook
service. It holds nothing that names a single card, and so cards of one kind share it, in one machine or in several.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Fault, InputError
from bench.host.hardware import Hardware
from bench.host.names import brandless, card, host_id, host_label
from bench.host.profile import ID_PATTERN, HostProfile, load, profile_path, save
from bench.support.resources import shipped_folder

__all__ = [
    "Known",
    "Recognised",
    "as_it_is_now",
    "check_id",
    "differences",
    "known",
    "profiles",
    "recognise",
    "recognise_all",
    "references",
    "remember",
    "unlike",
]

_LONGEST = 64
_TAKEN = {"figures": "their figures", "tensorboard": "what is exported to TensorBoard"}
"""What results keep beside the hosts' folders."""


@dataclass(frozen=True)
class Recognised:
    """Which host this machine is. `is_new`: not remembered as such yet; `replaced`: what to tell the user, if so."""

    profile: HostProfile
    is_new: bool
    replaced: str | None = None


@dataclass(frozen=True)
class Known:
    """The hosts by id, and those whose files can't be read, with what is wrong in them."""

    profiles: tuple[HostProfile, ...]
    unread: Mapping[str, tuple[Fault, ...]]

    @property
    def notices(self) -> tuple[str, ...]:
        """What to tell the user of each that can't be read."""
        return tuple(
            f"{faults[0]}{f' (and {len(faults) - 1} more faults)' if len(faults) > 1 else ''}; the host {name} is left "
            "out"
            for name, faults in self.unread.items()
        )

    def need(self, *names: str) -> None:
        """Raise InputError where the file of one of these hosts, which is to be written, can't be read."""
        faults = [fault for name in names for fault in self.unread.get(name, ())]
        if faults:
            raise InputError(*faults)


def known(root: Path) -> Known:
    """Every host under `<root>/hosts`, and the shipped_folder reference hosts that it lacks; by id.

    A file that can't be read costs its host alone.
    """
    own = tuple((root / "hosts").glob("*.yaml"))
    lacking = {path for path in shipped_folder("hosts").glob("*.yaml") if path.stem not in {each.stem for each in own}}
    found, unread = _load((*own, *lacking))
    return Known(tuple(profile for path, profile in found.items() if profile.published or path not in lacking), unread)


def profiles(root: Path, notice: Callable[[str], object] = lambda _: None) -> tuple[HostProfile, ...]:
    """Those that are `known` under `root`; `notice` is told of each that can't be read."""
    found = known(root)
    for text in found.notices:
        notice(text)
    return found.profiles


def references() -> dict[Path, HostProfile]:
    """The shipped_folder hosts that something is published for, by file.

    In a checkout their folder also holds the hosts measured there, which are no other tree's.
    """
    found, _ = _load(shipped_folder("hosts").glob("*.yaml"))
    return {path: profile for path, profile in found.items() if profile.published}


def recognise(root: Path, hardware: Hardware, wanted: str | None = None) -> Recognised:
    """The host that `hardware` is among those known under `root`, or a new one; writes nothing.

    Its id comes from the hardware, or is `wanted`; a host that was renamed is found by the ids that it had. Where
    another machine stands behind that id (see `differences`), it is the same id with `-2`, `-3` … after it: the first
    that is this machine, or free. Raises InputError where the file of such an id can't be read: whose it is can't be
    told then, and it must not be written over.
    """
    if wanted is not None:
        check_id(wanted)
    return _recognised(known(root), hardware, wanted or host_id(hardware), wanted is not None)


def recognise_all(root: Path, machines: Sequence[Hardware]) -> tuple[Recognised, ...]:
    """The host of each, if they are measured in this order: unlike cards with one plain name get ids of their own.

    A host whose file can't be read is taken for a new one.
    """
    stored = {profile.id: profile for profile in profiles(root)}
    found: list[Recognised] = []
    for hardware in machines:
        one = _recognised(Known(tuple(stored.values()), {}), hardware, host_id(hardware), False)
        new = next((earlier for earlier in found if earlier.profile.id == one.profile.id), one)
        found.append(new)
        stored[one.profile.id] = one.profile
    return tuple(found)


def check_id(name: str) -> None:
    """Raise InputError where `name` can't be a host's id."""
    if not (re.fullmatch(ID_PATTERN, name) and name[-1].isalnum() and len(name) <= _LONGEST) or name in _TAKEN:
        hint = f"small letters, digits, and between them '.', '_' and '-', such as colab-t4; at most {_LONGEST}"
        hint = f"results keep {_TAKEN[name]} under that name" if name in _TAKEN else hint
        raise InputError(Fault(f"'{name}' can't be a host's id", hint))


def _recognised(hosts: Known, hardware: Hardware, base: str, is_wanted: bool) -> Recognised:
    by_id = {profile.id: profile for profile in hosts.profiles}
    for number in itertools.count(1):
        name = base if number == 1 else f"{base}-{number}"
        hosts.need(name)
        stored, renamed = by_id.get(name), _renamed(by_id, hardware, name)
        if stored is not None and stored.hardware is not None and _is(stored, hardware):
            break
        if renamed is not None:
            said = f"{name} is called {renamed.id} now; results go under that" if is_wanted else None
            return Recognised(renamed, False, said)
        if stored is None or (stored.hardware is None and _is(stored, hardware)):
            break
    replaced = None if number == 1 else _replaced(by_id[base], hardware, name)
    if stored is None:
        return Recognised(HostProfile(id=name, label=host_label(hardware), hardware=hardware), True, replaced)
    if stored.hardware is None:
        return Recognised(stored.model_copy(update={"hardware": hardware}), True, replaced)
    return Recognised(stored, False, replaced)


def _renamed(by_id: Mapping[str, HostProfile], hardware: Hardware, name: str) -> HostProfile | None:
    """The host of this machine that went by that name."""
    for profile in by_id.values():
        if name in profile.formerly and profile.hardware is not None and _is(profile, hardware):
            return profile
    return None


def remember(root: Path, profile: HostProfile) -> Path:
    """Keep `profile` as `<root>/hosts/<id>.yaml`, unless it stands there just so; gives the file's path."""
    path = profile_path(root, profile.id)
    if not path.exists() or load(path) != profile:
        save(profile, path)
    return path


def as_it_is_now(root: Path, profile: HostProfile) -> HostProfile:
    """The profile with what others, or the user, wrote into its file since it was read; as it is where there is none.

    Raises InputError with what is wrong in that file.
    """
    path = profile_path(root, profile.id)
    return load(path) if path.exists() else profile


def _load(paths: Iterable[Path]) -> tuple[dict[Path, HostProfile], dict[str, tuple[Fault, ...]]]:
    """The profiles by their files, in the order of their ids, and what is wrong with the others, by id."""
    found: dict[Path, HostProfile] = {}
    unread: dict[str, tuple[Fault, ...]] = {}
    for path in sorted(paths, key=lambda path: path.stem):
        try:
            found[path] = load(path)
        except InputError as error:
            unread[path.stem] = error.faults
    return found, unread


def differences(stored: Hardware, hardware: Hardware) -> tuple[str, ...]:
    """What makes these two machines, in words; empty for one.

    A GPU's name (without brands, which drivers put in and leave out), its memory where it differs by more than 2 %, MIG
    or not; for a CPU its model and the number of cores; for both, whether a hosted notebook's service runs it. What
    records carry themselves, such as the driver's version, may differ, and so may the processor beside a GPU.
    """
    if stored.kind != hardware.kind:
        return (f"{_describe(stored)} and {_describe(hardware)}",)
    both = stored, hardware
    traits: list[list[str]] = [[one.platform for one in both]]
    if hardware.kind == "cpu":
        traits += [[one.cpu for one in both], [f"{one.cores} cores" for one in both]]
    else:
        traits += [[brandless(one.gpu_name or "") for one in both]]
        traits += [["a MIG slice" if one.mig else "a whole GPU" for one in both]]
    found = [f"{before} and {after}" for before, after in traits if before != after]
    if hardware.kind == "gpu" and not _same_memory(stored.gpu_memory_bytes, hardware.gpu_memory_bytes):
        found.append(" and ".join(map(_gib, both)))
    return tuple(found)


def unlike(one: HostProfile, other: HostProfile) -> tuple[str, ...]:
    """What makes these two hosts different machines, in words: `differences`, or the card that something is published
    for; empty for one machine."""
    if one.hardware is not None and other.hardware is not None:
        return differences(one.hardware, other.hardware)
    for profile, hardware in ((one, other.hardware), (other, one.hardware)):
        if hardware is not None and _is(profile, hardware):
            return ()
    unknown = [profile for profile in (one, other) if profile.hardware is None and profile.published is None]
    if unknown:
        return (f"what machine {unknown[0].id} is isn't known: no profile says it",)
    return (f"{one.device} and {other.device}",) if card(one.device) != card(other.device) else ()


def _same_memory(a: int | None, b: int | None) -> bool:
    return a == b if a is None or b is None else abs(a - b) <= 0.02 * max(a, b)


def _is(profile: HostProfile, hardware: Hardware) -> bool:
    """Is `profile` this machine, or a reference for such a one?"""
    if profile.hardware is not None:
        return not differences(profile.hardware, hardware)
    published = profile.published.gpu_name if profile.published else None
    return published is not None and hardware.gpu_name is not None and card(published) == card(hardware.gpu_name)


def _replaced(profile: HostProfile, hardware: Hardware, name: str) -> str:
    stored = profile.hardware
    before, after = _describe(stored) if stored else profile.device, _describe(hardware)
    if stored is not None and before == after:
        moved = stored.platform != hardware.platform
        before, after = (
            f"{text} ({of.platform})" if moved else f"{text} with {_gib(of)}"
            for text, of in ((before, stored), (after, hardware))
        )
    what = "card" if hardware.kind == "gpu" else "machine"
    return f"the {what} behind {profile.id} has changed: {before} → {after}; results go under {name}"


def _describe(hardware: Hardware) -> str:
    if hardware.kind == "gpu":
        return (hardware.gpu_name or "GPU").removeprefix("NVIDIA ")
    return f"{hardware.cpu}, {hardware.cores} cores"


def _gib(hardware: Hardware) -> str:
    size = hardware.gpu_memory_bytes
    return "unknown memory" if size is None else f"{size / 2**30:.1f} GiB"
