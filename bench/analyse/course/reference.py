"""A class's medians as a reference host, which others stand beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.analyse.course.medians import Cell, class_table
from bench.analyse.expectation.handout import published_cell
from bench.host.profile import HostProfile, Published, PublishedTime
from bench.results.record import Record

__all__ = ["cells_of", "class_reference"]


def cells_of(teams: Mapping[str, Sequence[Record]], host: str) -> tuple[Cell, ...]:
    """Every cell with the notebook's options that any team measured on the host, in the order of networks; but for
    networks of a team's own, which have one name and may be as many networks."""
    of_host = (one for records in teams.values() for one in records if one.host == host)
    found = (published_cell(one) for one in of_host if not one.workload.model.is_own)
    cells = {(one["model"], one["batch_size"], one["trainable_params"]) for one in found if one is not None}
    return tuple(sorted(cells))


def class_reference(
    base: HostProfile, teams: Mapping[str, Sequence[Record]], least: int, source: str, date: str
) -> Published:
    """What the class's medians on the host of `base` publish: of cells that at least `least` teams measured there.

    Times are medians over teams, in ms to a tenth of a per cent. The AI-Score is the host's own, measured or published.
    """
    table = class_table(cells_of(teams, base.id), teams)
    times = []
    for model, batch, params in table.cells:
        found = table.times.get(((model, batch, params), base.id))
        if found is not None and found.teams >= least:
            step = float(f"{found.step_ms:.4g}")
            times.append(PublishedTime(model=model, batch_size=batch, step_ms=step, trainable_params=params))
    gpu = base.hardware.gpu_name if base.hardware else base.published.gpu_name if base.published else None
    cpu = base.hardware.cpu if base.hardware and gpu is None else None
    return Published(source=source, date=date, gpu_name=gpu, cpu=cpu, ai_score=base.ai_score, times=tuple(times))
