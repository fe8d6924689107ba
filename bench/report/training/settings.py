"""The settings that a cell was trained with, as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from bench.analyse.training.settings import asked_rate
from bench.report.core.option_text import value_text
from bench.results.metric import ABSENT
from bench.results.record import Record
from bench.suite.options import Options

__all__ = [
    "ARGUMENT",
    "SETTINGS",
    "Setting",
    "optimizer_text",
    "rate_text",
    "setting_of",
    "setting_title",
    "trained_part",
]

ARGUMENT = "args."


@dataclass(frozen=True)
class Setting:
    """One setting: its title, what stands for it of a record, and what that means where the title doesn't say."""

    name: str
    title: str
    text: Callable[[Record], str]
    legend: str = ""


def setting_of(name: str) -> Setting | None:
    """The setting of that name: one of `SETTINGS`, or an argument of the network, `args.num_blocks`."""
    if name.startswith(ARGUMENT) and len(name) > len(ARGUMENT):
        argument = name.removeprefix(ARGUMENT)
        return Setting(name, argument.replace("_", " "), lambda record: _argument(record, argument))
    return SETTINGS.get(name)


def setting_title(name: str) -> str:
    """What a setting is called in a sentence."""
    found = setting_of(name)
    return found.title if found else name.replace("_", " ")


def level_value(name: str, value: Any, record: Record) -> str:
    """The value of a setting of `record`, as `bench.analyse.training.settings` names both."""
    found = setting_of(name)
    if found is not None:
        return found.text(record)
    if name == "phases":
        return ", then ".join(str(phase.get("name")) for phase in value or ()) or "none"
    return value_text(name, value)


def rate_text(rate: float) -> str:
    """A learning rate; those that Keras holds in single precision come out as they were written.

    >>> rate_text(0.0010000000474974513), rate_text(4.999999873689376e-05)
    ('0.001', '5e-05')
    """
    return f"{rate:g}"


def optimizer_text(spec: Mapping[str, Any] | None) -> str:
    """An optimizer and its arguments.

    >>> optimizer_text({"name": "sgd", "args": {"momentum": 0.9}})
    'sgd, momentum 0.9'
    """
    if spec is None:
        return "adam"
    arguments = (f"{name.replace('_', ' ')} {value_text(name, value)}" for name, value in spec.get("args", {}).items())
    return ", ".join((str(spec.get("name")), *arguments))


def trained_part(freeze: float | None) -> str:
    """The part of the base's layers that is trained where `freeze` of them aren't: a number, or a share (0..1).

    >>> trained_part(0.1), trained_part(1.0), trained_part(0), trained_part(15)
    ('90 %', 'head only', 'all', 'all but 15')
    """
    if not freeze:
        return "all"
    if isinstance(freeze, int):
        return f"all but {freeze}"
    return "head only" if freeze == 1 else f"{(1 - freeze) * 100:.4g} %"


def _layers(record: Record) -> str:
    own = record.workload.model.freeze
    phases = record.train.phases if record.train else ()
    parts = [trained_part(own if phase.freeze is None else phase.freeze) for phase in phases]
    return ", then ".join(dict.fromkeys(parts)) or trained_part(own)


def _weights(record: Record) -> str:
    weights = record.workload.model.weights
    return "random" if weights is None else PurePosixPath(weights).name


def rate_of(record: Record) -> str:
    """The learning rate that its training started with, or was to start with; a dash where that isn't known."""
    began = record.history[0].learning_rate if record.history else None
    rate = asked_rate(record) if began is None else began
    return ABSENT if rate is None else rate_text(rate)


def _optimizer(record: Record) -> str:
    spec = record.train.optimizer if record.train else None
    return optimizer_text(spec.plain if spec else None)


def _steps(record: Record) -> str:
    steps = record.train.steps_per_epoch if record.train else None
    if steps is None and record.history:
        steps = record.history[0].steps
    return ABSENT if steps is None else f"{steps:,}"


def _validation(record: Record) -> str:
    if record.train is None or not (record.data and record.data.held_out_images):
        return ABSENT
    steps = record.train.validation_steps
    return "all" if steps is None else f"{steps:,}"


def _epochs(record: Record) -> str:
    if record.train is None:
        return ABSENT
    own = record.train.epochs
    wanted = sum((phase.epochs or own or 0) for phase in record.train.phases) or own
    return ABSENT if wanted is None else f"{wanted:,}"


def _classes(record: Record) -> str:
    data = record.data
    if data is None or data.classes is None:
        return ABSENT
    return str(data.classes if data.subset is None else len(data.subset))


def _size(record: Record) -> str:
    shape = record.workload.data.shape
    return ABSENT if shape is None else "×".join(map(str, shape[:2]))


def _train_images(record: Record) -> str:
    count = record.data.train_images if record.data else None
    return ABSENT if count is None else f"{count:,}"


def _argument(record: Record, name: str) -> str:
    arguments = record.workload.model.args
    return value_text(name, arguments[name]) if name in arguments else ABSENT


def _option(name: str) -> Setting:
    title = {"augment": "augmentation"}.get(name, name.replace("_", " "))
    return Setting(name, title, lambda record: value_text(name, record.options.plain.get(name)))


_OWN = (
    Setting("network", "network", lambda record: record.workload.model.network),
    Setting(
        "freeze",
        "layers trained",
        _layers,
        "share of the base network's layers that training changes; the head is always trained, except that a network of"
        " the user's own is counted whole",
    ),
    Setting("weights", "initial weights", _weights),
    Setting("learning_rate", "learning rate", rate_of, "the one that training started with"),
    Setting("optimizer", "optimizer", _optimizer),
    Setting("steps_per_epoch", "steps an epoch", _steps),
    Setting("validation_steps", "validation steps", _validation, "batches of held-out images after each epoch"),
    Setting("epochs_wanted", "epochs wanted", _epochs, "epochs that are trained where no rule stops it"),
    Setting("classes", "classes", _classes, "classes whose images are kept"),
    Setting("train_images", "training images", _train_images),
    Setting("data", "data", lambda record: record.data.name if record.data else ABSENT),
    Setting("batch_size", "batch size", lambda record: str(record.batch_size)),
)

SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {name: _option(name) for name in Options.model_fields}
    | {"image_size": Setting("image_size", "image size", _size)}
    | {setting.name: setting for setting in _OWN}
)
"""Every setting that has a name of its own."""
