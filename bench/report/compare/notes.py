"""What is said of a comparison as a whole: its answers, what it could have seen, and what differs throughout."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import get_args

from bench.analyse.compare.comparison import Answer, Compared, Comparison
from bench.analyse.compare.join import MOST_RUNS, Joined
from bench.report.core.provenance import machine
from bench.report.core.speedup_text import between_processes, speedup_text
from bench.report.core.table import Note
from bench.results.query import when
from bench.results.record import Record

__all__ = ["labels", "notes", "summary"]

_MANY = 10
_SHOWN = 8


def summary(comparison: Comparison) -> str:
    """`3 faster, 1 slower, 12 same, 5 undecided, 2 not compared`."""
    counts = comparison.counts
    return ", ".join(f"{counts[answer]} {answer}" for answer in get_args(Answer) if counts[answer])


def notes(comparison: Comparison, several: bool) -> tuple[Note, ...]:
    """All of them in their order; `several`: some step times are means over processes."""
    return tuple(map(Note, _texts(comparison, several)))


def _texts(comparison: Comparison, several: bool) -> Iterator[str]:
    before, after = comparison.joined.names
    compared = [one for one in comparison.cells if one.resolvable is not None]
    yield summary(comparison)
    if compared:
        yield from _answers(comparison, compared)
        yield from _differing(comparison, compared)
    if several:
        yield (
            f"processes – how many, of at most the newest {MOST_RUNS} runs under equal conditions, each step time is "
            f"the mean of, {before} → {after}; no run counts for both, and one that was disturbed only where "
            "there is no other; other figures and findings are the newest's, and bench report shows the newest's step "
            "time too"
        )
    yield from _left_out(comparison)


def _answers(comparison: Comparison, compared: Sequence[Compared]) -> Iterator[str]:
    """What the answers come to, what could have been seen, and what the marks and margins mean."""
    before, after = comparison.joined.names
    if comparison.overall is not None:
        overall = speedup_text(comparison.overall, mark=False)
        yield (
            f"geometric mean over {len(compared)} cells: {overall} times as fast; ± covers what the "
            "cells differ by (or the noise of their windows, where that is more) and, undivided by their number, the "
            f"spread between processes, {_spread_alone(compared)} here: the cells of a run share its drift"
        )
    yield _resolvable(comparison, compared)
    if len(compared) >= _MANY:
        chance = round(0.05 * len(compared), 1)
        yield f"of {len(compared)} cells that are equal, about {chance:g} would be called different by chance"
    within = " or ".join(f"{band * 100:g}" for band in comparison.bands)
    yield (f"▲ {after} is faster than {before}, ▼ slower, = the same within {within} %, ? undecided")
    yield f"± is half of a 95 % interval: for steps over their windows, for ratios also over {_spread(comparison)}"


def _differing(comparison: Comparison, compared: Sequence[Compared]) -> Iterator[str]:
    """What was measured, when and with what, and what isn't the same on both sides."""
    before, after = comparison.joined.names
    for name, records in ((before, [one.before for one in compared]), (after, [one.after for one in compared])):
        yield f"{name} – {_hosts(records)}, measured {_days(records)} (UTC); {machine(records)}"
    yield from _apart(compared)
    if comparison.common:
        yield f"differs throughout: {', '.join(map(str, comparison.common))}"
    if any(each.name == "images" for one in compared for each in one.differs):
        yield "where images differ, step times compare and accuracies don't"


def _left_out(comparison: Comparison) -> Iterator[str]:
    """Cells that have no row."""
    joined = comparison.joined
    label = labels(joined)
    unchanged = [label(one.after) for one in comparison.cells if one.ratio is None]
    if unchanged:
        yield f"the newest record is the very same on both sides: {_listed(unchanged)}"
    for name, alone in zip(joined.names, (joined.only_before, joined.only_after), strict=True):
        if alone:
            yield f"only {name} has {f'{len(alone)}: ' * (len(alone) > 1)}{_listed(list(map(label, alone)))}"


def _spread_alone(compared: Sequence[Compared]) -> str:
    """The part of the whole's interval that more cells don't lessen."""
    share = math.expm1(min(statistics.fmean(one.between_processes for one in compared), 1))
    return f"{share * 100:.1f} %"


def _resolvable(comparison: Comparison, compared: Sequence[Compared]) -> str:
    label = labels(comparison.joined)
    found = sorted((one.resolvable, label(one.after)) for one in compared if one.resolvable is not None)
    (least, cell), (most, other) = found[0], found[-1]
    if f"{least:.1%}" == f"{most:.1%}":
        return f"differences under {least * 100:.1f} % can't be distinguished from noise here"
    span = f"{least * 100:.1f} % ({cell}) to {most * 100:.1f} % ({other})"
    return f"differences under {span} can't be distinguished from noise here"


def _spread(comparison: Comparison) -> str:
    before, after = comparison.spreads
    apart = {host for host in before if host in after and before[host] != after[host]}
    labelled = {
        f"{host} in {side.name}" if host in apart else host: spread
        for side, spreads in zip((comparison.joined.before, comparison.joined.after), comparison.spreads, strict=True)
        for host, spread in spreads.items()
    }
    return between_processes(labelled)


def _apart(compared: Sequence[Compared]) -> Iterator[str]:
    """What lies between the sides in time isn't in any interval, where it is one host."""
    pairs = [(when(one.before), when(one.after)) for one in compared if one.before.host == one.after.host]
    days = max(
        (abs(after - before).days for before, after in pairs if datetime.min.year not in (before.year, after.year)),
        default=0,
    )
    if days >= 1:
        far = f"{'up to ' * (len(pairs) > 1)}{days} day{'s' * (days > 1)}"
        yield (
            f"the sides lie {far} apart: what has changed on the machine meanwhile isn't in any interval; bench ab "
            "measures two cells interleaved"
        )


def _hosts(records: Sequence[Record]) -> str:
    suites, hosts = (list(dict.fromkeys(getattr(record, name) for record in records)) for name in ("suite", "host"))
    teams = list(dict.fromkeys(record.team for record in records if record.team is not None))
    of = f", team{'s' * (len(teams) > 1)} {', '.join(teams)}" if teams else ""
    return f"suite{'s' * (len(suites) > 1)} {', '.join(suites)} on {', '.join(hosts)}{of}"


def _days(records: Sequence[Record]) -> str:
    days = sorted({when(record).astimezone(UTC).date() for record in records})
    return f"{days[0]}{f' to {days[-1]}' if len(days) > 1 else ''}"


def _listed(cells: Sequence[str]) -> str:
    return ", ".join(cells[:_SHOWN]) + (", …" if len(cells) > _SHOWN else "")


def labels(joined: Joined) -> Callable[[Record], str]:
    """A cell's id, after its host, team and suite where a side has several of these:
    `digits/simple_cnn/notebook/b64`."""
    sides = (
        [*(joint.before[0] for joint in joined.joints), *joined.only_before],
        [*(joint.after[0] for joint in joined.joints), *joined.only_after],
    )
    named = ("host", "team", "suite")
    shown = [name for name in named if any(len({getattr(one, name) for one in side}) > 1 for side in sides)]
    return lambda record: "/".join((*(getattr(record, name) or "-" for name in shown), record.cell))
