"""What the cells of a suite make of their machine: arithmetic, energy and money."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bench.analyse.efficiency import Efficiency, efficiency
from bench.host.profile import HostProfile
from bench.report.core.columns import Column
from bench.report.core.groups import by_model
from bench.report.core.notes import dropped
from bench.report.core.row_names import RECORD_AXES, row_names
from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT, significant
from bench.results.query import identity
from bench.results.record import Record
from bench.system.nvml import Reading

__all__ = ["efficiency_table"]

INTEGRATED = "‡"
"""Stands at energy that was integrated from power."""
BEYOND = "§"
"""Stands at a share of a roof above 1."""

_OF_SOME = {"convolutions"}
"""Figures that few networks can have: where they are absent, nobody misses them."""

Read = Callable[[Efficiency], Reading[float]]


def efficiency_table(records: Sequence[Record], host: str, profile: HostProfile | None) -> Table | None:
    """The good records of one suite on the host of this label; None where none of them has any such figure.

    A column without any figure is dropped, and a note says why.
    """
    ok = [record for record in by_model(records) if record.ok]
    found = {identity(record): efficiency(record, profile) for record in ok}
    figures = _figures(lambda record: found[identity(record)], next((one.currency for one in found.values()), None))
    shown = [figure for figure in figures if any(figure.text(record) != ABSENT for record in ok)]
    if not shown:
        return None
    axes, names = row_names(RECORD_AXES, ((one.model, one.variant, one.batch_size, one.seed) for one in ok))
    return Table(
        title=f"Hardware efficiency — {host}",
        columns=(*(Heading(axis) for axis in axes), *(Heading(figure.heading, "right") for figure in shown)),
        rows=tuple((*name, *(figure.text(record) for figure in shown)) for name, record in zip(names, ok, strict=True)),
        notes=(
            *_roofs(list(found.values())),
            *_marks(list(found.values())),
            *(Note(f"{figure.title} – {figure.legend}") for figure in shown if figure.legend),
            *dropped([one for one in figures if one not in shown and one.name not in _OF_SOME], ok),
        ),
    )


def _figures(of: Callable[[Record], Efficiency], currency: str | None) -> tuple[Column, ...]:
    def figure(
        name: str,
        title: str,
        unit: str,
        read: Read,
        scale: float = 1,
        legend: str = "",
        mark: Callable[[Efficiency], str] = lambda _: "",
    ) -> Column:
        def text(record: Record) -> str:
            value = read(of(record)).value
            return ABSENT if value is None else significant(value * scale) + mark(of(record))

        return Column(
            name, title, f"{title}, {unit}" if unit else title, text, lambda record: read(of(record)).reason, legend
        )

    return (
        figure(
            "flops_per_image",
            "work an image",
            "MFLOP",
            lambda one: one.flops_per_image,
            1e-6,
            "two operations for each multiply-add of the network's layers, forward and backward",
        ),
        figure("achieved", "achieved", "GFLOP/s", lambda one: one.achieved_flops_per_second, 1e-9),
        figure(
            "mfu",
            "MFU",
            "%",
            lambda one: one.mfu,
            100,
            "share of its data type's peak that the step achieves",
            lambda one: BEYOND if (one.mfu.value or 0) > 1 else "",
        ),
        figure(
            "convolutions",
            "of its convolutions' rate",
            "%",
            lambda one: one.convolution_share,
            100,
            "share of the rate that VGG16's own convolutions reach alone (bench calibrate): what is missing goes to "
            "all other work of the step",
            lambda one: BEYOND if (one.convolution_share.value or 0) > 1 else "",
        ),
        figure(
            "energy",
            "energy a step",
            "J",
            lambda one: one.energy_per_step_joules,
            legend="what the whole card drew during the windows, by step; the rest of the machine isn't in it",
            mark=_integrated,
        ),
        figure("images_per_joule", "images/J", "", lambda one: one.images_per_joule, mark=_integrated),
        figure(
            "idle",
            "idle power",
            "W",
            lambda one: one.idle_watts,
            legend="what the card drew before the first cell; it is part of the energy a step",
        ),
        figure(
            "cost",
            "cost of a million images",
            currency or "",
            lambda one: one.cost_per_million_images,
            legend="at the hourly price in the host's profile, with nothing but steps to pay for",
        ),
    )


def _integrated(one: Efficiency) -> str:
    return INTEGRATED if one.energy_note else ""


def _roofs(found: Sequence[Efficiency]) -> Iterator[Note]:
    """Which peak MFU is a share of, for each data type, and why some have none."""
    shared = [one for one in found if one.mfu.value is not None]
    roofs = dict.fromkeys(one.roof.value for one in shared if one.roof.value is not None)
    if roofs:
        texts = (
            f"{roof.data_type} {significant(roof.flops_per_second / 1e9)} GFLOP/s ({roof.origin})" for roof in roofs
        )
        yield Note(f"peaks: {'; '.join(texts)}")
        lacking = dict.fromkeys(one.roof.reason for one in found if one.roof.value is None and one.roof.reason)
        yield from (Note(reason) for reason in lacking)


def _marks(found: Sequence[Efficiency]) -> Iterator[Note]:
    if any((share.value or 0) > 1 for one in found for share in (one.mfu, one.convolution_share)):
        yield Note(
            "more than the roof, which was measured while the machine was busy, or with other kernels: bench calibrate "
            "on a quiet machine measures it anew",
            BEYOND,
        )
    notes = dict.fromkeys(one.energy_note for one in found if one.energy_note and one.energy_per_step_joules.value)
    if notes:
        yield Note("energy was integrated from power readings, for want of a counter", INTEGRATED)
