"""A suite's YAML as a JSON Schema (draft 2020-12), so that editors complete and check it as it is written.

Made from the models that `bench run` validates with, and from the names that a suite may use. It says all that can be
said of a value by itself and of keys that go together; that a file is there, that names differ, and what only data or a
network can tell stays with `bench run`.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pydantic import TypeAdapter

from bench.suite.cells import Design, Suite
from bench.suite.checks import OF_IMAGES, PIPELINE_ONLY, SYNTHETIC_ONLY
from bench.suite.course import Course
from bench.suite.names import DATA_SETS, HOUSE_NETWORKS, IMPORT_PATH, KERAS_NETWORKS, NETWORKS
from bench.suite.optimizers import OPTIMIZERS, arguments
from bench.suite.options import Options
from bench.suite.recipe import TrainSpec
from bench.suite.spec import DataSpec, ModelSpec, Protocol

__all__ = ["suite_schema"]

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OFF = ("off", "no", "none", False)
"""How YAML 1.1 and 1.2 read what a suite writes for nothing: `cache: off`."""
_SWITCH: Schema = {"enum": [True, False, "on", "off", "yes", "no"]}
"""`on` and `off` are words to YAML 1.2, as editors read it, and true and false to YAML 1.1, as `bench` does."""
_PATH = {"type": "string", "pattern": f"^{IMPORT_PATH}$"}
_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": r"^[^./\\*?\[\]\s][^/\\*?\[\]\s]*$"}


def suite_schema() -> Schema:
    """The schema of a whole suite, as plain values to be written as JSON."""
    suite = _fields(Suite)
    defs = {
        "data": _data(),
        "options": _options(),
        "protocol": _object(Protocol),
        "train": _train(whole=True),
        "train_of_a_model": _train(whole=False),
        "model": _model(),
    }
    properties = {
        "title": suite["title"],
        "data": {"$ref": "#/$defs/data"},
        "dataset": {"$ref": "#/$defs/data", "description": "the same as `data`"},
        "models": _many({"enum": list(NETWORKS)}, _ref("model"), _networks(), _axes("model", ModelSpec)),
        "variants": _many({"type": "string", "minLength": 1}, _named_options(), _variants(), _axes("options", Options)),
        "batch_sizes": suite["batch_sizes"] | {"minItems": 1, "uniqueItems": True},
        "seeds": suite["seeds"] | {"minItems": 1, "uniqueItems": True},
        "baseline": suite["baseline"],
        "protocol": {"$ref": "#/$defs/protocol"},
        "train": {"anyOf": [{"$ref": "#/$defs/train"}, {"type": "null"}]},
        "course": {"anyOf": [_course(), {"type": "null"}]},
        "design": TypeAdapter(Design).json_schema() | {"description": Suite.model_fields["design"].description},
        "table": suite["table"],
        "attribute": _SWITCH | {"description": Suite.model_fields["attribute"].description},
    }
    return {
        "$schema": _DIALECT,
        "title": "A suite of bench",
        "description": "Models, variants of their input pipeline and execution, and how they are measured.",
        "type": "object",
        "properties": properties,
        "required": ["models", "variants"],
        "oneOf": [{"required": ["data"]}, {"required": ["dataset"]}],
        "additionalProperties": False,
        "$defs": defs,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _fields(model: type[Any]) -> dict[str, Schema]:
    """The properties that pydantic derives from a model, inner models written out."""
    whole = model.model_json_schema(mode="validation")
    defs = whole.get("$defs", {})

    def inlined(value: Any) -> Any:
        match value:
            case {"$ref": str(ref), **rest}:
                return inlined(deepcopy(defs[ref.rpartition("/")[2]])) | inlined(rest)
            case dict():
                return {
                    key: inlined(inner) for key, inner in value.items() if key != "title" or not isinstance(inner, str)
                }
            case list():
                return [inlined(inner) for inner in value]
            case _:
                return value

    found: dict[str, Schema] = inlined(whole["properties"])
    return found


def _object(model: type[Any]) -> Schema:
    schema = {"type": "object", "properties": _fields(model), "additionalProperties": False}
    required = model.model_json_schema(mode="validation").get("required")
    return schema | ({"required": required} if required else {})


def _options() -> Schema:
    schema = _object(Options)
    fields = schema["properties"]
    for name in ("cache", "shuffle", "map", "augment"):
        fields[name] = {"anyOf": [_without(fields[name], "description"), {"enum": list(_OFF)}]} | _said(fields[name])
    fields["batch_map"] = {"anyOf": [_PATH, {"type": "null"}, {"enum": ["none", False, "off", "no"]}]} | _said(
        fields["batch_map"]
    )
    for name in ("tf32", "deterministic"):
        fields[name] = _SWITCH | _said(fields[name])
    fields["xla"] = {"enum": [*_SWITCH["enum"], "auto"]} | _said(fields["xla"])
    return schema


def _said(schema: Schema) -> Schema:
    return {key: schema[key] for key in ("description", "default") if key in schema}


def _without(schema: Schema, *names: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in (*names, "default")}


def _data() -> Schema:
    name = {"anyOf": [{"enum": list(DATA_SETS)}, _PATH]}
    schema = _object(DataSpec)
    schema["properties"]["name"] = name
    del schema["required"]
    optional_path = {"anyOf": [_PATH, {"type": "null"}]}
    schema["properties"]["pipeline"] = optional_path | _said(schema["properties"]["pipeline"])
    schema["properties"]["validation"] = optional_path | _said(schema["properties"]["validation"])
    schema["properties"]["batched"] = _SWITCH | _said(schema["properties"]["batched"])
    subset = schema["properties"]["subset"]
    subset["anyOf"] = [
        one | ({"minItems": 1, "uniqueItems": True} if one.get("type") == "array" else {}) for one in subset["anyOf"]
    ]
    number, table = {"type": "integer"}, {"type": "string"}
    own = _has("pipeline", {"type": "string"})
    schema["allOf"] = [
        _if(own, {"properties": dict(map(_default_only, (*OF_IMAGES[1:], *SYNTHETIC_ONLY)))}),
        _if({"not": own}, {"required": ["name"], "properties": dict(map(_default_only, PIPELINE_ONLY))}),
        _if(_has("name", {"not": {"const": "synthetic"}}), {"properties": dict.fromkeys(SYNTHETIC_ONLY, False)}),
        _if(_has("name", {"enum": list(DATA_SETS)}), {"properties": {"args": False}}),
        _if(_has("subset", number), {"required": ["team_seed"], "properties": {"team_seed": number}}),
        _if({"not": _has("subset", number)}, {"properties": {"team_seed": {"type": "null"}}}),
        _if({"not": _has("subset", table)}, {"properties": {"team": {"type": "null"}}}),
        *(
            _if(_has("name", {"const": known}), {"properties": {"subset": _classes(count)}})
            for known, count in (("cifar100", 100), ("cifar10", 10), ("digits", 10))
        ),
    ]
    return {"anyOf": [name, schema]}


def _default_only(key: str) -> tuple[str, Schema]:
    """A key that has no meaning there, and may be written out with its default all the same."""
    default = DataSpec.model_fields[key].default
    const = list(default) if isinstance(default, tuple) else default
    return key, {"enum": [False, "off", "no"]} if default is False else {"const": const}


def _classes(count: int) -> Schema:
    """Of a subset: a number up to `count`, or indices below it."""
    return {
        "if": {"type": "integer"},
        "then": {"maximum": count},
        "else": {"if": {"type": "array"}, "then": {"items": {"maximum": count - 1}}},
    }


def _has(key: str, schema: Schema) -> Schema:
    return {"required": [key], "properties": {key: schema}}


def _if(condition: Schema, then: Schema) -> Schema:
    return {"if": condition, "then": then}


def _train(*, whole: bool) -> Schema:
    """`train`; a model's own changes some of it, and so need not be whole."""
    schema = _object(TrainSpec)
    fields = schema["properties"]
    for name in ("restore_best", "stop_at_target", "test_each_epoch", "keep_weights"):
        fields[name] = _SWITCH | _said(fields[name])
    by_name = [
        {
            "type": "object",
            "properties": {"name": {"const": name}} | {argument: {} for argument in arguments(name)},
            "required": ["name"],
            "additionalProperties": False,
        }
        for name in OPTIMIZERS
    ]
    fields["optimizer"] = {"anyOf": [{"enum": list(OPTIMIZERS)}, {"type": "null"}, *by_name]} | _said(
        fields["optimizer"]
    )
    if not whole:
        same = {name: _field("train", name) for name in fields}
        return schema | {"properties": same}
    each = {"required": ["phases"], "properties": {"phases": {"minItems": 1, "items": _has("epochs", _number())}}}
    schema["anyOf"] = [_has("epochs", _number()), each]
    schema["allOf"] = [_if(_has("stop_at_target", {"enum": [True, "on", "yes"]}), _has("target_accuracy", _number()))]
    return schema


def _course() -> Schema:
    schema = _object(Course)
    fields = schema["properties"]
    fields["real_data"] = _SWITCH | _said(fields["real_data"])
    return schema


def _number() -> Schema:
    return {"type": "number"}


def _model() -> Schema:
    schema = _object(ModelSpec)
    fields = schema["properties"]
    fields["name"] = _NAME
    fields["network"] = {"anyOf": [{"enum": list(NETWORKS)}, _PATH]}
    fields["weights"] = {
        "anyOf": [{"const": "imagenet"}, {"type": "string", "pattern": r"\.(weights\.h5|keras)$"}, {"type": "null"}]
    } | _said(fields["weights"])
    fields["train"] = {"anyOf": [_ref("train_of_a_model"), {"type": "null"}]}
    fields["data"] = {"anyOf": [_ref("data"), {"type": "null"}, _part_of_data()]}
    schema.pop("required", None)
    schema["anyOf"] = [{"required": ["network"]}, _has("name", {"anyOf": [{"enum": list(NETWORKS)}, _PATH]})]
    without = [*KERAS_NETWORKS, "vgg16"]
    schema["allOf"] = [
        _if(_has("network", {"enum": without}), {"properties": {"args": False}}),
        *(
            _if(_has("network", {"const": name}), {"properties": {"args": _arguments(known)}})
            for name, known in HOUSE_NETWORKS.items()
        ),
        _if(
            _has("network", {"anyOf": [{"enum": list(HOUSE_NETWORKS)}, _PATH]}),
            {"properties": {"weights": {"not": {"const": "imagenet"}}}},
        ),
    ]
    return schema


def _arguments(known: tuple[str, ...]) -> Any:
    return {"type": "object", "propertyNames": {"enum": list(known)}} if known else False


def _part_of_data() -> Schema:
    """What a model may change of `data` without naming the data set again."""
    fields = {name: {"$ref": f"#/$defs/data/anyOf/1/properties/{name}"} for name in DataSpec.model_fields}
    return {"type": "object", "properties": fields | {"name": False}, "additionalProperties": False}


def _networks() -> Schema:
    """Models by name: of one that is called like a network, that is it."""
    fields = {name: _field("model", name) for name in ModelSpec.model_fields if name != "name"}
    model = {"type": "object", "properties": fields, "additionalProperties": False, "allOf": _model()["allOf"]}
    nothing = {"type": "null"}
    of_its_name = _if({"not": {"required": ["network"]}}, {"properties": {"args": False}})
    without_arguments = "|".join(name for name in NETWORKS if not HOUSE_NETWORKS.get(name))
    others = "|".join((*(name for name, known in HOUSE_NETWORKS.items() if known), IMPORT_PATH))
    return {
        "patternProperties": {
            f"^({without_arguments})$": {"anyOf": [nothing, model | {"allOf": [*model["allOf"], of_its_name]}]},
            f"^({others})$": {"anyOf": [nothing, model]},
        },
        "additionalProperties": model | {"required": ["network"]},
    }


def _variants() -> Schema:
    """Variants by name."""
    return {"additionalProperties": {"anyOf": [{"type": "null"}, _ref("options")]}}


def _named_options() -> Schema:
    """A variant in a list, with its name or without."""
    fields = {"name": _NAME} | {name: _field("options", name) for name in Options.model_fields}
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _field(definition: str, name: str) -> Schema:
    return {"$ref": f"#/$defs/{definition}/properties/{name}"}


def _many(bare: Schema, one: Schema, by_name: Schema, axes: Schema) -> Schema:
    """Models or variants in the three ways to write them: a list, a mapping by name, or axes."""
    mapping = {"type": "object", "minProperties": 1, "propertyNames": _NAME} | by_name
    return {
        "anyOf": [
            {"type": "array", "minItems": 1, "items": {"anyOf": [bare, one]}},
            {"if": {"type": "object", "required": ["axes"]}, "then": axes, "else": mapping},
        ]
    }


def _axes(definition: str, model: type[Any]) -> Schema:
    """Axes multiplied out; models must get their network from somewhere."""
    fields = {name: _field(definition, name) for name in model.model_fields if name != "name"}
    several = {name: {"type": "array", "minItems": 1, "items": field} for name, field in fields.items()}
    matched: Schema = {"properties": {name: {} for name in fields}, "minProperties": 1}
    mapping = {"type": "object", "additionalProperties": False}
    network = {"required": ["network"]}
    wanted = {"anyOf": [_has("axes", network), _has("base", network)]} if "network" in fields else {}
    return wanted | {
        "type": "object",
        "properties": {
            "axes": mapping | {"properties": several, "minProperties": 1},
            "base": mapping | {"properties": fields},
            "exclude": {"type": "array", "items": mapping | matched},
        },
        "required": ["axes"],
        "additionalProperties": False,
    }
