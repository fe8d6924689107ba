"""Bottleneck of each step: a suite's attributed cells on one host."""

from __future__ import annotations

from collections.abc import Sequence

from bench.analyse.bottleneck.breakdown import Attributed, attribute
from bench.analyse.bottleneck.text import words
from bench.analyse.options.advice import advice
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.host.hardware import Hardware
from bench.instruments.stats import Estimate
from bench.report.core.groups import by_model
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS
from bench.results.record import Record

__all__ = ["attribution_table"]

_FIGURES = ("both", "pipeline", "step", "device", "compute", "host", "input")


def attribution_table(
    records: Sequence[Record],
    host: str,
    hardware: Hardware | None,
    others: Sequence[Record] = (),
    standings: Standings | None = None,
    spread: Spread = UNMEASURED,
) -> Table | None:
    """The records of one suite and host whose loops were run, or should have been; None where there are none.

    `host` is its label, `others` are all newest records, in which what an option brought is looked up; `standings` are
    theirs.
    """
    alone = [one for one in by_model(records) if one.ok and one.replication is None]
    tried = [one for one in alone if one.attribution or "attribution" in one.absent]
    if not tried:
        return None
    rows: list[tuple[str, ...]] = []
    notes: list[Note] = []
    for record in tried:
        found = attribute(record, spread)
        if isinstance(found, Attributed):
            rows.append((record.cell, *_figures(found), found.verdict))
            tip = advice(record, found, hardware, others, standings)
            text = words(found)
            if found.verdict != "not distinguishable":
                text += ". " + (_sentence(str(tip)) if tip else "Nothing left to try that these loops would show")
        else:
            rows.append((record.cell, *[ABSENT] * len(_FIGURES), ABSENT))
            text = str(found)
        notes.append(Note(text, record.cell))
    return Table(
        title=f"Bottleneck of each step — {host}",
        columns=(Heading("cell"), *(Heading(f"{name}{_unit(name)}", "right") for name in _FIGURES), Heading("verdict")),
        rows=tuple(rows),
        notes=(*notes, *_legend(tried)),
    )


def _figures(found: Attributed) -> tuple[str, ...]:
    times = (found.together, found.pipeline, found.step, found.device)
    least = found.compute_at_least
    return (
        *(ABSENT if figure is None else _ms(figure) for figure in times),
        f"{least:.0%}" if least == found.compute_share else f"≥ {least:.0%}",
        ABSENT if found.device is None else _share(found.host_share, found.host_at_most),
        _share(found.input_share, found.input_at_most),
    )


def _share(share: float, at_most: float | None) -> str:
    return f"{share:.0%}" if at_most is None else f"≤ {at_most:.0%}"


def _legend(records: Sequence[Record]) -> tuple[Note, ...]:
    shared = any(record.device.kind == "cpu" for record in records)
    waiting = "waiting for input, (both − step) / both, and no more than pipeline / both"
    if shared:
        waiting += "; pipeline and step share a CPU's cores, so what they cost each other is in it"
    return (
        Note(
            "ms a step – both: the cell as it was measured; pipeline: its batches drawn with no training; step: its "
            "step on a batch that lies on the device; device: the same with many steps in each execution, so that "
            "hardly any dispatch is left (–: too long a step for that to matter, or done by the variant already)"
        ),
        Note(
            f"shares of a step – compute: device / both; host: its dispatch, (step − device) / both; input: {waiting}"
        ),
        Note(
            "≤ not distinguishable from none, and that much at most: the loops ran one after the other, while a "
            "machine's speed changes"
        ),
    )


def _unit(name: str) -> str:
    return ", ms" if name in ("both", "pipeline", "step", "device") else ""


def _ms(figure: Estimate) -> str:
    return METRICS["step_seconds"].text_with_margin(figure.step_seconds, figure.margin * figure.step_seconds)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
