"""The known machines, and which of them this one is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Fault, InputError
from bench.host.hardware import Hardware
from bench.host.names import brandless, card, host_id, host_label
from bench.host.profile import ID_PATTERN, HostProfile, load, save
from bench.shipped import shipped

__all__ = ["Recognised", "profiles", "recognise", "references", "remember"]

_LONGEST = 64


@dataclass(frozen=True)
class Recognised:
    """Which host this machine is. `is_new`: not remembered as such yet; `replaced`: what to tell the user, if so."""

    profile: HostProfile
    is_new: bool
    replaced: str | None = None


def profiles(root: Path) -> tuple[HostProfile, ...]:
    """Every host under `<root>/hosts`, and the shipped reference hosts that it lacks; by id.

    Raises InputError with the faults of all files.
    """
    own = tuple((root / "hosts").glob("*.yaml"))
    lacking = {path for path in shipped("hosts").glob("*.yaml") if path.stem not in {each.stem for each in own}}
    known = _load((*own, *lacking))
    return tuple(profile for path, profile in known.items() if profile.published or path not in lacking)


def references() -> dict[Path, HostProfile]:
    """The shipped hosts that something is published for, by file.

    In a checkout their folder also holds the hosts measured there, which are no other tree's.
    """
    return {path: profile for path, profile in _load(shipped("hosts").glob("*.yaml")).items() if profile.published}


def recognise(root: Path, hardware: Hardware, wanted: str | None = None) -> Recognised:
    """The host that `hardware` is among those known under `root`, or a new one; writes nothing.

    Its id comes from the hardware, or is `wanted`. Where another machine stands behind that id (another GPU name, GPU
    memory apart by more than 2 %, MIG or not; for a CPU another model or number of cores; the driver may differ, as
    records carry its version), it is the same id with `-2`, `-3` … after it: the first that is this machine, or free.
    """
    if wanted is not None and not (re.fullmatch(ID_PATTERN, wanted) and len(wanted) <= _LONGEST):
        hint = f"small letters, digits, '.', '_' and '-', such as colab-t4; at most {_LONGEST}"
        raise InputError(Fault(f"'{wanted}' can't be a host's id", hint))
    base = wanted or host_id(hardware)
    known = {profile.id: profile for profile in profiles(root)}
    for number in itertools.count(1):
        name = base if number == 1 else f"{base}-{number}"
        stored = known.get(name)
        if stored is not None and not _is(stored, hardware):
            continue
        replaced = None if number == 1 else _replaced(known[base], hardware, name)
        if stored is None:
            return Recognised(HostProfile(id=name, label=host_label(hardware), hardware=hardware), True, replaced)
        if stored.hardware is None:
            return Recognised(stored.model_copy(update={"hardware": hardware}), True, replaced)
        return Recognised(stored, False, replaced)
    raise AssertionError("counting ended")


def remember(root: Path, profile: HostProfile) -> Path:
    """Keep `profile` as `<root>/hosts/<id>.yaml`, unless it stands there just so; gives the file's path."""
    path = root / "hosts" / f"{profile.id}.yaml"
    if not path.exists() or load(path) != profile:
        save(profile, path)
    return path


def _load(paths: Iterable[Path]) -> dict[Path, HostProfile]:
    """The profiles by their files, in the order of their ids. Raises InputError with the faults of all."""
    found: dict[Path, HostProfile] = {}
    faults: list[Fault] = []
    for path in sorted(paths, key=lambda path: path.stem):
        try:
            found[path] = load(path)
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(*faults)
    return found


def _is(profile: HostProfile, hardware: Hardware) -> bool:
    """Is `profile` this machine, or a reference for such a one?"""
    stored = profile.hardware
    if stored is None:
        published = profile.published.gpu_name if profile.published else None
        return published is not None and hardware.gpu_name is not None and card(published) == card(hardware.gpu_name)
    if stored.kind != hardware.kind:
        return False
    if hardware.kind == "cpu":
        return (stored.cpu, stored.cores) == (hardware.cpu, hardware.cores)
    a, b = stored.gpu_memory_bytes, hardware.gpu_memory_bytes
    same_memory = a == b if a is None or b is None else abs(a - b) <= 0.02 * max(a, b)
    same_name = brandless(stored.gpu_name or "") == brandless(hardware.gpu_name or "")
    return same_name and same_memory and stored.mig == hardware.mig


def _replaced(profile: HostProfile, hardware: Hardware, name: str) -> str:
    stored = profile.hardware
    before, after = _describe(stored) if stored else profile.device, _describe(hardware)
    if stored is not None and before == after:
        before, after = (f"{text} with {_gib(of)}" for text, of in ((before, stored), (after, hardware)))
    what = "card" if hardware.kind == "gpu" else "machine"
    return f"the {what} behind {profile.id} has changed: {before} → {after}; results go under {name}"


def _describe(hardware: Hardware) -> str:
    if hardware.kind == "gpu":
        return (hardware.gpu_name or "GPU").removeprefix("NVIDIA ")
    return f"{hardware.cpu}, {hardware.cores} cores"


def _gib(hardware: Hardware) -> str:
    size = hardware.gpu_memory_bytes
    return "unknown memory" if size is None else f"{size / 2**30:.1f} GiB"
