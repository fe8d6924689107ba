"""Tables of results in documents: what stands between two marks is made of records, and made anew on request.

    <!-- bench report handout -->
    <!-- end of bench report -->

The first mark names the tables, with `--suite`, `--host` and `--level` as choices: see `Block`. Marks in fenced code,
or not at the start of a line, are examples and left alone.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final

from bench.errors import Fault, InputError, nearest
from bench.report.core.section import NAMES

__all__ = ["END", "HOSTS", "Block", "blocks", "refreshed"]

END: Final = "<!-- end of bench report -->"

HOSTS: Final = "hosts"
"""The tables of `bench hosts`, which are of no suite."""

_BEGIN = re.compile(r"<!-- bench report\b(.*)-->\s*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LEVELS = range(1, 7)


@dataclass(frozen=True)
class Block:
    """One pair of marks, the first in `line` and the last in `end` (1-based): tables of that name, of these suites and
    hosts (all where there are none), under headings of that level."""

    line: int
    end: int
    name: str
    suites: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    level: int = 3


def blocks(text: str, path: Path) -> tuple[Block, ...]:
    """The blocks of a document. Raises `InputError` with every mark of it that can't be read, or has no other."""
    found, faults = [], []
    begun: tuple[int, str] | None = None
    for line, mark in _marks(text):
        if mark is None and begun is None:
            faults.append(Fault("an end without a beginning", "'<!-- bench report handout -->' begins one", path, line))
        elif mark is None and begun is not None:
            try:
                found.append(_block(begun[1], begun[0], line, path))
            except InputError as error:
                faults += error.faults
            begun = None
        elif begun is not None:
            faults.append(_unended(path, begun[0]))
        if mark is not None:
            begun = line, mark
    if begun is not None:
        faults.append(_unended(path, begun[0]))
    if faults:
        raise InputError(*faults)
    return tuple(found)


def refreshed(text: str, made: Mapping[Block, str]) -> str:
    """The document with what was `made` for each of its blocks, a Markdown text, between its marks."""
    lines = text.splitlines(keepends=True)
    for block in sorted(made, key=lambda block: -block.line):
        lines[block.line : block.end - 1] = ["\n", made[block].strip("\n") + "\n", "\n"]
    return "".join(lines)


def _marks(text: str) -> Iterator[tuple[int, str | None]]:
    """Line, and what a mark that begins a block says; None for one that ends it."""
    fence = ""
    for line, content in enumerate(text.splitlines(), 1):
        if opened := _FENCE.match(content):
            kind = opened[1]
            if not fence:
                fence = kind
            elif kind.startswith(fence) and not content.strip(" `~"):
                fence = ""
        elif not fence and content.rstrip() == END:
            yield line, None
        elif not fence and (begun := _BEGIN.match(content)):
            yield line, begun[1]


def _unended(path: Path, line: int) -> Fault:
    return Fault("a block that doesn't end", f"'{END}' ends it", path, line)


def _block(mark: str, line: int, end: int, path: Path) -> Block:
    def wrong(what: str, hint: str | None = None) -> InputError:
        return InputError(Fault(what, hint, path, line))

    try:
        words = shlex.split(mark)
    except ValueError as error:
        raise wrong(f"a mark that can't be read ({error})") from None
    known = (*NAMES, HOSTS)
    if not words:
        raise wrong("a mark without a name", f"one of {', '.join(known)}")
    name, *rest = words
    if name not in known:
        raise wrong(f"no tables are called '{name}'", nearest(name, known))
    given: dict[str, list[str]] = {"--suite": [], "--host": [], "--level": []}
    for option, value in zip_longest(rest[::2], rest[1::2]):
        if option not in given:
            raise wrong(f"a mark has no '{option}'", nearest(option, given))
        if value is None:
            raise wrong(f"'{option}' without a value")
        given[option].append(value)
    if name == HOSTS and (given["--suite"] or given["--host"]):
        raise wrong(f"'{HOSTS}' are the tables of all hosts and suites", "a mark without --suite and --host")
    level = (given["--level"] or ["3"])[-1]
    if level not in map(str, _LEVELS):
        raise wrong(f"'--level {level}': a heading has a level from {_LEVELS[0]} to {_LEVELS[-1]}")
    return Block(line, end, name, tuple(given["--suite"]), tuple(given["--host"]), int(level))
