"""All figures that can be drawn of results, by name: those of the report, and those that a page shows beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from bench.analyse.stats.spread import UNMEASURED, spreads
from bench.host.profile import HostProfile
from bench.report.core.section import Drawing, figures_of
from bench.report.hosts.side_by_side_plot import draw_side_by_side
from bench.report.sections import sections
from bench.report.suite.bottleneck_plot import draw_bottlenecks
from bench.report.suite.history_plot import draw_history
from bench.report.suite.roofline_plot import draw_roofline
from bench.results.query import by_suite, latest
from bench.results.record import Record
from bench.results.safe_paths import plain

__all__ = ["FIGURES", "Figure", "figures"]

_OF_SECTIONS: Final = {
    "suite": "speedup",
    "scaling": "scaling",
    "training": "tradeoff",
    "effects": "effects",
    "curves": "curves",
}

FIGURES: Final = {
    "speedup": "how many times as fast as the baseline each variant is, with intervals",
    "hosts": "step times of the cells that several machines have, published ones among them",
    "scaling": "what several devices gain over one, beside the laws fitted to that",
    "bottleneck": "what each step's time is spent on, of cells measured with --attribute",
    "roofline": "each host's roofs, measured and of its datasheet, and its cells below them",
    "history": "each cell's step time over the runs that measured it",
    "tradeoff": "accuracy against training time, parameters and memory",
    "effects": "what each training setting does to accuracy",
    "curves": "loss and accuracy of each trained cell, by epoch",
}
"""What each name stands for."""


@dataclass(frozen=True)
class Figure:
    """One figure under its name of `FIGURES`."""

    name: str
    drawing: Drawing


def figures(records: Sequence[Record], profiles: Sequence[HostProfile]) -> Iterator[Figure]:
    """Every figure of all these records, in the order of `FIGURES`; whether there is something to draw is known only
    when it is drawn. `profiles` are those of the records' hosts and of references."""
    found = [*_of_sections(records, profiles), *_others(records, profiles)]
    yield from sorted(found, key=lambda figure: list(FIGURES).index(figure.name))


def _of_sections(records: Sequence[Record], profiles: Sequence[HostProfile]) -> Iterator[Figure]:
    for section in sections(records, profiles):
        if section.drawing is not None:
            yield Figure(_OF_SECTIONS[section.name], section.drawing)


def _others(records: Sequence[Record], profiles: Sequence[HostProfile]) -> Iterator[Figure]:
    known, newest, folder = spreads(profiles), latest(records), PurePosixPath("figures")
    labels = {profile.id: profile.label for profile in profiles}
    side_by_side = partial(draw_side_by_side, newest, profiles)
    yield Figure("hosts", Drawing(folder / "hosts-side-by-side.png", side_by_side))
    for profile in profiles:
        drawing = Drawing(folder / plain(profile.id) / "roofline.png", partial(draw_roofline, newest, profile))
        yield Figure("roofline", drawing)
    every = by_suite(records)
    for key, group in by_suite(newest).items():
        host, suite, _ = key
        label, place = labels.get(host, host), figures_of(key)
        bottleneck = partial(draw_bottlenecks, group, label, spread=known.get(host, UNMEASURED))
        yield Figure("bottleneck", Drawing(place / f"{plain(suite)}-bottleneck.png", bottleneck))
        history = partial(draw_history, every[key], label)
        yield Figure("history", Drawing(place / f"{plain(suite)}-history.png", history))
