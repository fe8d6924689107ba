"""What a report holds, in its order: tables, each with the figure that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path, PurePosixPath

from bench.analyse.expectation.handout import handout
from bench.analyse.options.summary import gains
from bench.analyse.scaling.curves import scaling_curves
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.spread import UNMEASURED, Spread, spreads
from bench.host.profile import HostProfile
from bench.report.core.section import Drawing, Section, figures_of
from bench.report.drawn import inputs_of
from bench.report.handout.table import handout_tables
from bench.report.options.break_even_table import break_even_table
from bench.report.options.interleaved_table import turns_table
from bench.report.options.table import option_table
from bench.report.suite.bottleneck_table import attribution_table
from bench.report.suite.devices_table import devices_table
from bench.report.suite.efficiency_table import efficiency_table
from bench.report.suite.scaling_plot import draw_scaling
from bench.report.suite.scaling_table import scaling_table
from bench.report.suite.speedup_plot import draw_speedups
from bench.report.suite.table import suite_table
from bench.report.training.sections import TrainingSections
from bench.results.pair import Pair
from bench.results.query import Group, by_suite, latest
from bench.results.record import Record
from bench.results.safe_paths import plain

__all__ = ["sections"]


def sections(
    records: Sequence[Record], profiles: Sequence[HostProfile], pairs: Sequence[Pair] = ()
) -> tuple[Section, ...]:
    """The handout's tables, then each suite on each host, of each team: its table, what was trained, what else is known
    of it, and the curves of its cells; of the newest records.

    `pairs` are the cells measured interleaved, on whatever host.
    """
    newest = latest(records)
    labels = {profile.id: profile.label for profile in profiles}
    known = spreads(profiles)
    standings = Standings(newest, known)
    hardware = {profile.id: profile.hardware for profile in profiles}
    by_id = {profile.id: profile for profile in profiles}
    found = [
        Section(name, table, level)
        for (name, level), table in zip(
            (("handout", 2), ("published", 3), ("expected", 3)),
            handout_tables(handout(profiles, newest), profiles),
            strict=False,
        )
    ]
    for key, group in by_suite(newest).items():
        host, suite, _ = key
        label, spread = labels.get(host, host), known.get(host, UNMEASURED)
        place = figures_of(key) / f"{plain(suite)}-speedup.png"
        speedups = Drawing(place, _speedups(group, label, spread))
        part = [Section("suite", suite_table(group, label, spread, standings), 2, speedups)]
        trained = TrainingSections(group, label, spread)
        part += trained.whole
        if (efficient := efficiency_table(group, label, by_id.get(host))) is not None:
            part.append(Section("efficiency", efficient, 3, detail=True))
        if (held_back := attribution_table(group, label, hardware.get(host), newest, standings, spread)) is not None:
            part.append(Section("bottleneck", held_back, 3))
        part += _scaling(group, label, standings, figures_of(key) / f"{plain(suite)}-scaling.png")
        given = gains(group, pairs, standings)
        asked = turns_table(pair for pair in pairs if (pair.host, pair.suite, pair.team) == key)
        told = {
            "options": option_table(given),
            "break-even": break_even_table(given.break_evens),
            "interleaved": asked,
        }
        part += [Section(name, table, 3, detail=True) for name, table in told.items() if table]
        part += trained.curves
        inputs = cache(partial(inputs_of, group, label, spread))
        found += [_of_group(section, key, inputs) for section in part]
    return tuple(found)


def _of_group(section: Section, group: Group, inputs: Callable[[], str]) -> Section:
    drawing = section.drawing and replace(section.drawing, inputs=inputs)
    return replace(section, group=group, drawing=drawing)


def _scaling(group: Sequence[Record], label: str, standings: Standings, place: PurePosixPath) -> Iterator[Section]:
    """What several devices gain, where cells share a step among some."""
    curves = scaling_curves(group, standings)
    if (table := scaling_table(curves, label)) is not None:
        yield Section("scaling", table, 3, Drawing(place, partial(draw_scaling, curves, label)))
    if (devices := devices_table(group, label)) is not None:
        yield Section("devices", devices, 3, detail=True)


def _speedups(group: Sequence[Record], host: str, spread: Spread) -> Callable[[Path], bool]:
    return lambda path: draw_speedups(group, host, path, spread)
