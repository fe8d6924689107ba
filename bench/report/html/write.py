"""The page: written whole, from every record or from those that were chosen."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from bench.errors import Fault, InputError
from bench.host.registry import known
from bench.report.html.document import document
from bench.report.html.model import blocks
from bench.report.selection import chosen
from bench.results.query import read_all
from bench.results.stored_networks import read_networks
from bench.support.files import writing
from bench.support.gc_paused import gc_paused

__all__ = ["PAGE", "write_page"]

PAGE = Path("results", "report.html")
"""Where the page lies in a working tree, where no other place is named."""


def write_page(
    root: Path,
    path: Path | None = None,
    *,
    hosts: Collection[str] | None = None,
    suites: Collection[str] | None = None,
    teams: Collection[str] | None = None,
    notice: Callable[[str], object] = lambda _text: None,
) -> Path:
    """Write the page of these hosts', suites' and teams' records to `path`, else to `PAGE` in `root`; gives where it
    lies.

    `notice` is told of each line that was passed over. Raises `InputError` where there are no records, none of a host,
    suite or team that is named, and where results can't be read or the file can't be written.
    """
    target = path or root / PAGE
    with gc_paused():
        read, found = read_all(root), known(root)
        for text in (*found.notices, *read.notices):
            notice(text)
        records = chosen(root, read, hosts, suites, teams)
        stored = read_networks(root, records)
        for text in stored.notices:
            notice(text)
        data = blocks(records, found.profiles, stored.networks)
        try:
            with writing(target, sync=False) as file:
                file.writelines(document("bench: results", data))
        except OSError as error:
            hint = "make room, or the folder writable, or name another file: bench report --html FILE"
            raise InputError(Fault(f"can't be written ({error.strerror or error})", hint, target)) from None
    return target
