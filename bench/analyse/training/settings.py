"""What decides what a cell learns: its network, its recipe, its data and its options, as one flat mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.analyse.options.measured_options import settings
from bench.results.record import Record
from bench.suite.checks import SYNTHETIC_ONLY
from bench.suite.recipe import NOTHING_LEARNT
from bench.support.flat import flat

__all__ = ["SPEED_ONLY", "asked_rate", "settings_of"]

SPEED_ONLY = frozenset(
    {
        "source",
        "cache",
        "map",
        "prefetch",
        "xla",
        "steps_per_execution",
        "threads",
        "pipeline_threads",
        "autotune_ram_mib",
        "env",
    }
)
"""Options that change when something is computed or where, and nothing of what: their effect on accuracy is chance."""

_ELSEWHERE = NOTHING_LEARNT | {"target_accuracy", "stop_at_target", "learning_rate", "phases"}
_RULES = ("early_stopping", "reduce_on_plateau")
_WHICH = frozenset({"subset", "team_seed", "team", "name"})


def settings_of(record: Record) -> dict[str, Any]:
    """The settings of a record, in the order in which a reader expects them; nothing of its seed or its machine, and of
    the user's own code its name alone.

    `classes` is how many are kept, or which where the suite lists them; `which_classes` is what they were drawn from.
    `learning_rate` is the one asked for, null where that is the network's or the optimizer's own.
    """
    model = record.workload.model
    elsewhere = ("learning_rate", "args", "train", "data", "source")
    named = {name: value for name, value in model.complete.items() if name not in elsewhere}
    return {
        **named,
        "freeze": _freeze(model.freeze),
        **{f"args.{name}": value for name, value in model.args.items()},
        "learning_rate": asked_rate(record),
        **(_recipe(record.train.complete) if record.train else {}),
        "batch_size": record.batch_size,
        **settings(record.workload),
        **_data(record),
    }


def asked_rate(record: Record) -> float | None:
    """The learning rate that the suite asks for; None where it leaves that to the network or the optimizer."""
    rate = record.train.learning_rate if record.train else None
    return record.workload.model.learning_rate if rate is None else rate


def _recipe(train: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in train.items() if name not in _ELSEWHERE}
    if train.get("stop_at_target"):
        found["stops_at"] = train.get("target_accuracy")
    phases = [{**phase, "freeze": _freeze(phase.get("freeze"))} for phase in train.get("phases") or ()]
    if phases:
        found["phases"] = phases
    if not found.get("restore_best") and not any(part.get(rule) for part in (train, *phases) for rule in _RULES):
        found.pop("monitor", None)  # nothing goes by it
    return found


def _freeze(value: float | None) -> float | None:
    """None of the layers is none, whether their number or their share is 0."""
    return 0.0 if value == 0 else value


def _data(record: Record) -> dict[str, Any]:
    written, data = record.data_spec, record.data
    spec = written.complete if written else {}
    name = data.name if data is not None else spec.get("name")
    idle = _WHICH if spec.get("name") == "synthetic" else _WHICH | {*SYNTHETIC_ONLY}
    others = {key: value for key, value in spec.items() if key not in idle and value not in (None, {}, [])}
    found = {"data": name} | flat(others, "data.")
    subset = spec.get("subset")
    if isinstance(subset, list | tuple):
        return found | {"classes": list(subset), "which_classes": None}
    kept = None if data is None else len(data.subset) if data.subset is not None else data.classes
    if subset is None:
        return found | {"classes": kept, "which_classes": None}
    drawn = {key: spec[key] for key in ("team_seed", "team") if spec.get(key) is not None}
    if isinstance(subset, str):
        drawn["list"] = subset
    return found | {"classes": kept, "which_classes": drawn}
