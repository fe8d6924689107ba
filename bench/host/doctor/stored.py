"""Can what was kept be read?"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from bench.errors import Fault, InputError
from bench.host.doctor.check import Check
from bench.host.registry import known
from bench.results.ai_benchmark import AiLine
from bench.results.journal_line import JournalLine
from bench.results.journals import journals
from bench.results.pair import Pair
from bench.results.reading import NewerError, read
from bench.results.record import Record

__all__ = ["stored_checks"]

# what is kept, where, and what there is to do about a torn last line: whatever is appended next moves it aside
_TORN: dict[type[JournalLine], str] = {
    Record: "bench run suites/{suite}.yaml --resume  # moves it aside, and measures that cell anew",
    Pair: "nothing needs to be done: the next pair that is kept there moves it aside",
    AiLine: "bench calibrate --resume  # moves it aside, and measures that test anew",
}
_UPDATE = "nothing is lost, but no table shows them until the harness is updated"


def stored_checks(root: Path) -> tuple[Check, ...]:
    """The profiles and records under `root`: each line that is wrong, by its file and number."""
    return (*_profiles(root), *_records(root))


def _profiles(root: Path) -> Iterator[Check]:
    """One that isn't in order is left out of every report, and stops runs where it is this machine's."""
    found = known(root)
    for faults in found.unread.values():
        yield from (_broken("folders: profiles", fault) for fault in faults)
    if not found.unread:
        yield Check("folders: profiles", "fine", f"{len(found.profiles)} hosts known, measured or published")


def _records(root: Path) -> Iterator[Check]:
    what, whole, wrong = "folders: records", 0, 0
    for path, form in journals(root):
        try:
            found = read(path, form, strict=True)
        except NewerError as error:
            wrong += 1
            yield from (Check(what, "limited", str(fault), _UPDATE) for fault in error.faults)
            continue
        except InputError as error:
            wrong += 1
            yield from (_broken(what, fault) for fault in error.faults)
            continue
        whole, wrong = whole + len(found.records), wrong + len(found.notices)
        if notices := [notice for notice in found.notices if not _is_torn(notice, path)]:
            yield _damaged(what, path, notices)
        if len(notices) < len(found.notices):
            yield Check(what, "limited", found.notices[-1], _TORN[form].format(suite=shlex.quote(path.stem)))
    if not wrong:
        yield Check(what, "fine", f"{whole:,} kept, all of them whole" if whole else "none kept yet")


def _broken(what: str, fault: Fault) -> Check:
    aside = f"mv {shlex.quote(str(fault.file))} {shlex.quote(f'{fault.file}.aside')}"
    return Check(what, "broken", str(fault), f"{aside}  # or mend it where it lies")


def _damaged(what: str, path: Path, notices: Sequence[str]) -> Check:
    """All damaged lines of a file in one command: a second one would count the lines that the first has left."""
    lines = [_line(notice, path)[0] for notice in notices]
    found = notices[0] if len(lines) == 1 else f"{path}: lines {_listed(lines)} are damaged and were passed over"
    backup = next(name for name in (f".damaged-{number}" for number in count(1)) if not Path(f"{path}{name}").exists())
    cut = f"sed -i{backup} {shlex.quote(';'.join(f'{line}d' for line in lines))} {shlex.quote(str(path))}"
    # the same command pasted twice must not cut whole records, which then have those numbers
    mend = f"test -e {shlex.quote(f'{path}{backup}')} || {cut}  # cuts them out, and keeps the file as it was"
    return Check(what, "limited", found, mend)


def _is_torn(notice: str, path: Path) -> bool:
    return _line(notice, path)[1].startswith("the last line is torn")


def _line(notice: str, path: Path) -> tuple[str, str]:
    """A notice's `file:line: text` as its line and text."""
    line, _, text = notice.removeprefix(f"{path}:").partition(": ")
    return line, text


def _listed(lines: Sequence[str]) -> str:
    return f"{', '.join(lines[:-1])} and {lines[-1]}"
