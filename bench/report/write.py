"""The report: written whole to `results/report.md`, and given as text to print."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.host.registry import known
from bench.report.core.markdown import escape, render
from bench.report.core.plot_style import vector
from bench.report.core.section import Drawing, Section
from bench.report.sections import sections
from bench.report.selection import chosen
from bench.results.query import read_all, read_pairs
from bench.support.files import keep_within, write_whole

__all__ = ["NotWrittenError", "Report", "write_report"]


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
    figures: bool = True,
    show: Callable[[str, tuple[str, ...]], object] = lambda _text, _notices: None,
) -> Report:
    """Write `<root>/results/report.md` and its figures from every record, and give the text for `hosts` and `suites`.

    The files always hold everything. `show` is given the text and the notices before anything is written: a full disk
    costs the files alone. Raises `InputError` where there are no records, none of a host or suite that is named, and
    where results can't be read; and, once all that can be written is, `NotWrittenError` where a file can't be.
    """
    everything, pairs = read_all(root), read_pairs(root)
    shown = chosen(root, everything, hosts, suites)
    found = known(root)
    notices = (*found.notices, *everything.notices, *pairs.notices)
    text = "\n".join(render(section.table, section.level) for section in sections(shown, found.profiles, pairs.records))
    show(text, notices)
    paths = _write(root / "results", sections(everything.records, found.profiles, pairs.records), figures)
    return Report(text, paths, notices)


def _write(folder: Path, parts: Iterable[Section], figures: bool) -> tuple[Path, ...]:
    texts = ["# Results\n"]
    paths = []
    failures: list[OSError] = []
    for part in parts:
        texts.append(render(part.table, part.level))
        drawing = part.drawing
        try:
            drawn = figures and drawing is not None and _draw(drawing, folder)
        except OSError as error:
            failures.append(error)
            continue
        if drawn and drawing is not None:
            texts.append(f"![{escape(part.table.title)}]({quote(str(drawing.place))})\n")
            paths += [folder / drawing.place, vector(folder / drawing.place)]
    report = folder / "report.md"
    try:
        write_whole(report, "\n".join(texts), sync=False)
    except OSError as error:
        failures.insert(0, error)
    if failures:
        raise NotWrittenError(failures)
    return (report, *paths)


def _draw(drawing: Drawing, folder: Path) -> bool:
    path = folder / drawing.place
    keep_within(path, folder)
    return drawing.draw(path)
