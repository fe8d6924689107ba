"""A class's medians as a reference host, which others stand beside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.analyse.course.medians import Cell, TeamTimes, class_table, team_times
from bench.analyse.expectation.handout import published_cell
from bench.host.profile import HostProfile, Published, PublishedTime
from bench.results.record import Record

__all__ = ["class_reference", "notebook_times"]


def notebook_times(records: Sequence[Record], host: str) -> TeamTimes:
    """A team's milliseconds a step of every cell with the notebook's options that it measured on the host; but for
    networks of its own, which have one name in every team and may be as many networks."""
    ours = [one for one in records if one.host == host and not one.workload.model.is_own]
    found = (published_cell(one) for one in ours)
    cells = {(one["model"], one["batch_size"], one["trainable_params"]) for one in found if one is not None}
    return team_times(cells, ours)


def class_reference(base: HostProfile, teams: Iterable[TeamTimes], least: int, source: str, date: str) -> Published:
    """What the medians of a class on the host of `base` publish: of cells that at least `least` teams measured there.

    Times are in ms to four digits. The AI-Score is the host's own, measured or published.
    """
    times = list(teams)
    cells: tuple[Cell, ...] = tuple(sorted({cell for one in times for cell, _ in one}))
    table = class_table(cells, times)
    published = [
        PublishedTime(model=model, batch_size=batch, step_ms=float(f"{found.step_ms:.4g}"), trainable_params=params)
        for ((model, batch, params), host), found in sorted(table.times.items())
        if host == base.id and found.teams >= least
    ]
    gpu = base.hardware.gpu_name if base.hardware else base.published.gpu_name if base.published else None
    cpu = base.hardware.cpu if base.hardware and gpu is None else None
    return Published(source=source, date=date, gpu_name=gpu, cpu=cpu, ai_score=base.ai_score, times=tuple(published))
