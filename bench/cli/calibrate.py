"""`bench calibrate`: what this machine can do at most and its AI-Score, into its profile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.common import end_like_ctrl_c, working_tree
from bench.cli.options import AsJson, HostId, MachineOrNodes, OnNodes, Root
from bench.cli.where import Where

if TYPE_CHECKING:
    from bench.host.profile import HostProfile
    from bench.results.ai_benchmark import TestSet
    from bench.run.calibration.calibrate import Calibration

__all__ = ["calibrate"]


def calibrate(
    inference: Annotated[
        bool, typer.Option("--inference", help="Run only the inference part of AI Benchmark.")
    ] = False,
    training: Annotated[bool, typer.Option("--training", help="Run only the training part of AI Benchmark.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Run AI Benchmark's micro set: 2 minutes, no AI-Score.")
    ] = False,
    roofs: Annotated[bool, typer.Option("--roofs", help="Measure only the roofs: 90 seconds.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted AI Benchmark.")] = False,
    executor: MachineOrNodes = "local",
    on: OnNodes = None,
    host: HostId = None,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Measure this machine's roofs and its AI-Score, into hosts/ID.yaml.

    Roofs are what it does at most: products of each data type, bandwidths, input pipeline. The AI-Score is that of
    the package ai-benchmark 0.1.2, run whole and offline: half an hour on a CPU, minutes on a GPU. Leave the machine
    alone meanwhile. What was measured before Ctrl-C is kept; --resume continues AI Benchmark.
    """
    from bench.cli.calibration_progress import CalibrationDisplay
    from bench.host.registry import profiles
    from bench.results.journal import JournalError
    from bench.run.calibration.calibrate import calibrate as measure

    which = _which(inference, training, quick, roofs)
    tree = working_tree(root)
    if resume and which is None:
        raise typer.BadParameter("--resume goes on with AI Benchmark, which --roofs leaves out")
    where = Where.of_verb(executor, on)
    if where.ray:
        from bench.cli.verb_on_nodes import verb_on_nodes

        flags = {
            "--inference": inference,
            "--training": training,
            "--quick": quick,
            "--roofs": roofs,
            "--resume": resume,
        }
        arguments = ["calibrate", *(name for name, given in flags.items() if given)]
        raise typer.Exit(verb_on_nodes(where, tree, arguments, as_json, host=host))
    end_like_ctrl_c()
    try:
        with CalibrationDisplay() as display:
            found = measure(tree, host, display, ai=which, resume=resume)
    except KeyboardInterrupt:
        again = "" if which is None else "; --resume goes on"
        typer.echo(f"interrupted: {display.done or 'nothing'} measured and kept{again}", err=True)
        raise typer.Exit(130) from None
    except JournalError as error:
        typer.echo(f"bench: {error}", err=True)
        raise typer.Exit(1) from None
    known = profiles(tree, lambda text: typer.echo(f"bench: {text}", err=True))
    typer.echo(_json(found, known) if as_json else _text(found, known))
    raise typer.Exit(1 if found.failed else 0)


def _which(inference: bool, training: bool, quick: bool, roofs: bool) -> TestSet | None:
    asked = {"--inference": inference, "--training": training, "--quick": quick, "--roofs": roofs}
    given = [name for name, wanted in asked.items() if wanted]
    if len(given) > 1:
        raise typer.BadParameter(f"{' and '.join(given)} exclude each other; without any of them all is measured")
    sets: dict[str, TestSet | None] = {
        "--inference": "inference",
        "--training": "training",
        "--quick": "micro",
        "--roofs": None,
    }
    return sets[given[0]] if given else "full"


def _text(found: Calibration, known: Sequence[HostProfile]) -> str:
    from bench.report.handout.expectation_text import expectation_text
    from bench.report.hosts.calibration_text import ai_text
    from bench.report.hosts.roofs_table import roofs_table

    parts = []
    if found.roofs is not None:
        parts.append(roofs_table(found.profile, found.roofs.measured))
    if found.ai is not None and found.which is not None:
        parts.append(ai_text(found.ai, found.which))
    file = f"hosts/{found.profile.id}.yaml"
    if found.kept_older:
        parts.append(f"AI Benchmark is not kept in {file}: {found.kept_older}")
    else:
        parts.append(f"kept in {file}")
    parts.append(expectation_text(found.profile, known))
    return "\n\n".join(part for part in parts if part)


def _json(found: Calibration, known: Sequence[HostProfile]) -> str:
    from bench.host.datasheet_share import share_of_datasheet
    from bench.host.measured import ROOF_UNITS
    from bench.report.handout.expectation_text import expectation_fields

    profile, measured = found.profile, found.roofs.measured if found.roofs else ()
    return json.dumps(
        {
            "host": profile.id,
            "peaks": {name: peak.model_dump() for name, peak in profile.peaks.items() if name in measured},
            "roofs": {name: roof.model_dump() for name, roof in profile.roofs.items() if name in measured},
            "roofs_absent": profile.roofs_absent,
            "units": {name: unit for name, unit in ROOF_UNITS.items() if name in measured},
            "shares_of_datasheet": {name: share_of_datasheet(profile, name).value for name in measured},
            "roofs_kept_older": found.roofs.kept_older if found.roofs else {},
            "failed": found.roofs.failed if found.roofs else {},
            "ai_benchmark": {"set": found.which, **found.ai.model_dump()} if found.ai else None,
            "kept_older": found.kept_older,
            "expected": expectation_fields(profile, known),
        },
        indent=2,
        ensure_ascii=False,
        allow_nan=False,
    )
