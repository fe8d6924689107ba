"""What the doctor says of the data sets: which are here, and how to get the others."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from bench.errors import InputError
from bench.host.doctor.check import Check
from bench.host.doctor.folders import nearest_folder
from bench.host.doctor.sizes import size
from bench.results.writable import writable
from bench.workload.data.archives import ARCHIVES, Archive
from bench.workload.data.overview import Known, known
from bench.workload.data.places import find, keras_cache, places, shown

__all__ = ["data_checks"]


def data_checks() -> tuple[Check, ...]:
    """Every known data set, looked for where runs do: archives by name and size, not by their sums."""
    try:
        data_sets = known()
    except InputError as error:
        return tuple(
            Check("data: BENCH_DATA_DIR", "broken", fault.what, "unset BENCH_DATA_DIR") for fault in error.faults
        )
    archived = [one for one in data_sets if one.name in ARCHIVES]
    own = " and ".join(one.name for one in data_sets if one.name not in ARCHIVES)
    always = Check(f"data: {own}", "fine", "come with the package")
    return (*map(_archived, archived), always)


def _archived(data_set: Known) -> Check:
    what = f"data: {data_set.name}"
    if data_set.found is not None:
        return Check(what, "fine", data_set.found)
    archive, cache = ARCHIVES[data_set.name], keras_cache()
    if data_set.damaged:
        return Check(what, "broken", f"{data_set.fault}", f"{_aside(archive)} && bench data fetch {archive.name}")
    where = ", ".join(map(str, places(None)))
    found = f"not in {where}; synthetic images stand in: their times hold, their accuracies say nothing"
    if why := _no_room(cache, archive.size):
        return Check(
            what, "limited", f"{found}; {why}", f"bench data fetch {archive.name} --to DIR && export BENCH_DATA_DIR=DIR"
        )
    by_hand = f"# offline: put {archive.file} into {shown(cache)}"
    return Check(what, "limited", found, f"bench data fetch {archive.name}  {by_hand}")


def _aside(archive: Archive) -> str:
    """The command that gets what is damaged out of the way: it would be found before what is fetched."""
    where = places(None)
    try:
        found = find(archive, where)
    except InputError as error:
        found = Path(error.faults[0].file or "")
    if found not in [place.path for place in where]:
        return f"mv {shlex.quote(str(found))} {shlex.quote(f'{found}.damaged')}"
    return "unset BENCH_DATA_DIR" if found.is_file() else f"chmod -R u+rX {shlex.quote(str(found))}"


def _no_room(folder: Path, needed: int) -> str | None:
    """Why an archive can't be fetched into the folder."""
    try:
        writable(folder / ".tried-by-doctor")
        free = shutil.disk_usage(nearest_folder(folder)).free
    except (InputError, OSError):
        return f"{shown(folder)} can't be written"
    return f"{shown(folder)} has {size(free)} left, and it takes {size(needed)}" if free < needed else None
