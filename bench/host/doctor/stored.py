"""Can what was kept be read?"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from bench.errors import Fault, InputError
from bench.host.doctor.check import Check
from bench.host.registry import profiles
from bench.results.ai_benchmark import AiLine
from bench.results.pair import Pair
from bench.results.reading import read
from bench.results.record import Record
from bench.results.stored import Stored

__all__ = ["stored_checks"]

_JOURNALS: tuple[tuple[str, type[Stored]], ...] = (
    ("*/*.jsonl", Record),
    ("*/pairs/*.jsonl", Pair),
    ("*/calibration/ai-benchmark.jsonl", AiLine),
)
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+): ")


def stored_checks(root: Path) -> tuple[Check, ...]:
    """The profiles and records under `root`: each line that is wrong, by its file and number."""
    return (*_profiles(root), *_records(root))


def _profiles(root: Path) -> Iterator[Check]:
    """One that isn't in order stops every run: no one can say then which host this is."""
    try:
        known = profiles(root)
    except InputError as error:
        yield from (_broken("folders: profiles", fault) for fault in error.faults)
    else:
        yield Check("folders: profiles", "fine", f"{len(known)} hosts known, measured or published")


def _records(root: Path) -> Iterator[Check]:
    what, count, wrong = "folders: records", 0, 0
    for pattern, form in _JOURNALS:
        for path in sorted((root / "results").glob(pattern)):
            try:
                found = read(path, form)
            except InputError as error:
                wrong += 1
                yield from (_broken(what, fault) for fault in error.faults)
                continue
            count, wrong = count + len(found.records), wrong + len(found.notices)
            yield from (Check(what, "limited", notice, _without(notice, path)) for notice in found.notices)
    if not wrong:
        yield Check(what, "fine", f"{count:,} kept, all of them whole" if count else "none kept yet")


def _broken(what: str, fault: Fault) -> Check:
    found = str(Fault(fault.what, None, fault.file, fault.line))
    aside = f"mv {shlex.quote(str(fault.file))} {shlex.quote(f'{fault.file}.aside')}"
    return Check(what, "broken", found, f"{aside}  # or {fault.hint or 'mend that line'}")


def _without(notice: str, path: Path) -> str:
    """What rids a file of a line that can't be read."""
    place = _PLACE.match(notice)
    if "torn" in notice or place is None:
        return f"bench run suites/{path.stem}.yaml --resume  # moves it aside, and measures that cell anew"
    return f"sed -i {place['line']}d {shlex.quote(place['file'])}  # cuts that line out"
