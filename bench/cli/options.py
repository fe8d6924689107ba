"""Options that several verbs have, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "AsJson",
    "DataDir",
    "HostId",
    "MachineOrNodes",
    "OnNodes",
    "Only",
    "Root",
    "Settings",
    "StrictData",
    "SuiteFile",
]

SuiteFile = Annotated[Path, typer.Argument(help="The suite's YAML file, such as suites/cnn.yaml.")]
Only = Annotated[
    list[str] | None, typer.Option(metavar="GLOB", help="Only cells like this, such as 'vgg16/*'; may be repeated.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="A.B=C", help="Override a value of the suite: protocol.max_seconds=10; may be repeated."
    ),
]
DataDir = Annotated[
    Path | None, typer.Option(help="Folder or archive of the data sets (else BENCH_DATA_DIR, the Keras cache).")
]
StrictData = Annotated[
    bool,
    typer.Option("--strict-data", help="Fail if real data is not available; otherwise synthetic images replace it."),
]
HostId = Annotated[
    str | None, typer.Option(metavar="ID", help="Store the results under this host id instead of the detected one.")
]
Root = Annotated[Path, typer.Option(envvar="BENCH_ROOT", help="The working tree: hosts/ and results/ lie there.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
MachineOrNodes = Annotated[
    str,
    typer.Option("--executor", metavar="local|ray[:HOST:PORT]", help="local: here; ray: on nodes of a Ray cluster."),
]
OnNodes = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="WHERE",
        help="With ray: all (a node of each kind of card; the default), 'gpu=T4', a label 'KEY=VALUE', or a HOST.",
    ),
]
