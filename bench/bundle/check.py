"""A bundle read and judged before anything of it is kept: is it whole, is it one team's, and is nothing else in it?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import from_json

from bench.bundle.archive import ArchiveError
from bench.bundle.form import MANIFEST, MOST_FILE_BYTES, MOST_MANIFEST_BYTES, MOST_UNPACKED_BYTES, Manifest, member
from bench.bundle.form import VERSION as KNOWN
from bench.bundle.found import Found
from bench.bundle.lines import journal_lines
from bench.results.team import is_team

__all__ = ["BundleError", "Checked", "checked_files", "manifest_of"]

_SHOWN = 3


class BundleError(Exception):
    """Why a bundle isn't taken, in words."""


@dataclass(frozen=True)
class Checked:
    """A file of a bundle that may be kept: its name there, its bytes, and how many records it holds."""

    name: str
    content: bytes
    records: int = 0


def manifest_of(found: Found) -> Manifest:
    """The manifest of a bundle that lists the very files that are there. Raises `BundleError`."""
    try:
        manifest = _parsed(found.read(MANIFEST, MOST_MANIFEST_BYTES))
    except ArchiveError as error:
        raise BundleError(str(error)) from None
    if manifest.team is None or not is_team(manifest.team):
        what = "it names no team" if manifest.team is None else f"its team can't be called '{manifest.team}'"
        raise BundleError(f"{what}: `bench init --team 07`, then `bench pack` again")
    _check_names(found, manifest)
    if (total := sum(one.bytes for one in manifest.files.values())) > MOST_UNPACKED_BYTES:
        raise BundleError(f"it holds {total / 2**20:,.0f} MiB, more than {MOST_UNPACKED_BYTES >> 20:,}")
    return manifest


def _parsed(content: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        try:
            version = from_json(content)["version"]
        except (ValueError, KeyError, TypeError):
            version = None
        if isinstance(version, int) and version > KNOWN:
            raise BundleError("it was packed by a newer version of bench: update this one") from None
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise BundleError(f"{MANIFEST}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _check_names(found: Found, manifest: Manifest) -> None:
    there, listed = set(found.names), set(manifest.files)
    if there != listed:
        more, missing = sorted(there - listed), sorted(listed - there)
        told = [f"{_named(more)} not in its manifest"] if more else []
        told += [f"{_named(missing)} missing"] if missing else []
        raise BundleError("; ".join(told))
    if len({name.casefold() for name in listed}) < len(listed):
        raise BundleError("two of its files differ in nothing but upper and lower case")
    for name in listed:
        of = member(name)
        if of is None:
            raise BundleError(f"{name!r} is nothing that `bench pack` puts there")
        if of.team not in (None, manifest.team):
            raise BundleError(f"it has two owners: it is team {manifest.team}'s, and {name} is team {of.team}'s")


def checked_files(found: Found, manifest: Manifest) -> Iterator[Checked]:
    """Each file, once it is known to be what the manifest says, and its records the team's. Raises `BundleError`."""
    for name, entry in sorted(manifest.files.items()):
        try:
            content = found.read(name, min(MOST_FILE_BYTES, entry.bytes))
        except ArchiveError as error:
            raise BundleError(str(error)) from None
        if len(content) != entry.bytes or hashlib.sha256(content).hexdigest() != entry.sha256:
            raise BundleError(f"{name} isn't the file that was packed: its digest differs")
        yield Checked(name, content, _records(name, content, str(manifest.team)))


def _records(name: str, content: bytes, team: str) -> int:
    """How many records a journal holds. Raises `BundleError` where one isn't its own."""
    of = member(name)
    if of is None or of.kind not in ("records", "pairs", "calibration"):
        return 0
    count = 0
    for number, odd in journal_lines(content, of, team):
        where = f"{name}:{number}"
        if odd is None:
            count += of.kind == "records"
        elif odd.what == "team":
            raise BundleError(f"it has two owners: it is team {team}'s, and {where} is team {odd.name!r}'s")
        elif odd.what == "host":
            raise BundleError(f"{where}: this record is of host {odd.name!r}, not of {of.host}")
        else:
            raise BundleError(f"{where}: this line is no record")
    return count


def _named(names: list[str]) -> str:
    shown = ", ".join(repr(name[:80]) for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown}{f' and {more} more' if more > 0 else ''} {'are' if len(names) > 1 else 'is'}"
