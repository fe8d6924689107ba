"""What a run was measured with and what was read: sections of names and values, for people."""

from __future__ import annotations

import glob
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from bench.report.core.option_text import value_text
from bench.results.metrics import METRICS
from bench.results.record import Record
from bench.support.plain_text import plain_text, plain_values

__all__ = ["Rows", "command", "of_run", "reasons", "setup"]

Rows = list[tuple[str, str]]

_SETUP = {
    "software": "versions",
    "device": "device",
    "environment": "environment variables",
    "options": "options",
    "model": "model",
    "data": "data",
    "data_spec": "data as the suite asks for it",
    "train": "training",
    "protocol": "protocol",
}
"""Parts of a record that many records share, and what each is called."""


def setup(record: Record) -> list[tuple[str, Rows]]:
    """Each part's title and its values; without parts that the record doesn't have."""
    parts = record.model_dump(mode="json", include=set(_SETUP)) | {"model": record.workload.model.plain}
    found = ((title, list(_rows(parts.get(name) or {}))) for name, title in _SETUP.items())
    told: list[tuple[str, Rows]] = plain_values([(title, rows) for title, rows in found if rows])
    return told


def of_run(record: Record) -> Rows:
    """What is a run's own."""
    shown = METRICS["seconds"]
    stages = ", ".join(f"{name} {shown.text(seconds)} {shown.unit}" for name, seconds in record.stages.items())
    facts = {
        "started": record.started,
        "executor": record.executor,
        "ended by": record.stopped_by,
        "stages": stages,
        "fingerprint of its timing": record.fingerprint,
        "fingerprint of its accuracy": record.accuracy_fingerprint,
        "form of the record": f"version {record.schema_version}",
        "drawn with seed": record.seed,
        "weights": record.training.weights if record.training else None,
    }
    return [(name, plain_text(str(value))) for name, value in facts.items() if value not in (None, "")]


def reasons(record: Record) -> Rows:
    """Why a figure is absent, and how one was come by, by the metric's title."""
    told: Rows = plain_values(
        [(_title(name), why) for name, why in record.absent.items()]
        + [(f"{_title(name)} was read so", how) for name, how in record.notes.items()]
    )
    return told


def command(record: Record) -> str:
    """What measures the cell again, where its suite lies in the working tree."""
    only = shlex.quote(glob.escape(record.cell))
    return plain_text(f"bench run {shlex.quote(f'suites/{record.suite}.yaml')} --only {only}")


def _title(name: str) -> str:
    metric = METRICS.get(name)
    return metric.title if metric else name


def _rows(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Values within values by their names in a row: `model args units`."""
    for name, value in values.items():
        path = f"{before} {name}".strip()
        if isinstance(value, Mapping) and name != "env":
            yield from _rows(value, path)
        elif isinstance(value, list) and name not in ("augment", "batch_map"):
            yield path, ("×" if name == "shape" else ", ").join(map(str, value)) or "none"
        else:
            yield path, value_text(name, value)
