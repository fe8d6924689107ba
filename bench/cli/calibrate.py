"""`bench calibrate`: what this machine can do at most, into its profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.beginning import end_like_ctrl_c, working_tree

if TYPE_CHECKING:
    from bench.host.peaks import DataType
    from bench.host.profile import Peak
    from bench.run.calibrate import Calibration

__all__ = ["calibrate"]


def calibrate(
    quick: Annotated[bool, typer.Option("--quick", help="Rougher figures, in half the time.")] = False,
    host: Annotated[str | None, typer.Option(metavar="ID", help="File it under this host.")] = None,
    root: Annotated[
        Path, typer.Option(envvar="BENCH_ROOT", help="The working tree: hosts/ and results/ lie there.")
    ] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Measure the highest rate of products that this machine reaches with each data type, into hosts/ID.yaml.

    That is the roof that a step's achieved rate is held against. Takes some ten seconds; leave the machine alone
    meanwhile. What was measured before Ctrl-C is kept.
    """
    from bench.run.calibrate import calibrate as measure
    from bench.run.calibrate import is_noisy
    from bench.run.executors import LocalExecutor

    end_like_ctrl_c()
    observer = _Told()
    try:
        found = measure(working_tree(root), host, LocalExecutor(), observer, quick=quick)
    except KeyboardInterrupt:
        typer.echo(f"interrupted: {', '.join(observer.done) or 'nothing'} measured and kept", err=True)
        raise typer.Exit(130) from None
    typer.echo(_json(found) if as_json else _table(found))
    noisy = [name for name in found.measured if is_noisy(found.profile.peaks[name])]
    if noisy:
        typer.echo(
            f"bench: {' and '.join(noisy)} varied a lot: something else was running, and the true peak is higher; "
            "calibrate again when the machine is quiet",
            err=True,
        )
    raise typer.Exit(1 if found.failed else 0)


class _Told:
    """Tells of a calibration on standard error; see `bench.run.calibrate.CalibrationObserver`."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        typer.echo(f"note: {text}", err=True)

    def begins(self, what: str) -> None:
        """A data type begins."""
        typer.echo(f"{what} …", err=True)

    def tried(self, name: str, flops_per_second: float) -> None:
        """A chain of products was measured."""
        typer.echo(f"  {name}: {flops_per_second / 1e9:,.0f} GFLOP/s", err=True)

    def kept(self, data_type: DataType, _: Peak) -> None:
        """A peak stands in the profile."""
        self.done.append(data_type)


def _table(found: Calibration) -> str:
    from tabulate import tabulate

    from bench.results.metric import with_margin

    rows = [
        (name, with_margin(rate, peak.margin * rate), peak.reached_by)
        for name in found.measured
        for peak in [found.profile.peaks[name]]
        for rate in [peak.flops_per_second / 1e9]
    ]
    table = tabulate(rows, ("data type", "GFLOP/s", "reached by"), "pipe", colalign=("left", "right", "left"))
    return f"{table}\n\nkept in hosts/{found.profile.id}.yaml" if rows else "nothing could be measured"


def _json(found: Calibration) -> str:
    peaks = {name: found.profile.peaks[name].model_dump() for name in found.measured}
    return json.dumps({"host": found.profile.id, "peaks": peaks, "failed": found.failed}, indent=2, ensure_ascii=False)
