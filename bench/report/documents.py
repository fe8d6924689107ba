"""Documents whose tables are made anew of all records: see `bench.report.blocks`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from bench.errors import Fault, InputError, gathered
from bench.host.registry import Known, known
from bench.report.blocks import END, HOSTS, Block, blocks, refreshed
from bench.report.core.markdown import render
from bench.report.core.section import Section
from bench.report.core.table import Table
from bench.report.hosts.facts import host_facts
from bench.report.hosts.table import hosts_tables
from bench.report.sections import sections
from bench.report.selection import chosen
from bench.results.pair import Pair
from bench.results.query import read_all, read_pairs
from bench.results.reading import Read
from bench.results.record import Record
from bench.support.files import read_regular, write_whole

__all__ = ["Refreshed", "documents_of", "refresh"]

_LARGEST = 4 << 20


@dataclass(frozen=True)
class Refreshed:
    """The documents that have blocks, of these the ones that were written anew, and notices on results that were passed
    over."""

    documents: tuple[Path, ...]
    written: tuple[Path, ...]
    notices: tuple[str, ...]


def documents_of(root: Path) -> tuple[Path, ...]:
    """The Markdown files of a tree in which tables may stand: those at its top, and all in `docs/`."""
    return (*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md")))


def refresh(root: Path, documents: Sequence[Path]) -> Refreshed:
    """Make the tables of these documents anew, of the results under `root`; a document that stays as it is isn't
    written.

    Raises `InputError` with all faults of all documents, where none has a block, and where there are no results of what
    a block names; nothing is written then. Raises `OSError` where one can't be written.
    """
    texts = dict(zip(documents, gathered(partial(_text, path) for path in documents), strict=True))
    found = gathered(partial(blocks, text, path) for path, text in texts.items())
    of_path = {path: every for path, every in zip(texts, found, strict=True) if every}
    if not of_path:
        places = ", ".join(map(str, documents)) or f"{root}: no Markdown file there or in docs"
        hint = f"'<!-- bench report handout -->' and '{END}', each on a line of its own, say where one stands"
        raise InputError(Fault(f"no table to refresh in {places}", hint))
    made = _Made(root, known(root), read_all(root), read_pairs(root))
    wanted = [(path, block) for path, every in of_path.items() for block in every]
    tables = dict(zip(wanted, gathered(partial(made.text, *one) for one in wanted), strict=True))
    anew = {
        path: refreshed(texts[path], {block: tables[path, block] for block in every}) for path, every in of_path.items()
    }
    changed = {path: text for path, text in anew.items() if text != texts[path]}
    for path, text in changed.items():
        write_whole(path.resolve(), text)
    return Refreshed(tuple(of_path), tuple(changed), made.notices)


def _text(path: Path) -> str:
    try:
        return read_regular(path, _LARGEST, follow=True).decode()
    except OSError as error:
        raise InputError(Fault(f"it can't be read ({error.strerror or error})", None, path)) from None
    except UnicodeDecodeError:
        raise InputError(Fault("it is no text in UTF-8", None, path)) from None


@dataclass(frozen=True)
class _Made:
    """What is made of all results."""

    root: Path
    hosts: Known
    read: Read[Record]
    pairs: Read[Pair]

    @property
    def notices(self) -> tuple[str, ...]:
        return (*self.hosts.notices, *self.read.notices, *self.pairs.notices)

    def text(self, path: Path, block: Block) -> str:
        """The block's tables; raises `InputError` where there are none, with the line of its mark."""
        try:
            tables = self._tables(block)
        except InputError as error:
            faults = (Fault(fault.what, fault.hint, path, block.line) for fault in error.faults)
            raise InputError(*faults) from None
        if not tables:
            have = ", ".join(dict.fromkeys(section.name for section in self._sections)) or "nothing"
            raise InputError(Fault(f"these results give no '{block.name}'", f"they give {have}", path, block.line))
        return "\n".join(render(table, block.level) for table in tables)

    def _tables(self, block: Block) -> Sequence[Table]:
        if block.name == HOSTS:
            return hosts_tables(host_facts(self.hosts.profiles, self.read.records))
        shown = self._of(block) if block.suites or block.hosts else self._sections
        return [section.table for section in shown if section.name == block.name]

    def _of(self, block: Block) -> tuple[Section, ...]:
        records = chosen(self.root, self.read, block.hosts, block.suites)
        return sections(records, self.hosts.profiles, self.pairs.records)

    @cached_property
    def _sections(self) -> tuple[Section, ...]:
        chosen(self.root, self.read, None, None)
        return sections(self.read.records, self.hosts.profiles, self.pairs.records)
