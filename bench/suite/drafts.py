"""Models and variants as the file gives them, before they are validated."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.suite.faults import Faults
from bench.suite.options import Options
from bench.suite.spec import ModelSpec
from bench.suite.wording import quoted
from bench.suite.yamldata import Keys

__all__ = ["MODEL", "VARIANT", "Draft", "DraftKind", "check_names"]

_LONGEST_NAME = 100


@dataclass(frozen=True)
class Draft:
    """One model or variant: its raw values, and where each came from.

    `at` leads to the whole of it; `automatic` says that its name was made from its values.
    """

    name: str
    values: dict[str, Any]
    at: Keys
    places: dict[str, Keys] = field(default_factory=dict)
    automatic: bool = False

    def place(self, key: str) -> Keys:
        """The way to the value of `key`."""
        return self.places.get(key, self.at)


@dataclass(frozen=True)
class DraftKind:
    """What models and variants differ in: the `fields` that may be set, what a name alone sets, and automatic names.

    A name is made of values, or of what these are as parts of it (`shown`).
    """

    word: str
    fields: tuple[str, ...]
    from_name: Callable[[str], dict[str, Any]]
    automatic_name: Callable[[Mapping[str, Any]], str]

    def shown(self, value: object) -> str:
        """`value` as part of a name."""
        return _shown(value)

    @property
    def key(self) -> str:
        """The suite's key that holds them."""
        return f"{self.word}s"


def _shown(value: object) -> str:
    """A value as part of a name; cut where the name is longer than any may be."""
    match value:
        case None:
            return "null"
        case bool():
            return "on" if value else "off"
        case list():
            text = "+".join(map(_shown, value[:_LONGEST_NAME]))
        case dict():
            some = itertools.islice(value.items(), _LONGEST_NAME)
            text = "+".join(f"{key[:_LONGEST_NAME]}:{_shown(inner)}" for key, inner in some)
        case _:
            text = str(value)
    return text[: _LONGEST_NAME + 1]


def _variant_name(values: Mapping[str, Any]) -> str:
    # options that are all left at their defaults are the notebook's
    return ",".join(f"{key}={_shown(value)}" for key, value in values.items()) or "notebook"


def _model_name(values: Mapping[str, Any]) -> str:
    network = _shown(values.get("network", "model"))
    others = {key: value for key, value in values.items() if key != "network"}
    return f"{network}-{_variant_name(others)}" if others else network


MODEL = DraftKind(
    word="model",
    fields=tuple(name for name in ModelSpec.model_fields if name != "name"),
    from_name=lambda name: {"network": name},
    automatic_name=_model_name,
)
VARIANT = DraftKind(
    word="variant", fields=tuple(Options.model_fields), from_name=lambda _: {}, automatic_name=_variant_name
)


def check_names(kind: DraftKind, drafts: Sequence[Draft], faults: Faults) -> None:
    """Names become parts of cell ids and of file names, and are matched by glob patterns."""
    seen: set[str] = set()
    for draft in drafts:
        at = draft.place("name")
        own_name = f"give the {kind.word} a `name` of its own"
        if draft.name in seen:
            faults.add(at, f"two {kind.word}s are called {quoted(draft.name)}", own_name)
        seen.add(draft.name)
        odd = sorted({c for c in draft.name if c in "/\\*?[]" or c.isspace() or not c.isprintable()})
        if odd:
            signs = ", ".join(map(quoted, odd))
            hint = own_name if draft.automatic else "write letters, digits, and any of - _ . = ,"
            faults.add(at, f"the {kind.word}'s name {quoted(draft.name)} holds {signs}", hint)
        elif not draft.name or draft.name.startswith("."):
            faults.add(at, f"{quoted(draft.name)} is no name for a {kind.word}", "begin with a letter")
        elif len(draft.name) > _LONGEST_NAME:
            what = f"the {kind.word}'s name {quoted(draft.name)} is longer than {_LONGEST_NAME} characters"
            faults.add(at, what, own_name if draft.automatic else "shorten it")
