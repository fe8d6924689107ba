"""`bench selftest`: is this machine fit to measure, and how small a difference can it resolve?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.common import end_like_ctrl_c, working_tree
from bench.cli.options import AsJson, HostId, MachineOrNodes, OnNodes, Root
from bench.cli.where import Where
from bench.instruments.rounds import MOST_ROUNDS

if TYPE_CHECKING:
    from bench.analyse.selftest.result import SelfTested

__all__ = ["selftest"]


def selftest(
    rounds: Annotated[
        int, typer.Option(min=6, max=1000, help="Rounds of a cell against itself, for the noise floor.")
    ] = MOST_ROUNDS,
    force: Annotated[
        bool, typer.Option("--force", help="Store the result even if the machine is not fit to measure.")
    ] = False,
    executor: MachineOrNodes = "local",
    on: OnNodes = None,
    host: HostId = None,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Prove the harness on this machine: cells of known step time, and a cell against itself.

    Measures the smallest difference that can be distinguished from noise on this host and stores it in hosts/ID.yaml;
    all later comparisons use it. Warns of what makes the machine unfit to measure. Takes two to five minutes. Exit
    status 1: a known step time was missed by more than 1 %.
    """
    from bench.cli.rounds import RoundsDisplay
    from bench.results.journal import JournalError
    from bench.run.selftest.ground_truth import SelfTestError
    from bench.run.selftest.selftest import self_test

    tree, where = working_tree(root), Where.of_verb(executor, on)
    if where.ray:
        from bench.cli.verb_on_nodes import verb_on_nodes

        arguments = ["selftest", "--rounds", str(rounds), *(["--force"] if force else [])]
        raise typer.Exit(verb_on_nodes(where, tree, arguments, as_json, host=host))
    end_like_ctrl_c()
    try:
        with RoundsDisplay(sys.stderr) as display:
            found = self_test(tree, host, rounds, force, display)
    except KeyboardInterrupt:
        typer.echo("interrupted: nothing was stored", err=True)
        raise typer.Exit(130) from None
    except (SelfTestError, JournalError) as error:
        typer.echo(f"bench: {error}", err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(_show(found, as_json))


def _show(found: SelfTested, as_json: bool) -> int:
    from bench.report.core.markdown import render
    from bench.report.selftest import selftest_row, selftest_table

    if as_json:
        typer.echo(json.dumps(selftest_row(found), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        typer.echo(render(selftest_table(found), 2))
    return 0 if found.passed else 1
