"""What a value of a suite belongs to: in words, with the keys that may stand there and its place in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from bench.suite.cells import Suite
from bench.suite.course import Course
from bench.suite.drafts import MODEL, VARIANT, Draft, DraftKind
from bench.suite.explain import Owner
from bench.suite.merging import Merged
from bench.suite.spec import DataSpec, Protocol, TrainSpec
from bench.suite.wording import quoted
from bench.suite.yamldata import Keys
from bench.support.frozen import Frozen

__all__ = ["KEYS", "NOT_KEYS", "Owners"]

NOT_KEYS = ("name", "folder", "places")
"""Fields of a suite that its file doesn't set."""

KEYS = tuple(name for name in Suite.model_fields if name not in NOT_KEYS)

_SECTIONS: dict[str, type[Frozen]] = {"data": DataSpec, "protocol": Protocol, "train": TrainSpec, "course": Course}


class Owners:
    """Of a suite with these models and variants; `sections` are what each model changes of `data` and `train`.

    Called with the way to a value in the data that is validated.
    """

    def __init__(
        self, models: Sequence[Draft], sections: Sequence[Mapping[str, Merged]], variants: Sequence[Draft]
    ) -> None:
        self._models, self._sections, self._variants = models, sections, variants

    def __call__(self, way: Keys) -> Owner:
        match way:
            case ("models", int(i), "data" | "train" as section, *inner) if section in self._sections[i]:
                return _of_section(section, tuple(inner), self._sections[i][section].place(tuple(inner)))
            case ("models", int(i), *inner):
                return _of_draft(MODEL, self._models[i], tuple(inner))
            case ("variants", int(i), "options", *inner):
                return _of_draft(VARIANT, self._variants[i], tuple(inner))
            case (str(key), *inner) if key in _SECTIONS:
                return _of_section(key, tuple(inner), way)
            case _:
                return Owner("", KEYS, way)


def _of_draft(kind: DraftKind, draft: Draft, inner: Keys) -> Owner:
    words = f" in a {kind.word}" if draft.automatic else f" in the {kind.word} {quoted(draft.name)}"
    return Owner(words, kind.fields, (*draft.place(str(inner[0])), *inner[1:]) if inner else draft.at)


def _of_section(section: str, inner: Keys, keys: Keys) -> Owner:
    """`inner` leads to the value within the section: through rules and phases, each with keys of its own."""
    known, parts = _SECTIONS[section], [quoted(section)]
    for i, key in enumerate(inner[:-1]):
        if isinstance(key, int):
            parts[-1] = f"item {key + 1} of {parts[-1]}"
            continue
        field = known.model_fields.get(key)
        part = _part(field.annotation) if field else None
        if part is None:
            break
        known = part
        parts = [*(parts if i else ()), quoted(key)]
    return Owner(f" in {' of '.join(reversed(parts))}", tuple(known.model_fields), keys)


def _part(annotation: Any) -> type[Frozen] | None:
    """The one among a type's alternatives or items that has keys of its own."""
    if isinstance(annotation, type) and issubclass(annotation, Frozen):
        return annotation
    return next((part for one in get_args(annotation) if (part := _part(one)) is not None), None)
