"""`bench run --executor ray`: the main job on nodes of a cluster."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import typer

from bench.cli.common import end_like_ctrl_c
from bench.cli.dry_run import estimator_of
from bench.cli.run_shown import resuming, shown

if TYPE_CHECKING:
    from bench.cli.where import Where
    from bench.host.profile import HostProfile
    from bench.run.cluster.following import ClusterObserver, ClusterSummary
    from bench.run.estimate import Estimator
    from bench.run.prepare import Request

__all__ = ["measure_on_nodes"]


def measure_on_nodes(request: Request, where: Where, as_json: bool, live: tuple[str, int] | None) -> int:
    """Measure, show the tables of all hosts, and give the exit status; the page of results is served at the address
    `live` meanwhile, where there is one. Raises InputError."""
    from bench.results.journal import JournalError
    from bench.run.cluster.driver import ClusterInterrupted, ClusterRequest, run_on_cluster

    end_like_ctrl_c()

    wanted = ClusterRequest(request, where.address, where.on, where.nodes, where.strict_software)
    try:
        with ExitStack() as stack:
            summary = run_on_cluster(wanted, _display(request, live, stack))
    except ClusterInterrupted as stop:
        _show(request, stop.summary, as_json)
        typer.echo(f"interrupted: {stop}. Go on with:\n\n    {resuming()}", err=True)
        return 130
    except KeyboardInterrupt:
        typer.echo("interrupted before any cell was measured", err=True)
        return 130
    except JournalError as error:
        typer.echo(f"bench: {error}", err=True)
        return 1
    if summary.failed:
        typer.echo(f"bench: {summary.failed} of {summary.ended} cells failed, see above", err=True)
    whole = _show(request, summary, as_json)
    return 0 if whole and not summary.failed and not summary.left and not summary.broken else 1


def _display(request: Request, live: tuple[str, int] | None, stack: ExitStack) -> ClusterObserver:
    """Who shows the run; its page is told of it too where it is to be `live`, and ends last."""
    from bench.cli.nodes_display import NodesDisplay

    def before(host: HostProfile) -> Estimator:
        return estimator_of(request, host)

    if live is None:
        return stack.enter_context(NodesDisplay(sys.stderr, before))
    from bench.cli.live import told_page
    from bench.cli.live_display import LiveNodes

    page = stack.enter_context(told_page(request.root, live))
    return LiveNodes(stack.enter_context(NodesDisplay(sys.stderr, before)), page)


def _show(request: Request, summary: ClusterSummary, as_json: bool) -> bool:
    hosts = [one for one in summary.hosts if one.records]
    return shown(request, hosts, as_json) if hosts else True
