"""What a report holds, in its order: tables, each with the figure that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path, PurePosixPath

from bench.analyse.expectation.handout import handout
from bench.analyse.options.summary import gains
from bench.analyse.scaling.curves import scaling_curves
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.spread import UNMEASURED, Spread, spread_of, spreads
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
from bench.support.side_by_side import side_by_side

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
    by_id = {profile.id: profile for profile in profiles}
    found = [
        Section(name, table, level)
        for (name, level), table in zip(
            (("handout", 2), ("published", 3), ("expected", 3)),
            handout_tables(handout(profiles, newest), profiles),
            strict=False,
        )
    ]
    groups = by_suite(newest)
    ours: dict[Group, list[Pair]] = {}
    for pair in pairs:
        ours.setdefault(Group(pair.host, pair.suite, pair.team), []).append(pair)

    def of_group(key: Group) -> list[Section]:
        return list(_of_group(key, groups[key], newest, by_id.get(key.host), standings, ours.get(key, ())))

    def told(key: Group) -> list[Section]:
        # what draws holds the records, which aren't to travel
        return [_without_drawing(section) for section in of_group(key)]

    for key, parts in zip(groups, side_by_side(told, groups), strict=True):
        spread = known.get(key.host, UNMEASURED)
        drawings = cache(partial(_drawings, of_group, key))
        inputs = cache(partial(inputs_of, groups[key], labels.get(key.host, key.host), spread))
        found += [_drawn_later(section, drawings, inputs) for section in parts]
    return tuple(found)


def _of_group(
    key: Group,
    group: Sequence[Record],
    newest: Sequence[Record],
    profile: HostProfile | None,
    standings: Standings,
    pairs: Sequence[Pair],
) -> Iterator[Section]:
    """Of one suite on one host, of one team."""
    label = profile.label if profile is not None else key.host
    hardware, spread = (profile.hardware, spread_of(profile)) if profile is not None else (None, UNMEASURED)
    place = figures_of(key) / f"{plain(key.suite)}-speedup.png"
    speedups = Drawing(place, _speedups(group, label, spread))
    part = [Section("suite", suite_table(group, label, spread, standings), 2, speedups)]
    trained = TrainingSections(group, label, spread)
    part += trained.whole
    if (efficient := efficiency_table(group, label, profile)) is not None:
        part.append(Section("efficiency", efficient, 3, detail=True))
    if (held_back := attribution_table(group, label, hardware, newest, standings, spread)) is not None:
        part.append(Section("bottleneck", held_back, 3))
    part += _scaling(group, label, standings, figures_of(key) / f"{plain(key.suite)}-scaling.png")
    given = gains(group, pairs, standings)
    told = {
        "options": option_table(given),
        "break-even": break_even_table(given.break_evens),
        "interleaved": turns_table(pairs),
    }
    part += [Section(name, table, 3, detail=True) for name, table in told.items() if table]
    part += trained.curves
    return (replace(section, group=key) for section in part)


def _without_drawing(section: Section) -> Section:
    return replace(section, drawing=section.drawing and Drawing(section.drawing.place, _never))


def _never(_: Path) -> bool:
    return False


def _drawings(of_group: Callable[[Group], Iterable[Section]], key: Group) -> Mapping[PurePosixPath, Drawing]:
    return {section.drawing.place: section.drawing for section in of_group(key) if section.drawing is not None}


def _drawn_later(
    section: Section, drawings: Callable[[], Mapping[PurePosixPath, Drawing]], inputs: Callable[[], str]
) -> Section:
    """The section, whose figure is worked out where it is wanted."""
    if section.drawing is None:
        return section
    place = section.drawing.place
    return replace(section, drawing=Drawing(place, lambda path: drawings()[place].draw(path), inputs))


def _scaling(group: Sequence[Record], label: str, standings: Standings, place: PurePosixPath) -> Iterator[Section]:
    """What several devices gain, where cells share a step among some."""
    curves = scaling_curves(group, standings)
    if (table := scaling_table(curves, label)) is not None:
        yield Section("scaling", table, 3, Drawing(place, partial(draw_scaling, curves, label)))
    if (devices := devices_table(group, label)) is not None:
        yield Section("devices", devices, 3, detail=True)


def _speedups(group: Sequence[Record], host: str, spread: Spread) -> Callable[[Path], bool]:
    return lambda path: draw_speedups(group, host, path, spread)
