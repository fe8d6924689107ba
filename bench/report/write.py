"""The report: written to `results/report.md` in short and to `results/report-full.md` whole, and given as text to
print."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from urllib.parse import quote

from bench.host.registry import known
from bench.report.core.markdown import escape, render
from bench.report.core.plot_style import vector
from bench.report.core.section import Drawing, Section
from bench.report.core.table import Table
from bench.report.drawn import DrawnFigures
from bench.report.sections import sections
from bench.report.selection import chosen
from bench.report.short import short
from bench.results.index.newest import read_newest
from bench.results.query import read_pairs
from bench.support.files import write_whole
from bench.support.gc_paused import gc_paused
from bench.support.side_by_side import side_by_side

__all__ = ["FULL_NAME", "NAME", "NotWrittenError", "Report", "write_report"]

NAME = "report.md"
FULL_NAME = "report-full.md"
WHERE = f"results/{FULL_NAME}, or bench report --full"


class NotWrittenError(OSError):
    """Files of a report that could not be written; the others are, and what was shown holds."""

    def __init__(self, failures: Sequence[OSError]) -> None:
        first = failures[0]
        more = f", nor can {len(failures) - 1} more of the report's files" if len(failures) > 1 else ""
        what = f"{first.filename} can't be written ({first.strerror or first}){more}"
        hint = "what was printed holds: make room, or the folder writable, and `bench report` writes them"
        super().__init__(first.errno, f"{what}; {hint}", first.filename)

    def __str__(self) -> str:
        return str(self.strerror)


@dataclass(frozen=True)
class Report:
    """Markdown `text` to print, the files that were written, and notices on lines of results that were passed over.

    Each figure is two of the files, a PNG, which the report shows, and an SVG.
    """

    text: str
    paths: tuple[Path, ...]
    notices: tuple[str, ...]

    @property
    def figures(self) -> int:
        """How many were drawn."""
        return sum(path.suffix == ".png" for path in self.paths)


def write_report(
    root: Path,
    *,
    hosts: Collection[str] | None = None,
    suites: Collection[str] | None = None,
    teams: Collection[str] | None = None,
    full: bool = False,
    figures: bool = True,
    show: Callable[[str, tuple[str, ...]], object] = lambda _text, _notices: None,
) -> Report:
    """Write `<root>/results/report.md`, `report-full.md` and their figures from every record, and give the text for
    `hosts`, `suites` and `teams`, in short or in `full`.

    The files always hold every host, suite and team. `show` is given the text and the notices before anything is
    written: a full disk costs the files alone. Raises `InputError` where there are no records, none of a host or suite
    that is named, and where results can't be read; and, once all that can be written is, `NotWrittenError` where a file
    can't be.
    """
    with gc_paused():
        everything, pairs = read_newest(root), read_pairs(root)
        shown = chosen(root, everything, hosts, suites, teams)
        found = known(root)
        asked = sections(shown, found.profiles, pairs.records)
    notices = (*found.notices, *everything.notices, *pairs.notices)
    rendered = cache(render)  # most tables stand in what is printed and in both files
    brief = short(asked, WHERE)
    text = "\n".join(rendered(section.table, section.level) for section in (asked if full else brief))
    show(text, notices)
    if shown != everything.records:
        asked = sections(everything.records, found.profiles, pairs.records)
        brief = short(asked, WHERE)
    return Report(text, _write(root / "results", brief, asked, figures, rendered), notices)


Rendered = Callable[[Table, int], str]


def _write(
    folder: Path, brief: Sequence[Section], parts: Sequence[Section], figures: bool, rendered: Rendered
) -> tuple[Path, ...]:
    failures: list[OSError] = []
    drawn = _draw(folder, parts, failures) if figures else []
    paths = [path for one in drawn for path in (folder / one.place, vector(folder / one.place))]
    reports: list[Path] = []
    for name, shown in ((NAME, brief), (FULL_NAME, parts)):
        tables = side_by_side(partial(_table, shown, rendered), range(len(shown)))
        texts = (_shown(section, table, drawn) for section, table in zip(shown, tables, strict=True))
        text = "\n".join(["# Results\n", *texts])
        try:
            write_whole(folder / name, text, sync=False)
        except OSError as error:
            failures.insert(len(reports), error)
        reports.append(folder / name)
    if failures:
        raise NotWrittenError(failures)
    return (*reports, *paths)


def _table(sections: Sequence[Section], rendered: Rendered, place: int) -> str:
    return rendered(sections[place].table, sections[place].level)


def _shown(section: Section, table: str, drawn: Sequence[Drawing]) -> str:
    drawing = section.drawing
    if drawing is None or drawing not in drawn:
        return table
    return f"{table}\n![{escape(section.table.title)}]({quote(str(drawing.place))})\n"


def _draw(folder: Path, parts: Iterable[Section], failures: list[OSError]) -> list[Drawing]:
    """The figures that are there in the end; those that can't be written are among the failures."""
    figures, found = DrawnFigures(folder), []
    for drawing in (section.drawing for section in parts):
        try:
            if drawing is not None and figures.draw(drawing):
                found.append(drawing)
        except OSError as error:
            failures.append(error)
    figures.keep()
    return found
