"""The report: written whole to `results/report.md`, and given as text to print."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.errors import Fault, InputError
from bench.host.registry import profiles
from bench.report.choice import chosen
from bench.report.markdown import escape, render
from bench.report.section import Section
from bench.report.sections import sections
from bench.report.style import vector
from bench.results.query import read_all, read_pairs

__all__ = ["Report", "write_report"]


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
) -> Report:
    """Write `<root>/results/report.md` and its figures from every record, and give the text for `hosts` and `suites`.

    The files always hold everything. Raises `InputError` where there are no records, none of a host or suite that is
    named, where results can't be read, and where the report can't be written.
    """
    everything, pairs = read_all(root), read_pairs(root)
    shown = chosen(root, everything, hosts, suites)
    known = profiles(root)
    text = "\n".join(render(section.table, section.level) for section in sections(shown, known, pairs.records))
    try:
        paths = _write(root / "results", sections(everything.records, known, pairs.records), figures)
    except OSError as error:
        path = error.filename or root / "results"
        raise InputError(
            Fault(f"the report can't be written ({error.strerror or error})", "make the folder writable", path)
        ) from error
    return Report(text, paths, (*everything.notices, *pairs.notices))


def _write(folder: Path, parts: Iterable[Section], figures: bool) -> tuple[Path, ...]:
    texts = ["# Results\n"]
    paths = []
    for part in parts:
        texts.append(render(part.table, part.level))
        drawing = part.drawing
        if figures and drawing is not None and drawing.draw(folder / drawing.place):
            texts.append(f"![{escape(part.table.title)}]({quote(str(drawing.place))})\n")
            paths += [folder / drawing.place, vector(folder / drawing.place)]
    report = folder / "report.md"
    report.write_text("\n".join(texts), encoding="utf-8")
    return (report, *paths)
