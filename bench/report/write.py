"""The report: written whole to `results/report.md`, and given as text to print."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.errors import Fault, InputError, nearest
from bench.host.registry import profiles
from bench.report.markdown import escape, render
from bench.report.sections import Section, sections
from bench.results.query import read_all
from bench.results.reading import Read
from bench.results.record import Record

__all__ = ["Report", "chosen", "write_report"]


@dataclass(frozen=True)
class Report:
    """Markdown `text` to print, the files that were written, and notices on lines of results that were passed over."""

    text: str
    paths: tuple[Path, ...]
    notices: tuple[str, ...]


def write_report(
    root: Path,
    *,
    hosts: Collection[str] | None = None,
    suites: Collection[str] | None = None,
    figures: bool = True,
) -> Report:
    """Write `<root>/results/report.md` and its figures from every record, and give the text for `hosts` and `suites`.

    The files always hold everything. Raises `InputError` where there are no records, none of a host or suite that is
    named, where results can't be read, and where the report can't be written.
    """
    everything = read_all(root)
    shown = chosen(root, everything, hosts, suites)
    known = profiles(root)
    text = "\n".join(render(section.table, section.level) for section in sections(shown, known))
    try:
        paths = _write(root / "results", sections(everything.records, known), figures)
    except OSError as error:
        path = error.filename or root / "results"
        raise InputError(
            Fault(f"the report can't be written ({error.strerror or error})", "make the folder writable", path)
        ) from error
    return Report(text, paths, everything.notices)


def chosen(root: Path, read: Read, hosts: Collection[str] | None, suites: Collection[str] | None) -> tuple[Record, ...]:
    """The records of these hosts and suites; raises `InputError` where there are none."""
    if not read.records:
        raise InputError(
            Fault(
                "no results yet", "`bench run suites/cnn.yaml` measures some, or name another --root", root / "results"
            ),
            *(Fault(notice) for notice in read.notices),
        )
    faults = [
        *_unknown("host", hosts, (record.host for record in read.records)),
        *_unknown("suite", suites, (record.suite for record in read.records)),
    ]
    if faults:
        raise InputError(*faults)
    records = tuple(
        record
        for record in read.records
        if (not hosts or record.host in hosts) and (not suites or record.suite in suites)
    )
    if not records:
        raise InputError(Fault("none of the suites named was measured on the hosts named", "`bench report` shows all"))
    return records


def _unknown(what: str, wanted: Collection[str] | None, known: Iterable[str]) -> list[Fault]:
    names = list(dict.fromkeys(known))
    return [
        Fault(f"no results of the {what} '{name}'", nearest(name, names)) for name in wanted or () if name not in names
    ]


def _write(folder: Path, parts: Iterable[Section], figures: bool) -> tuple[Path, ...]:
    texts = ["# Results\n"]
    paths = []
    for part in parts:
        texts.append(render(part.table, part.level))
        drawing = part.drawing
        if figures and drawing is not None and drawing.draw(folder / drawing.place):
            texts.append(f"![{escape(part.table.title)}]({quote(str(drawing.place))})\n")
            paths.append(folder / drawing.place)
    report = folder / "report.md"
    report.write_text("\n".join(texts), encoding="utf-8")
    return (report, *paths)
