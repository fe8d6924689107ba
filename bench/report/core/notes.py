"""What is said of a suite as a whole: its title, when it was measured, what came of it, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bench.analyse.findings.synthetic import synthetic_data
from bench.analyse.speedup.baseline import baselines, poor_margin
from bench.analyse.speedup.fastest import fastest
from bench.analyse.speedup.standings import Standing, Standings
from bench.analyse.stats.ratio import Ratio, Refusal
from bench.analyse.training.before_after import BeforeAfter
from bench.report.core.change_text import beside_text
from bench.report.core.columns import SYNTHETIC, Column
from bench.report.core.groups import panels
from bench.report.core.speedup_text import speedup_text
from bench.report.core.table import Note
from bench.results.query import Identity, identity, when
from bench.results.record import Record

__all__ = ["conclusions", "dropped", "measured", "synthetic_notes", "titled", "undecided", "why_not"]


def titled(records: Sequence[Record], host: str) -> str:
    """The suite's newest title, or its name, the host's label, and the team."""
    newest = max(records, key=when)
    team = f", team {newest.team}" if newest.team is not None else ""
    return f"{newest.suite_title or newest.suite} — {host}{team}"


def measured(records: Sequence[Record]) -> str:
    """Suite, host and team as the command line knows them, and the days of measuring."""
    days = sorted({when(record).astimezone(UTC).date() for record in records} - {datetime.min.date()})
    name = f"suite {records[0].suite} on {records[0].host}"
    name += f", team {records[0].team}" if records[0].team is not None else ""
    if not days:
        return name
    return f"{name}, measured {days[0]}{f' to {days[-1]}' if len(days) > 1 else ''} (UTC)"


def conclusions(
    records: Sequence[Record],
    ratios: Mapping[Identity, Ratio | Refusal],
    standings: Standings,
    beside: Mapping[Identity, BeforeAfter],
) -> Iterator[Note]:
    """The fastest variant of each model, and which baselines are too poorly known to compare finely with.

    Where both were trained to accuracy, what that came to stands in the same line; `beside` are those that were, by
    record, beside their baselines.
    """
    for title, shown in panels(records).items():
        if not any(isinstance(ratios.get(identity(record)), Ratio) for record in shown):
            continue
        (baseline,) = baselines(shown).values()
        best = fastest(shown, baseline, standings)
        if best is None:
            yield Note(f"{title}: no variant is surely faster than {baseline.variant}")
        else:
            text = f"{title}: fastest is {best.record.variant}, {speedup_text(best.ratio, mark=False)} × "
            text += baseline.variant
            alike = ", ".join(record.variant for record in best.alike)
            text += f" (not surely slower: {alike})" if alike else ""
            trained = beside.get(identity(best.record))
            yield Note(text + (beside_text(trained) if trained is not None else ""))
        if (margin := poor_margin(baseline)) is not None:
            yield Note(
                f"{title}: the baseline itself was known only to ±{margin * 100:.1f} %: every speed-up of {title} "
                "shares that error"
            )


def undecided(records: Sequence[Record], standing: Mapping[Identity, Standing]) -> Iterator[Note]:
    """What each model's variants that are still open would need."""
    for title, shown in panels(records).items():
        open_ones = [
            (record.variant, found.needed)
            for record in shown
            if (found := standing.get(identity(record))) is not None and found.verdict == "undecided"
        ]
        if open_ones:
            needs = ", ".join(
                f"{variant} ({_more_processes(needed) if needed else 'more than is worth it'})"
                for variant, needed in open_ones
            )
            yield Note(f"{title}: undecided, with what would decide it: {needs}; bench run --until goes on longer")


def why_not(record: Record) -> str:
    """Why a cell isn't good, in one line: of one that was skipped the reason alone; empty where nothing is said."""
    failure = record.failure
    if failure is None:
        return ""
    return failure.message if record.status == "skipped" else f"{failure.stage}: {failure.message}"


def synthetic_notes(ok: Iterable[Record]) -> Iterator[Note]:
    """What accuracies that are marked as synthetic mean, and why the images are."""
    messages = (finding.message for record in ok for finding in synthetic_data(record))
    yield from (Note(message, SYNTHETIC) for message in dict.fromkeys(messages))


def dropped(absent: Sequence[Column], ok: Sequence[Record]) -> Iterator[Note]:
    """Why columns are missing, those with the same reason together."""
    on_cpu = bool(ok) and all(record.device.kind == "cpu" for record in ok)
    titles: dict[str, list[str]] = {}
    for figure in absent:
        if on_cpu and figure.name.startswith("peak_gpu_"):
            continue
        for reason in dict.fromkeys(why for record in ok if (why := figure.why_absent(record)) is not None):
            titles.setdefault(reason, []).append(figure.title)
    if on_cpu and any(figure.name.startswith("peak_gpu_") for figure in absent):
        here = "no GPU was used" if any(record.device.gpu_unused for record in ok) else "no GPU here"
        yield Note(f"{here}: no GPU memory to show")
    yield from (Note(f"no {' and no '.join(names)}: {reason}") for reason, names in titles.items())


def _more_processes(count: int) -> str:
    return f"about {count} more process{'' if count == 1 else 'es'}"
