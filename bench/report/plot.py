"""Figures of stored results, drawn into files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Fault, InputError, nearest
from bench.host.registry import known
from bench.report.core.plot_style import vector
from bench.report.figures import FIGURES, figures
from bench.report.selection import chosen
from bench.results.query import read_all
from bench.support.files import keep_within

__all__ = ["Drawn", "draw"]


@dataclass(frozen=True)
class Drawn:
    """The files that were written, those that couldn't be, and notices on results that were passed over."""

    paths: tuple[Path, ...]
    failures: tuple[OSError, ...]
    notices: tuple[str, ...]


def draw(
    root: Path,
    names: Collection[str] = (),
    *,
    hosts: Collection[str] | None = None,
    suites: Collection[str] | None = None,
    teams: Collection[str] | None = None,
    into: Path | None = None,
) -> Drawn:
    """Draw the figures of these `names` of `FIGURES` (all where there are none), each as a PNG and an SVG.

    They lie in `results/figures`, as the report's do, or in folders of the same names under `into`. Raises `InputError`
    where a name is unknown, there are no such results, and where no figure has anything to show.
    """
    if unknown := [name for name in names if name not in FIGURES]:
        raise InputError(*(Fault(f"no figure is called '{name}'", nearest(name, FIGURES)) for name in unknown))
    read, hosts_known = read_all(root), known(root)
    records = chosen(root, read, hosts, suites, teams)
    folder = root / "results"
    paths: list[Path] = []
    failures: list[OSError] = []
    for figure in figures(records, hosts_known.profiles):
        if names and figure.name not in names:
            continue
        place = figure.drawing.place
        path = folder / place if into is None else into / place.relative_to("figures")
        try:
            keep_within(path, folder if into is None else into)
            if figure.drawing.draw(path):
                paths += [path, vector(path)]
        except OSError as error:
            failures.append(error)
    if not paths and not failures:
        what = f"'{', '.join(names)}'" if names else "a figure"
        raise InputError(Fault(f"nothing in these results to draw {what} of", "`bench report` shows what there is"))
    return Drawn(tuple(paths), tuple(failures), (*hosts_known.notices, *read.notices))
