"""Pages of the reference, made of the code itself as the site is built."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from mkdocs.structure.files import File, Files

from bench.analyse.findings.registry import kinds
from bench.cli.app import app
from bench.database.views import VIEWS, columns_of
from bench.results.metric import Metric
from bench.results.metrics import METRICS
from bench.results.record import SCHEMA_VERSION, Accuracy, Attribution, DataInfo, Epoch, Failure, Record, Training
from bench.results.recorded_setup import RecordedDevice, RecordedProtocol, Workload
from bench.results.replication import AllReduce, DeviceUse, Replication
from bench.results.window import Turns
from bench.run.plan import WORKLOAD_VERSION
from bench.suite.cells import Suite
from bench.suite.course import Course, Grade, Ranking
from bench.suite.options import Options
from bench.suite.recipe import EarlyStopping, Phase, ReduceOnPlateau, TrainSpec
from bench.suite.spec import DataSpec, ModelSpec, Protocol, Variant

CHECKOUT = Path(__file__).resolve().parents[2]
NOT_WRITTEN = {"name", "folder", "places"}
_SECTIONS = {
    DataSpec: "data",
    ModelSpec: "a model",
    Variant: "a variant",
    Protocol: "protocol",
    TrainSpec: "train",
    EarlyStopping: "train early_stopping",
    ReduceOnPlateau: "train reduce_on_plateau",
    Phase: "train a phase",
    Course: "course",
    Ranking: "course: a ranking",
    Grade: "course: a grade",
    Failure: "failure",
    Turns: "turns",
    DataInfo: "data",
    Accuracy: "accuracy",
    Training: "training",
    Epoch: "history an epoch",
    Attribution: "attribution",
    Replication: "replication",
    DeviceUse: "replication a device",
    AllReduce: "replication all-reduce",
    Workload: "workload",
    RecordedProtocol: "protocol",
    RecordedDevice: "device",
}
"""What a page calls the form of a value, which has a section there."""


def on_files(files: Files, config: Any) -> Files:
    """Add the generated pages, and the figure that the front page shows."""
    pages = {"suite": suite, "cli": cli, "metrics": metrics, "findings": findings, "record": record, "views": views}
    for name, made in pages.items():
        files.append(File.generated(config, f"reference/{name}.md", content="\n".join(made()) + "\n"))
    figure = CHECKOUT / "results" / "figures" / "cpu-amd-epyc-2c" / "cnn-speedup.png"
    files.append(File.generated(config, "assets/cnn-speedup.png", content=figure.read_bytes()))
    files.append(
        File.generated(config, "suite.schema.json", abs_src_path=str(CHECKOUT / "suites" / "suite.schema.json"))
    )
    return files


def suite() -> Iterator[str]:
    """Every key of a suite."""
    yield "# Suite keys\n"
    yield "A suite is one YAML file. [`suite.schema.json`](../suite.schema.json), which `bench schema` prints, lets"
    yield "editors complete and check it.\n"
    yield "## The file\n"
    yield from _fields(Suite, NOT_WRITTEN)
    yield "\n`models` and `variants` are written in one of three ways: a list of names and mappings, a mapping by"
    yield "name, or `axes` whose product is taken, with a `base` for all and an `exclude` list.\n"
    for title, model in (
        ("data", DataSpec),
        ("a model", ModelSpec),
        ("a variant", Options),
        ("protocol", Protocol),
        ("train", TrainSpec),
        ("train: early_stopping", EarlyStopping),
        ("train: reduce_on_plateau", ReduceOnPlateau),
        ("train: a phase", Phase),
        ("course", Course),
        ("course: a ranking", Ranking),
        ("course: a grade", Grade),
    ):
        yield f"\n## {title[0].upper()}{title[1:]}\n"
        yield _about(model)
        yield ""
        yield from _fields(model, set())


def cli() -> Iterator[str]:
    """Every verb's own help."""
    yield "# Command line\n"
    yield "`bench …` and `python -m bench …` are the same. See also the [exit status](exit-status.md).\n"
    command = typer.main.get_command(app)
    for path, one in _verbs(command, "bench"):
        text = one.get_help(one.context_class(one, info_name=path, terminal_width=100))
        yield f"## `{path}`\n\n```\n{inspect.cleandoc(text)}\n```\n"


def metrics() -> Iterator[str]:
    """Every metric that a record can have."""
    yield "# Metrics\n"
    yield "Under these names figures stand in records and in `--json`, unrounded, in the units of the last column;"
    yield "tables show them in the unit of the third.\n"
    yield "| name | title | shown in | better | is | stored in |\n|---|---|---|---|---|---|"
    for name, metric in METRICS.items():
        shown, better = metric.unit or "–", metric.better or "–"
        yield f"| `{name}` | {metric.title} | {shown} | {better} | {metric.legend} | {_stored(metric)} |"


def findings() -> Iterator[str]:
    """Every kind of finding."""
    yield "# Findings\n"
    yield "What may be found of a record. *error*: its figures are of something else than they seem to be;"
    yield "*warning*: they may be off, or wider than they need be; *hint*: they stand, and this explains them.\n"
    yield "| code | severity | meaning |\n|---|---|---|"
    for code, kind in kinds().items():
        yield f"| `{code}` | {kind.severity} | {kind.meaning} |"


def record() -> Iterator[str]:
    """The form of a record."""
    yield "# Records\n"
    yield "One line of JSON for each process of a cell, in `results/<host>/<suite>.jsonl`. Lines are only ever"
    yield f"appended. This is version {SCHEMA_VERSION} of the form; older lines are read as they are, newer ones are"
    yield f"refused with a hint. Version {WORKLOAD_VERSION} of the workload is part of each fingerprint: timings of"
    yield "another version aren't compared.\n"
    yield from _fields(Record, set())
    for title, model in (
        ("failure", Failure),
        ("turns", Turns),
        ("data", DataInfo),
        ("accuracy", Accuracy),
        ("training", Training),
        ("history: an epoch", Epoch),
        ("attribution", Attribution),
        ("replication", Replication),
        ("replication: a device", DeviceUse),
        ("replication: all-reduce", AllReduce),
        ("workload", Workload),
        ("protocol", RecordedProtocol),
        ("device", RecordedDevice),
    ):
        yield f"\n## {title[0].upper()}{title[1:]}\n"
        yield _about(model)
        yield ""
        yield from _fields(model, set())


def views() -> Iterator[str]:
    """The views that SQL sees."""
    yield "# Views\n"
    yield "What [`bench query`](../how-to/query.md) can be asked, as `bench query --schema` lists it. Figures are"
    yield "unrounded.\n"
    for view in VIEWS.values():
        yield f"\n## {view.name}\n\nOne row each: {view.about}.\n"
        yield "| column | type | unit | |\n|---|---|---|---|"
        for column in columns_of(view):
            yield f"| `{column.name}` | {column.type} | {column.unit or '–'} | {_cell(column.about)} |"


def _about(model: type[Any]) -> str:
    return inspect.cleandoc((model.__doc__ or "").partition(">>>")[0])


def _fields(model: type[Any], hidden: set[str]) -> Iterator[str]:
    yield "| key | type | default | |\n|---|---|---|---|"
    for name, field in model.model_fields.items():
        if name in hidden:
            continue
        default = "needed" if field.is_required() else f"`{_shown(field.get_default(call_default_factory=True))}`"
        yield f"| `{name}` | {_cell(_type(field.annotation))} | {default} | {_cell(field.description or '')} |"


def _shown(value: Any) -> str:
    match value:
        case True | False:
            return "on" if value else "off"
        case None:
            return "null"
        case tuple() | list():
            return f"[{', '.join(map(_shown, value))}]"
        case _ if hasattr(value, "model_dump"):
            return "…"
    return str(value) if value != "" else '""'


def _type(annotation: Any) -> str:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(inner[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(map(_type, inner)))
    if origin is typing.Literal:
        return ", ".join(f"`{_shown(one)}`" for one in inner)
    if origin in (tuple, list):
        return f"list of {_type(inner[0])}" if inner else "list"
    if origin is dict or annotation is dict:
        return "mapping"
    if annotation in _SECTIONS:
        return f"[{_SECTIONS[annotation]}](#{_SECTIONS[annotation].replace(' ', '-')})"
    words = {int: "integer", float: "number", str: "text", bool: "`on`, `off`", type(None): "null"}
    return words.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _stored(metric: Metric) -> str:
    return metric.stored_unit or {"%": "share, 0 to 1", "points": "share, −1 to 1"}.get(metric.unit, metric.unit or "–")


def _verbs(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, one in command.commands.items():
        if getattr(one, "invoke_without_command", True) or not hasattr(one, "commands"):
            yield f"{path} {name}", one
        if hasattr(one, "commands"):
            yield from _verbs(one, f"{path} {name}")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
