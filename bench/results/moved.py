"""A host's results moved into another host's folder, file by file.

Each file is written whole beside its new place, put there, and only then taken from its old one. So a kill at any
moment loses nothing: what is there twice by then is the same twice, and is one again when the move is repeated.
"""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Fault, InputError
from bench.results.ai_benchmark import AiLine
from bench.results.journal import results_of
from bench.results.journals import journals
from bench.results.locked import Lock, locked
from bench.results.merged import Merged, lines_of, merged
from bench.results.pair import Pair
from bench.results.query import read_files
from bench.results.reading import MOST_BYTES
from bench.results.record import Record
from bench.results.rehosted import rehosted
from bench.results.torn import is_whole, set_aside
from bench.support.files import RefusedError, is_regular, read_regular, sync_folder, write_whole

__all__ = ["Moved", "files_of", "known_versions", "move_results"]


@dataclass(frozen=True)
class Moved:
    """One file that was moved, or would be: its path in the host's folder, and of a journal what became of its lines.

    `kept_as` is its name where it couldn't keep its own.
    """

    file: str
    lines: Merged | None = None
    kept_as: str | None = None


def files_of(root: Path, host: str) -> tuple[Path, ...]:
    """Every file among a host's results, the journals first."""
    folder = results_of(root, host)
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return tuple(sorted(found, key=lambda path: (path.suffix != ".jsonl", path)))


def known_versions(root: Path, *hosts: str) -> tuple[str, ...]:
    """Raise InputError where a journal of these hosts has lines of a newer form; gives notices on others.

    A line of a newer form may name its host in ways that this version of the harness knows nothing of. What lies where
    the first host's journal is to go, and can't be one, is a fault as well.
    """
    notices: list[str] = []
    faults: list[Fault] = []
    for form in (Record, Pair, AiLine):
        paths = [path for host in hosts for path, one in journals(root, (host,)) if one is form]
        try:
            notices += read_files(paths, form, strict=True).notices
        except InputError as error:
            faults += error.faults
    faults += [fault for host in hosts[1:] for fault in _in_the_way(root, hosts[0], host)]
    if faults:
        raise InputError(*faults)
    return tuple(notices)


def _in_the_way(root: Path, old: str, new: str) -> Iterator[Fault]:
    for path, _ in journals(root, (old,)):
        place = results_of(root, new) / path.relative_to(results_of(root, old))
        if is_regular(path) and os.path.lexists(place) and not place.is_file():
            yield Fault("is no regular file, so that no records can go into it", "take it away first", place)


def move_results(root: Path, old: str, new: str, *, dry_run: bool = False) -> Iterator[Moved]:
    """Move all of `old`'s results to `new`, one file after the other; each is told once it has been.

    Journals become one with those that are there, under their locks: see `bench.results.merged`. Any other file keeps
    its name, or where another one has it, gets one that tells where it came from. Figures that the report draws are
    moved with them, and dropped where `new` has one of that name. Raises InputError where the disk refuses.
    """
    source, target = results_of(root, old), results_of(root, new)
    for is_journal in (True, False):
        for path in files_of(root, old):  # asked twice, for a torn last line is a file of its own after the first time
            if (path.suffix == ".jsonl") == is_journal:
                name = path.relative_to(source)
                with _refusals(path):
                    move = _moved_journal if is_journal and is_regular(path) else _moved_file
                    yield move(path, target / name, name.as_posix(), old, new, dry_run)
    if not dry_run:
        with _refusals(source):
            _drawings(root / "results" / "figures", old, new)
            _remove_empty(source)


def _moved_journal(source: Path, target: Path, name: str, old: str, new: str, dry_run: bool) -> Moved:
    if dry_run:
        found = merged(_whole(_content(target)), _whole(_content(source)), old, new)
        return Moved(name, found)
    fresh = not target.exists()
    with ExitStack() as locks:
        flags = {source: os.O_RDWR, target: os.O_RDWR | os.O_CREAT}
        opened = {  # always in the same order, or two moves could wait for each other for ever
            path: locks.enter_context(locked(path, flags[path], Lock.EXCLUSIVE))[0] for path in sorted(flags)
        }
        try:
            for path, fd in opened.items():
                set_aside(path, fd)
            found = merged(_content(target), _content(source), old, new)
            if found.content is not None:
                write_whole(target, found.content)
        except BaseException:
            if fresh and not target.stat().st_size:
                target.unlink()  # it was made for its lock alone
            raise
        source.unlink()
        sync_folder(source.parent)
    return Moved(name, found)


def _moved_file(source: Path, target: Path, name: str, old: str, new: str, dry_run: bool) -> Moved:
    content = _renamed(source, old, new) if source.suffix == ".json" and is_regular(source) else None
    place = next(one for one in _names(target, old) if not os.path.lexists(one) or _same(source, content, one))
    if not dry_run:
        place.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(place):
            source.unlink()
        elif content is None:
            source.rename(place)
            sync_folder(place.parent)
        else:
            write_whole(place, content)
            source.unlink()
        sync_folder(source.parent)
    return Moved(name, kept_as=None if place == target else place.name)


def _names(target: Path, old: str) -> Iterator[Path]:
    yield target
    number = 1
    while True:
        yield target.with_name(f"{target.stem}-{old}{'' if number == 1 else f'-{number}'}{target.suffix}")
        number += 1


def _same(source: Path, content: bytes | None, other: Path) -> bool:
    if not is_regular(other) or not is_regular(source):
        return False
    if content is None:
        return filecmp.cmp(source, other, shallow=False)
    return other.stat().st_size == len(content) and other.read_bytes() == content


def _renamed(source: Path, old: str, new: str) -> bytes | None:
    """The JSON file with the new name in it; None where it names another host, or none, or is too large to look."""
    try:
        found = rehosted(read_regular(source, MOST_BYTES), old, new)
    except RefusedError:
        return None
    return found.text if found.state == "renamed" else None


def _content(path: Path) -> bytes:
    with suppress(FileNotFoundError):
        return read_regular(path, MOST_BYTES)
    return b""


def _whole(content: bytes) -> bytes:
    """Without a torn last line, which a move sets aside in a file of its own."""
    lines = lines_of(content)
    return content if not lines or is_whole(lines[-1]) else b"".join(line + b"\n" for line in lines[:-1])


def _drawings(figures: Path, old: str, new: str) -> None:
    for path in sorted(path for path in (figures / old).rglob("*") if path.is_symlink() or not path.is_dir()):
        place = figures / new / path.relative_to(figures / old)
        place.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(place):
            path.unlink()
        else:
            path.rename(place)
    _remove_empty(figures / old)


def _remove_empty(folder: Path) -> None:
    for one in (*sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True), folder):
        with suppress(OSError):  # a run put something there meanwhile
            one.rmdir()


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"can't be moved ({error.strerror or error})"
        hint = "nothing is lost: make room, or the folders writable, and give the same command again"
        raise InputError(Fault(what, hint, error.filename or path)) from error
