"""`bench plan`: how long and how dear, and what a budget buys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.options import AsJson, Only, Root, Settings

if TYPE_CHECKING:
    from bench.analyse.planning.budget import Budget
    from bench.analyse.planning.target import Target
    from bench.host.profile import HostProfile
    from bench.report.core.table import Table

__all__ = ["plan"]

_ENDINGS = (".yaml", ".yml")


def plan(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[SUITE|NETWORK]", help="A suite's YAML file, or a network that has been measured."),
    ] = None,
    on: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="On this host; may be repeated. Default: this machine; of a target: all."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="What so many epochs of the network take.")] = None,
    images: Annotated[int | None, typer.Option(min=1, help="What training on so many images takes.")] = None,
    accuracy: Annotated[
        str | None, typer.Option(metavar="SHARE", help="What training to this held-out accuracy takes, such as 80%.")
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="AMOUNT",
            help="What can be trained for that: 8h, '5 EUR', '30 quota hours', '2 kWh', '100 g CO2'.",
        ),
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Of these variants, such as 'xla'; may be repeated. Default: the baseline."),
    ] = None,
    only: Only = None,
    settings: Settings = None,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Say how long and how dear a suite or a training will be on each host, or what a budget buys on this one.

    bench plan suites/handout.yaml --on colab-t4 --on rtx-2080-ti

    bench plan vgg16 --epochs 25

    bench plan --budget '8h'

    From records, the times published for a host, and the prices in hosts/ID.yaml. Nothing is run. What was never
    measured is absent, with the reason; what a suite's cells are guessed to take is told apart.
    """
    from bench.analyse.planning.budget import parse_budget
    from bench.cli.common import working_tree
    from bench.errors import Fault, InputError
    from bench.support.gc_paused import gc_paused

    target = _target(epochs, images, accuracy)
    bought = None if budget is None else parse_budget(budget)
    is_suite = what is not None and (what.endswith(_ENDINGS) or Path(what).is_file())
    faults = []
    if is_suite and (target is not None or variant):
        faults.append(Fault("a suite says itself how far it trains, and which variants", "name a network instead"))
    if not is_suite and (only or settings):
        faults.append(Fault("--only and --set are of a suite", f"name its file in place of {what or 'nothing'}"))
    if not is_suite and (target is None) == (bought is None):
        hint = "one of --epochs, --images, --accuracy or --budget"
        faults.append(
            Fault(
                "neither a target nor a budget is given"
                if target is None
                else "a target and a budget are two questions",
                hint,
            )
        )
    if target is not None and what is None and not faults:
        faults.append(Fault("a target is of a network", "bench plan NETWORK --epochs N"))
    if faults:
        raise InputError(*faults)
    tree = working_tree(root)
    with gc_paused():
        if is_suite:
            table, rows = _of_suite(Path(str(what)), tree, on or [], only or [], settings or [], bought)
        else:
            table, rows = _of_network(what, tree, on or [], variant or [], target, bought)
    _print(table, rows, as_json)


def _target(epochs: int | None, images: int | None, accuracy: str | None) -> Target | None:
    from bench.analyse.planning.target import Accuracy, Epochs, Images
    from bench.cli.common import share
    from bench.errors import Fault, InputError

    given = [name for name, one in (("--epochs", epochs), ("--images", images), ("--accuracy", accuracy)) if one]
    if len(given) > 1:
        raise InputError(Fault(f"{' and '.join(given[:2])} are two targets", "one of them at a time"))
    if epochs is not None:
        return Epochs(epochs)
    if images is not None:
        return Images(images)
    if accuracy is None:
        return None
    wanted = share("--accuracy", accuracy, most=1.0)
    return None if wanted is None else Accuracy(wanted)


def _of_suite(
    path: Path, root: Path, on: list[str], only: list[str], settings: list[str], budget: Budget | None
) -> tuple[Table, list[dict[str, Any]]]:
    from bench.errors import Fault, InputError
    from bench.report.planning.suite_table import suite_rows, suite_table
    from bench.results.query import read_all
    from bench.run.suite_plan import data_of, suite_plan
    from bench.suite import load, select

    if budget is not None and budget.kind in ("energy", "co2"):
        raise InputError(Fault("what energy a suite takes isn't known", "a time, a sum of money or quota hours"))
    suite = load(path, settings)
    cells = select(suite.cells(), only)
    hosts = _hosts(root, on)
    read = read_all(root)
    _tell(read.notices)
    data = data_of(cells, read.records)
    plans = [suite_plan(cells, profile, read.records, data) for profile in hosts]
    return suite_table(suite.title or suite.name, plans, budget), suite_rows(plans, budget)


def _of_network(
    network: str | None, root: Path, on: list[str], variants: list[str], target: Target | None, budget: Budget | None
) -> tuple[Table, list[dict[str, Any]]]:
    from bench.analyse.planning.prospects import networks_of, prospects
    from bench.errors import Fault, InputError, nearest
    from bench.report.planning.budget_table import budget_rows, budget_table
    from bench.report.planning.unit_table import unit_rows, unit_table
    from bench.results.index.newest import read_newest
    from bench.results.query import latest

    hosts = _hosts(root, on, every=target is not None)
    read = read_newest(root)
    _tell(read.notices)
    records = latest(read.records)
    names = networks_of(records, hosts)
    if network is not None and network not in names:
        raise InputError(Fault(f"nothing is known of a network '{network}'", nearest(network, names)))
    found = prospects(records, hosts, network, variants)
    if not found:
        here = ", ".join(one.id for one in hosts)
        hint = "`bench run` measures some there" if not variants else "name other variants, or none: the baselines"
        raise InputError(Fault(f"nothing was measured on {here}", hint))
    if target is not None:
        return unit_table(target, str(network), found), unit_rows(target, found)
    assert budget is not None
    return budget_table(budget, found), budget_rows(budget, found)


def _hosts(root: Path, on: list[str], *, every: bool = False) -> Sequence[HostProfile]:
    """Those that are named; else this machine, or `every` one."""
    from bench.errors import Fault, InputError, nearest
    from bench.host.detect import detect
    from bench.host.registry import known, recognise

    hosts = known(root)
    _tell(hosts.notices)
    if not on and every:
        return hosts.profiles
    if not on:
        return [recognise(root, detect()).profile]
    by_id = {profile.id: profile for profile in hosts.profiles}
    hosts.need(*on)
    faults = [Fault(f"unknown host '{name}'", nearest(name, by_id)) for name in on if name not in by_id]
    if faults:
        raise InputError(*faults)
    return [by_id[name] for name in dict.fromkeys(on)]


def _tell(notices: Sequence[str]) -> None:
    for notice in notices:
        typer.echo(f"bench: {notice}", err=True)


def _print(table: Table, rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        import json

        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False))
        return
    from bench.report.core.markdown import render

    typer.echo(render(table), nl=False)
