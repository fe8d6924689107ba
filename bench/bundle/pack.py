"""A team's results as one file: the same bytes for the same content."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import __version__
from bench.bundle.form import (
    MANIFEST,
    MOST_FILE_BYTES,
    MOST_FILES,
    MOST_UNPACKED_BYTES,
    Entry,
    Manifest,
    Member,
    member,
)
from bench.bundle.lines import Odd, journal_lines
from bench.errors import Fault, InputError
from bench.results.journal import results_of
from bench.results.owner import OWNER_FILE, owner
from bench.results.query import pairs_files, results_files
from bench.results.reading import open_results
from bench.results.record import SCHEMA_VERSION
from bench.support.files import is_regular, read_regular

__all__ = ["Packed", "pack"]

_LEVEL: Final = 6
_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The first that a ZIP archive can tell of: files' own dates say nothing of their content."""
_MODE: Final = 0o100644
_UNIX: Final = 3


@dataclass(frozen=True)
class Packed:
    """A bundle: its bytes, its manifest, how many records it holds, and what was left out, in words."""

    content: bytes
    manifest: Manifest
    records: int
    left_out: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What its file is called, where nobody calls it otherwise."""
        return f"bench-{self.manifest.team}.zip"

    def _repr_html_(self) -> str:
        """In a notebook: a link that saves the file, which `bench collect` also finds in the notebook itself."""
        import base64

        data = base64.b64encode(self.content).decode()
        size = f"{len(self.content) / 2**10:,.0f} KiB"
        link = f'<a download="{self.name}" href="data:application/zip;base64,{data}">{self.name}</a>'
        return f"{link} ({self.records} records, {size})"


def pack(root: Path, *, weights: bool = False, figures: bool = False, unowned: bool = False) -> Packed:
    """Pack the records of the tree's owner, with pairs, networks, hosts' profiles and calibrations, and suites.

    `weights` and `figures` take these along, and `unowned` records of no team, as those are that were measured before
    the tree had an owner. Raises InputError where the tree has no owner, its owner no records, a record is another
    team's, or a file can't be read or is too large.
    """
    team = owner(root)
    if team is None:
        hint = "`bench init --team 07` gives it one; in a hosted notebook the variable BENCH_TEAM does"
        raise InputError(Fault("this working tree has no owner", hint, root / OWNER_FILE))
    found = _Gathered(root, team)
    for path in (*results_files(root), *pairs_files(root)):
        found.add_journal(path, unowned=unowned)
    for path in _beside(root, found.hosts, team, weights=weights, unowned=unowned):
        found.add(path.relative_to(root).as_posix(), path)
    for path in (root / "suites" / f"{name}.yaml" for name in found.suites):
        if is_regular(path):
            found.add(path.relative_to(root).as_posix(), path)
    for name, path in _figures(root) if figures else ():
        found.add(name, path)
    found.check()
    files = found.files
    manifest = Manifest(
        team=team,
        versions={"bench": __version__, "record": str(SCHEMA_VERSION)},
        files={name: Entry(bytes=len(one), sha256=hashlib.sha256(one).hexdigest()) for name, one in files.items()},
    )
    return Packed(_archive({MANIFEST: manifest.content} | files), manifest, found.records, tuple(found.left_out))


class _Gathered:
    """Files as they are brought together, and all that is wrong with them."""

    def __init__(self, root: Path, team: str) -> None:
        self._root, self._team = root, team
        self.files: dict[str, bytes] = {}
        self.hosts: dict[str, None] = {}
        self.suites: dict[str, None] = {}
        self.records = 0
        self.left_out: list[str] = []
        self._faults: list[Fault] = []

    def add(self, name: str, path: Path) -> None:
        """Take a file along, by its name in the bundle."""
        self.files[name] = self._read(path)

    def add_journal(self, path: Path, *, unowned: bool) -> None:
        """Take a journal along, if it is the team's; of no team's only where those are wanted."""
        name = path.relative_to(self._root).as_posix()
        of = member(name)
        if of is None or of.team not in (None, self._team):
            return
        content = self._read(path)
        count = self._count(content, path, of)
        if of.team is None and not unowned:
            if of.kind == "records" and count:
                records = f"{count} record{'s' * (count > 1)}"
                self.left_out.append(f"{path}: {records} of no team; --unowned takes them along")
            return
        self.files[name] = content
        self.hosts[str(of.host)] = None
        if of.kind == "records":
            self.records += count
            self.suites[path.stem] = None

    def check(self) -> None:
        """Raise InputError with all that is wrong."""
        if not self.records and not self._faults:
            hint = self.left_out[0] if self.left_out else "`bench run suites/cnn.yaml` measures some"
            self._faults.append(Fault(f"team {self._team} has no records here", hint, self._root / "results"))
        if len(self.files) > MOST_FILES:
            what = f"{len(self.files):,} files are more than the {MOST_FILES:,} that a bundle holds"
            self._faults.append(Fault(what, None, self._root))
        total = sum(map(len, self.files.values()))
        if total > MOST_UNPACKED_BYTES:
            what = f"{total / 2**20:,.0f} MiB are more than the {MOST_UNPACKED_BYTES >> 20:,} that a bundle holds"
            self._faults.append(Fault(what, "leave --weights or --figures out", self._root))
        if self._faults:
            raise InputError(*self._faults)

    def _read(self, path: Path) -> bytes:
        try:
            if path.suffix == ".jsonl":
                with open_results(path) as file:
                    return file.read(MOST_FILE_BYTES)
            return read_regular(path, MOST_FILE_BYTES)
        except OSError as error:
            self._faults.append(Fault(f"can't be packed ({error.strerror or error})", None, path))
            return b""

    def _count(self, content: bytes, path: Path, of: Member) -> int:
        """How many lines the journal has; one that whoever collects it would refuse is a fault."""
        found = 0
        for number, odd in journal_lines(content, of, self._team):
            found += 1
            if odd is not None:
                what, hint = self._words(odd, of)
                self._faults.append(Fault(what, hint, path, number))
        return found

    def _words(self, odd: Odd, of: Member) -> tuple[str, str]:
        if odd.what == "team":
            hint = f"it lies among those of team {self._team}, whose tree this is: take it away"
            return f"this record is team {odd.name}'s", hint
        if odd.what == "host":
            return f"this record is of host {odd.name!r}", f"it lies in the folder of {of.host}: take it away"
        return "this line is no record", "take it away"


def _beside(root: Path, hosts: Iterable[str], team: str, *, weights: bool, unowned: bool) -> Iterator[Path]:
    """What is kept beside hosts' records, and their profiles."""
    patterns = ("networks/*.json", *(("weights/*/*.keras",) if weights else ()))
    for host in hosts:
        for folder in (results_of(root, host, team), *((results_of(root, host),) if unowned else ())):
            for pattern in patterns:
                yield from sorted(path for path in folder.glob(pattern) if _is_ours(root, path))
        for path in (root / "hosts" / f"{host}.yaml", results_of(root, host) / "calibration" / "ai-benchmark.jsonl"):
            if is_regular(path):
                yield path


def _is_ours(root: Path, path: Path) -> bool:
    return is_regular(path) and member(path.relative_to(root).as_posix()) is not None


def _figures(root: Path) -> Iterator[tuple[str, Path]]:
    """Reports and their figures, by names that have no `results/`: the collector's own lie there."""
    folder = root / "results"
    paths = (*folder.glob("report*.md"), *(folder / "figures").rglob("*.png"), *(folder / "figures").rglob("*.svg"))
    for path in sorted(paths):
        name = path.relative_to(folder).as_posix()
        if is_regular(path) and member(name) is not None:
            yield name, path


def _archive(files: Mapping[str, bytes]) -> bytes:
    """The manifest first, then the others by name; with nothing in it that depends on when or where it was made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files, key=lambda name: (name != MANIFEST, name)):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system, info.external_attr = _UNIX, _MODE << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[name], compresslevel=_LEVEL)
    return buffer.getvalue()
