"""What Python finds installed: packages, their versions, and what they ask of each other."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution as Metadata
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

__all__ = [
    "BENCH",
    "FAMILIES",
    "Distribution",
    "Wish",
    "everything",
    "first_of_each",
    "provider",
    "together",
    "wishes",
]

BENCH: Final = "bench-harness"
"""What this package is called where it is installed."""

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "tensorflow": (
        "tensorflow",
        "tensorflow-cpu",
        "tf-nightly",
        "tf-nightly-cpu",
        "tensorflow-gpu",
        "tensorflow-rocm",
        "intel-tensorflow",
    ),
    "keras": ("keras", "keras-nightly"),
    "tf-keras": ("tf-keras", "tf-keras-nightly"),
}
"""Packages that bring the same modules: each stands in for the first, and two of them overwrite each other's files."""

_WHEEL_TAG = "Tag: "


@dataclass(frozen=True)
class Distribution:
    """An installed package as its metadata has it, `name` in its canonical spelling.

    `folder` is where its modules lie, `tags` are the interpreters and systems that its wheel was built for.
    """

    name: str
    version: str
    folder: Path
    requires: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class Wish:
    """What the package `by` asks of another. `found` is what is there, None where nothing is."""

    name: str
    specifier: SpecifierSet
    by: Distribution
    found: Distribution | None

    @property
    def met(self) -> bool:
        """Is it there, in a version that will do? A version that can't be read will."""
        if self.found is None:
            return False
        try:
            return self.specifier.contains(self.found.version, prereleases=True)
        except InvalidVersion:
            return True


def everything(path: Sequence[str] | None = None) -> tuple[Distribution, ...]:
    """Every package found on `path` (None: Python's own), in its order: of equal names the first is imported.

    What a broken installation left without a name or a version is left out.
    """
    folders = dict.fromkeys(Path(entry).absolute() for entry in (sys.path if path is None else path))
    return tuple(found for folder in folders for found in _in_folder(folder))


def first_of_each(found: Iterable[Distribution]) -> dict[str, Distribution]:
    """Those that are imported, by name."""
    first: dict[str, Distribution] = {}
    for one in found:
        first.setdefault(one.name, one)
    return first


def provider(name: str, installed: Mapping[str, Distribution]) -> Distribution | None:
    """The package that brings what `name` would: itself, or one of its family."""
    return next((installed[one] for one in FAMILIES.get(name, (name,)) if one in installed), None)


def wishes(installed: Mapping[str, Distribution], roots: Iterable[str]) -> tuple[Wish, ...]:
    """All that `roots`, and what they need, ask of others under this Python and system, as `pip check` reads it."""
    found: dict[tuple[str, str, str], Wish] = {}
    waiting = [(installed[root], frozenset({""})) for root in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        by, extras = waiting.pop(0)
        if (by.name, extras) in seen:
            continue
        seen.add((by.name, extras))
        for asked in _asked(by, extras):
            name = canonicalize_name(asked.name)
            there = provider(name, installed)
            found.setdefault((by.name, name, str(asked.specifier)), Wish(name, asked.specifier, by, there))
            if there is not None:
                waiting.append((there, frozenset({"", *asked.extras})))
    return tuple(found.values())


def together(specifiers: Iterable[SpecifierSet]) -> SpecifierSet | None:
    """What suits all of them, in as few words as that takes; None where no version could.

    Which is tried with the versions that they name, and one just above and just below each.

    >>> str(together([SpecifierSet(">=1.2,<3"), SpecifierSet(">=2")]))
    '<3,>=2'
    """
    parts = {part for specifier in specifiers for part in specifier}
    for operator, tightest in ((">=", max), ("<", min)):
        alike = [part for part in parts if part.operator == operator]
        parts -= {*alike} - {tightest(alike, key=lambda part: Version(part.version))} if alike else set()
    joined = SpecifierSet(",".join(map(str, parts)))
    named = {part.version.removesuffix(".*") for part in parts}
    tried = [text for one in named for text in (one, f"{one}.0.0.1", f"{one}.dev0")]
    return joined if not named or any(joined.contains(one, prereleases=True) for one in tried) else None


def _asked(by: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for text in by.requires:
        with contextlib.suppress(InvalidRequirement):
            asked = Requirement(text)
            if asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in extras):
                yield asked


def _in_folder(folder: Path) -> Iterator[Distribution]:
    try:
        names = sorted(one.name for one in folder.iterdir() if one.suffix in (".dist-info", ".egg-info"))
    except OSError:
        return
    for name in names:
        if not name.startswith("~"):  # what pip was about to remove when it was interrupted
            with contextlib.suppress(OSError, KeyError, ValueError):
                yield from _read(folder, folder / name)


def _read(folder: Path, info: Path) -> Iterator[Distribution]:
    metadata = Metadata.at(info)
    name, version = metadata.metadata["Name"], metadata.metadata["Version"]
    if name and version:
        wheel = (metadata.read_text("WHEEL") or "").splitlines()
        tags = tuple(line.removeprefix(_WHEEL_TAG).strip() for line in wheel if line.startswith(_WHEEL_TAG))
        yield Distribution(canonicalize_name(name), version, folder, tuple(metadata.requires or ()), tags)
