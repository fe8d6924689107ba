"""`bench selftest`: is this machine fit to measure, and how small a difference can it resolve?"""

from __future__ import annotations

import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.errors import Fault, InputError

if TYPE_CHECKING:
    from bench.cli.rounds import RoundsDisplay
    from bench.report.selftest_table import SelfTested

__all__ = ["selftest"]


def selftest(
    rounds: Annotated[
        int, typer.Option(min=4, max=1000, help="Rounds of a cell against itself, for the noise floor.")
    ] = 12,
    force: Annotated[bool, typer.Option("--force", help="Store what was found though the machine isn't fit.")] = False,
    host: Annotated[str | None, typer.Option(metavar="ID", help="The host that this machine is.")] = None,
    root: Annotated[
        Path, typer.Option(envvar="BENCH_ROOT", help="The working tree: hosts/ and results/ lie there.")
    ] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found for programs.")] = False,
) -> None:
    """Prove the harness on this machine: cells of known step time, and a cell against itself.

    Says how small a difference can be told from noise here, which then counts in every comparison, and stores it in
    hosts/ID.yaml. Warns of what makes the machine unfit to measure. Takes two to five minutes. Exit status 1: a known
    step time was missed by more than 1 %.
    """
    if not root.is_dir():
        raise InputError(Fault("no such folder", "make one with `bench init`", root))
    from bench.cli.rounds import RoundsDisplay

    for end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, signal.default_int_handler)
    try:
        with RoundsDisplay(sys.stderr) as display:
            found = _test(root.resolve(), host, rounds, force, display)
    except KeyboardInterrupt:
        typer.echo("interrupted: nothing was stored", err=True)
        raise typer.Exit(130) from None
    raise typer.Exit(_show(found, as_json))


def _test(root: Path, host: str | None, rounds: int, force: bool, display: RoundsDisplay) -> SelfTested:
    from bench import __version__
    from bench.analyse.known import check
    from bench.analyse.noise import between_processes
    from bench.host.detect import detect
    from bench.host.fitness import fitness
    from bench.host.profile import Noise, SelfTest
    from bench.host.registry import remember
    from bench.report.selftest_table import SelfTested
    from bench.run.known import CALM_MILLISECONDS, LOADED_MILLISECONDS, measure_known
    from bench.run.noise import measure_noise

    unfit = fitness(detect())
    for one in unfit:
        display.notice(str(one))
    milliseconds = LOADED_MILLISECONDS if unfit else CALM_MILLISECONDS
    empty, checked = check(measure_known(milliseconds, display.doing, display.notice))
    display.pair_begins("a cell against itself", rounds)
    ready, pair = measure_noise(root, host, rounds, display, display.notice)
    in_turns, apart = between_processes(pair.rounds)
    date = datetime.now(UTC).date().isoformat()
    profile = ready.setting.host.model_copy(
        update={
            "noise": Noise(date=date, in_turns=in_turns, apart=apart, rounds=len(pair.rounds)),
            "self_test": SelfTest(
                date=date,
                version=__version__,
                largest_error=max(abs(one.error) for one in checked),
                empty_step_seconds=empty,
                cells=len(checked),
            ),
        }
    )
    passed = all(one.passed for one in checked)
    stored = passed and (force or not unfit)
    if stored:
        remember(root, profile)
    return SelfTested(profile, checked, unfit, stored)


def _show(found: SelfTested, as_json: bool) -> int:
    from bench.report.markdown import render
    from bench.report.selftest_table import selftest_row, selftest_table

    if as_json:
        typer.echo(json.dumps(selftest_row(found), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        typer.echo(render(selftest_table(found), 2))
    return 0 if found.passed else 1
