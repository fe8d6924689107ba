"""What a model changes of the suite's `data` and `train`, laid over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.suite.drafts import Draft
from bench.suite.yamldata import Keys

__all__ = ["SECTIONS", "Merged", "merged", "overruled"]

SECTIONS = ("data", "train")
_MANY = 1000
"""Values of an axis that are each compared with all: more of them are more combinations than a suite may have, or so
many that two equal ones are better told as a fault."""
_WITH_SUBSET = ("subset", "team_seed", "team")


@dataclass(frozen=True)
class Merged:
    """A section as it holds for one model. `place` gives the way to one of its values in the file."""

    values: Any
    place: Callable[[Keys], Keys]


def merged(section: str, suite: Any, draft: Draft) -> Merged | None:
    """`section` of the suite with what the model of `draft` changes; None where it changes nothing.

    Another data set's name, or another pipeline, replaces all of `data`, and another subset all that says which
    classes; else each key by itself. What isn't of the right type is left for the validation to find.
    """
    if section not in draft.values:
        return None
    own, at = draft.values[section], draft.place(section)
    if section == "data" and isinstance(own, str):
        return Merged({"name": own}, lambda _: at)
    if not isinstance(own, dict) or not isinstance(suite, dict | None):
        return Merged(own, lambda keys: (*at, *keys))
    base = dict(suite or {})
    if section == "data" and ("name" in own or own.get("pipeline") is not None):
        base = {}
    elif section == "data" and "subset" in own:
        base = {key: value for key, value in base.items() if key not in _WITH_SUBSET or key == "team_seed"}
        if not isinstance(own["subset"], int) or isinstance(own["subset"], bool):
            base.pop("team_seed", None)

    def place(keys: Keys) -> Keys:
        return (*at, *keys) if not keys or keys[0] in own else (section, *keys)

    return Merged({**base, **own}, place)


def overruled(raw: dict[str, Any], keys: Keys) -> None:
    """Forget what models and phases say for themselves of a value in `data` or `train` that the command line has set:
    it has the last word."""
    if not keys or keys[0] not in SECTIONS:
        return
    section, way = str(keys[0]), list(keys[1:])
    models = _models(raw.get("models"))
    for values in models:
        own = values.get(section)
        if not way or (way == ["name"] and isinstance(own, str)):
            values.pop(section, None)
        elif isinstance(own, dict):
            _forget(own, way)
    _merge_equal(raw.get("models"), section)
    if section == "train" and way:
        for train in (raw.get("train"), *(values.get("train") for values in models)):
            _forget_in_phases(train, way)


def _merge_equal(models: Any, section: str) -> None:
    """Values of an axis that have become the same are one; an axis that says nothing more is none."""
    axes = models.get("axes") if isinstance(models, dict) else None
    values = axes.get(section) if isinstance(axes, dict) else None
    if not isinstance(axes, dict) or not isinstance(values, list):
        return
    if len(values) > _MANY:
        return
    axes[section] = [value for i, value in enumerate(values) if value not in values[:i]]
    if axes[section] == [{}] and len(axes) > 1:
        del axes[section]


def _forget_in_phases(train: Any, way: list[str | int]) -> None:
    phases = train.get("phases") if isinstance(train, dict) else None
    for phase in phases if isinstance(phases, list) else ():
        if isinstance(phase, dict):
            _forget(phase, way)


def _models(models: Any) -> list[dict[str, Any]]:
    """The raw values of every model, in whichever of the three ways they are written."""
    found: list[Any]
    if isinstance(models, list):
        found = models
    elif isinstance(models, dict) and "axes" in models:
        axes = models["axes"] if isinstance(models["axes"], dict) else {}
        values = {key: axes[key] for key in SECTIONS if isinstance(axes.get(key), list)}
        found = [models.get("base"), *({key: value} for key, several in values.items() for value in several)]
    else:
        found = list(models.values()) if isinstance(models, dict) else []
    return [values for values in found if isinstance(values, dict)]


def _forget(values: dict[str, Any], way: list[str | int]) -> None:
    for key in way[:-1]:
        inner = values.get(key) if isinstance(key, str) else None
        if not isinstance(inner, dict):
            return
        values = inner
    if isinstance(way[-1], str):
        values.pop(way[-1], None)
