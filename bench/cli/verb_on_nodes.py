"""A verb with `--executor ray`: on nodes of a cluster, each with what it printed there."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from bench.cli.common import end_like_ctrl_c
from bench.cli.console import console_of

if TYPE_CHECKING:
    from pathlib import Path

    from bench.cli.where import Where
    from bench.run.cluster.verbs import NodeAnswer, OfSuite

__all__ = ["verb_on_nodes"]

_FAILED = 1


class _Told:
    """What nodes say meanwhile: see `bench.run.cluster.verbs.VerbObserver`."""

    def __init__(self) -> None:
        self._console = console_of(sys.stderr)

    def notice(self, text: str) -> None:
        """Something that the user should know."""
        self._console.print(f"note: {text}", style="yellow", markup=False)

    def node_says(self, node: str, line: str) -> None:
        """A line of a node's."""
        self._console.print(f"{node}: {line}", markup=False)


def verb_on_nodes(
    where: Where,
    root: Path,
    arguments: Sequence[str],
    as_json: bool,
    *,
    host: str | None = None,
    of: OfSuite | None = None,
    keeps: bool = True,
) -> int:
    """Run the verb that `arguments` begin with on the nodes, show what each printed, and give the exit status: the
    worst of theirs. The rest is as `bench.run.cluster.verbs.VerbRequest` has it.

    Raises InputError.
    """
    from bench.results.journal import JournalError
    from bench.run.cluster.verbs import VerbRequest, run_verb

    end_like_ctrl_c()
    given = (*arguments, *(["--json"] if as_json else []))
    request = VerbRequest(root, given, where.address, where.on, host, of, keeps)
    try:
        answers = run_verb(request, _Told())
    except KeyboardInterrupt:
        typer.echo("interrupted before the nodes began", err=True)
        return 130
    except JournalError as error:
        typer.echo(f"bench: {error}", err=True)
        return _FAILED
    for one in answers:
        if one.why is not None:
            typer.echo(f"bench: node {one.node.name}: {one.why}", err=True)
    if as_json:
        typer.echo(json.dumps([_row(one) for one in answers], indent=2, ensure_ascii=False))
    else:
        typer.echo(_text(answers), nl=False)
    return max(_FAILED if one.status is None else one.status for one in answers)


def _text(answers: Sequence[NodeAnswer]) -> str:
    return "\n".join(f"# {one.node.name} ({one.node.device})\n\n{one.text.strip()}\n" for one in answers if one.text)


def _row(answer: NodeAnswer) -> dict[str, Any]:
    """What a node gave; `result` is what the verb's own `--json` prints, None where it printed nothing."""
    result = json.loads(answer.text) if answer.text.strip() else None
    return {"node": answer.node.name, "status": answer.status, "why": answer.why, "result": result}
