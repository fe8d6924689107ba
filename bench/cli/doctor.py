"""`bench doctor`: is this machine fit to measure, what is wrong with it, and what mends it?"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bench.cli.common import working_tree
from bench.cli.options import AsJson, MachineOrNodes, OnNodes, Root
from bench.cli.where import Where

if TYPE_CHECKING:
    from bench.host.doctor.check import Check, State

__all__ = ["doctor"]

_COLUMNS, _LEAST_COLUMNS = 120, 60  # where there is no terminal, and in the narrowest
_COLOURS = {"fine": typer.colors.GREEN, "limited": typer.colors.YELLOW, "broken": typer.colors.RED}


def doctor(
    executor: MachineOrNodes = "local",
    on: OnNodes = None,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Check everything that a measurement needs; report what is wrong and the command that fixes it.

    Checks Python and its packages, the GPU from its driver to TensorFlow, processor, memory and disk, other running
    processes, data sets, the working tree, and what is known of this host. Changes nothing. Exit status 1: something is
    broken.
    """
    tree, where = working_tree(root), Where.of_verb(executor, on)
    if where.ray:
        from bench.cli.verb_on_nodes import verb_on_nodes

        raise typer.Exit(verb_on_nodes(where, tree, ["doctor"], as_json, keeps=False))
    try:
        checks = _examined(root)
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        raise typer.Exit(130) from None
    from bench.report.doctor import doctor_row, doctor_text, fitness

    if as_json:
        typer.echo(json.dumps(doctor_row(checks), indent=2, ensure_ascii=False))
    else:
        columns = shutil.get_terminal_size((_COLUMNS, 24)).columns
        typer.echo(doctor_text(checks, _paint, max(_LEAST_COLUMNS, columns)))
    raise typer.Exit(0 if fitness(checks).fit else 1)


def _examined(root: Path) -> tuple[Check, ...]:
    """The checks; meanwhile a terminal shows what is being waited for."""
    from bench.cli.console import console_of
    from bench.run.doctor import examine

    console = console_of(sys.stderr)
    shown = console.status("looking") if console.is_terminal else None
    with shown or nullcontext():

        def notice(text: str) -> None:
            if shown:
                shown.update(f"{text} …")
            else:
                console.print(f"{text} …", markup=False)

        return tuple(examine(root, notice))


def _paint(text: str, state: State) -> str:
    return typer.style(text, fg=_COLOURS.get(state))
