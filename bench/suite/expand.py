"""The three ways to write models and variants: a list, named mappings, or axes whose product is taken."""

from __future__ import annotations

from bench.errors import InputError, nearest
from bench.suite.axes import product
from bench.suite.drafts import VARIANT, Draft, DraftKind, check_names
from bench.suite.faults import Faults
from bench.suite.wording import describe, quoted
from bench.suite.yamldata import Keys
from bench.suite.yamlfile import read
from bench.support.resources import shipped_folder

__all__ = ["expand", "shipped_variants"]


def expand(kind: DraftKind, raw: object, faults: Faults) -> list[Draft]:
    """Every model or variant that `raw`, the value of the suite's key `kind.key`, spells out, in its order."""
    at: Keys = (kind.key,)
    drafts: list[Draft] = []
    if isinstance(raw, dict) and "axes" in raw:
        drafts = product(kind, raw, faults)
    elif isinstance(raw, dict):
        drafts = [draft for name, values in raw.items() if (draft := _named(kind, name, values, faults))]
    elif isinstance(raw, list):
        names = shipped_variants(faults) if kind is VARIANT and any(isinstance(item, str) for item in raw) else {}
        drafts = [draft for i, item in enumerate(raw) if (draft := _item(kind, item, (*at, i), names, faults))]
    else:
        hint = f"write [{raw}]" if isinstance(raw, str) else f"name at least one {kind.word}"
        faults.add(at, f"'{kind.key}' must be a list or a mapping, is {describe(raw)}", hint)
    if raw == [] or raw == {}:
        faults.add(at, f"'{kind.key}' is empty", f"name at least one {kind.word}")
    check_names(kind, drafts, faults)
    return drafts


def shipped_variants(faults: Faults) -> dict[str, dict[str, object]]:
    """The raw options of the variants that `cnn.yaml`, which comes with the project, defines by name."""
    try:
        document = read(shipped_folder("suites") / "cnn.yaml")
    except InputError as error:
        faults.extend(error.faults)
        return {}
    variants = document.data.get("variants")
    named = variants.items() if isinstance(variants, dict) and "axes" not in variants else ()
    return {name: values or {} for name, values in named if values is None or isinstance(values, dict)}


def _named(kind: DraftKind, name: str, values: object, faults: Faults) -> Draft | None:
    at: Keys = (kind.key, name)
    values = {} if values is None else values
    if not isinstance(values, dict):
        what = f"the {kind.word} {quoted(name)} must be a mapping, is {describe(values)}"
        faults.add(at, what, f"write {name}: {{key: value}}, or {name}: {{}} to leave all as it is")
        return None
    if "name" in values:
        faults.add((*at, "name"), f"the {kind.word} is called {quoted(name)} by its key already", "leave 'name' out")
    own = {key: value for key, value in values.items() if key != "name"}
    return Draft(name, kind.from_name(name) | own, at, {key: (*at, key) for key in own})


def _item(
    kind: DraftKind, item: object, at: Keys, shipped_by_name: dict[str, dict[str, object]], faults: Faults
) -> Draft | None:
    if isinstance(item, str):
        if kind is not VARIANT:
            return Draft(item, kind.from_name(item), at)
        if item in shipped_by_name:
            return Draft(item, dict(shipped_by_name[item]), at)
        faults.add(at, f"unknown variant {quoted(item)}", nearest(item, shipped_by_name))
        return None
    if not isinstance(item, dict):
        what = f"each of '{kind.key}' must be a name or a mapping, is {describe(item)}"
        faults.add(at, what, "write a name, or {key: value}")
        return None
    own = {key: value for key, value in item.items() if key != "name"}
    places: dict[str, Keys] = {key: (*at, key) for key in item}
    name = item.get("name")
    if isinstance(name, str):
        return Draft(name, kind.from_name(name) | own, at, places)
    if "name" in item:
        faults.add((*at, "name"), f"'name' must be text, is {describe(name)}", "put it in quotes")
    return Draft(kind.automatic_name(own), own, at, places, automatic=True)
