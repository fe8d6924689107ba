"""The published schema against the loader: what one refuses the other refuses too."""

import copy
import json
import random

import pytest
import yaml
from jsonschema import Draft202012Validator

from bench.cli.main import main
from bench.errors import InputError
from bench.suite import load
from bench.suite.schema import suite_schema
from bench.suite.yamlfile import read

VALIDATOR = Draft202012Validator(suite_schema())
BASES = [
    {
        "data": {"name": "cifar100", "subset": 20, "team_seed": 1, "held_out": 0.15},
        "models": {"simple_cnn": {}, "small": {"network": "convnet", "args": {"num_blocks": 2}, "freeze": 0.5}},
        "variants": {"notebook": {}, "fast": {"cache": "memory", "prefetch": 2, "xla": True, "env": {"A": "1"}}},
        "batch_sizes": [32, 128],
        "seeds": [0, 1],
        "baseline": "notebook",
        "protocol": {"precision": 0.02, "max_seconds": 5, "warmup_steps": 2},
        "train": {
            "epochs": 3,
            "optimizer": {"name": "sgd", "momentum": 0.9},
            "early_stopping": {"patience": 5},
            "phases": [{"name": "head", "freeze": 1.0}, {"name": "all", "learning_rate": 1e-4}],
            "target_accuracy": 0.5,
            "stop_at_target": True,
        },
        "table": ["epochs", "test_accuracy"],
        "course": {
            "max_epochs": 9,
            "min_accuracy": 0.5,
            "data": ["cifar100"],
            "columns": ["epochs"],
            "real_data": True,
        },
        "attribute": False,
    },
    {
        "data": {"name": "synthetic", "shape": [8, 8, 3], "classes": 4, "images": 400, "subset": [0, 3]},
        "models": {"axes": {"network": ["VGG16", "ResNet50"], "freeze": [0.0, 1]}, "base": {"learning_rate": 1e-4}},
        "variants": ["xla", {"name": "mine", "map": "autotune", "threads": None}, {"shuffle": 100}],
        "design": "one factor at a time",
    },
    {
        "dataset": "digits",
        "models": ["simple_cnn", {"network": "compact", "args": {"width": 8}, "train": {"epochs": 9}}],
        "variants": {"axes": {"cache": ["none", "memory"], "tf32": [True, False]}, "exclude": [{"cache": "none"}]},
        "train": {"phases": [{"name": "a", "epochs": 2}], "keep_weights": True},
    },
]
VALUES = ["text", "", -1, 0, 2, 1.5, True, None, [], {}, ["text"], {"text": 1}, [-1], "12"]
WORDS = ["cash", "prefetsch", "name", "args", "freeze", "epochs", "momentum", "team", "axes", "subset"]


def places(value, at=()):
    """Every way into a value, and the value itself."""
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*at, key))


def inside(value, way):
    for key in way:
        value = value[key]
    return value


def changed(base, generator):
    """The suite with one value replaced, taken away or added."""
    suite = copy.deepcopy(base)
    ways = list(places(suite))
    way = generator.choice(ways[1:])
    holder = inside(suite, way[:-1])
    kind = generator.random()
    if kind < 0.6:
        holder[way[-1]] = copy.deepcopy(generator.choice(VALUES))
    elif kind < 0.75:
        del holder[way[-1]]
    else:
        mappings = [one for one in ways if isinstance(inside(suite, one), dict)]
        inside(suite, generator.choice(mappings))[generator.choice(WORDS)] = copy.deepcopy(generator.choice(VALUES))
    return suite


def accepted(path, suite):
    path.write_text(yaml.safe_dump(suite, sort_keys=False))
    try:
        load(path)
    except InputError as error:
        return str(error)
    return None


# what a schema can't say: see `bench.suite.schema`
BEYOND = (
    "no CSV file",
    "takes no 'args'",  # of networks that are an axis
    "there is no class",
    "no file ",
    "is no variant of this suite",
    "is an axis and stands in 'base'",
    "matches nothing",
    "which is no axis",
    "every variant is excluded",
    "every model is excluded",
    "are called",
    "stands in the model and in 'train'",
    "goes by held-out images",
    "needs held-out images",
    "unknown variant",
    "finds no",
    "can't be found",
    "the course ",
    " of the course ",
)


def test_every_suite_that_comes_with_the_project_fits(checkout):
    for path in sorted((checkout / "suites").glob("*.yaml")):
        assert [error.message for error in VALIDATOR.iter_errors(read(path).data)] == [], path


@pytest.mark.parametrize("seed", range(9))
def test_the_schema_and_the_loader_refuse_the_same(tmp_path, seed):
    generator, refused = random.Random(seed), 0
    for _ in range(60):
        suite = changed(BASES[seed % len(BASES)], generator)
        fault = accepted(tmp_path / "mine.yaml", suite)
        errors = [error.message for error in VALIDATOR.iter_errors(suite)]
        if fault is None:
            assert errors == [], suite
        elif not any(words in fault for words in BEYOND):
            assert errors, (fault, suite)
            refused += 1
    assert refused >= 25


def test_the_verb_prints_what_lies_beside_the_shipped_suites(checkout, capsys):
    with pytest.raises(SystemExit) as end:
        main(["schema"])
    assert not end.value.code
    printed = capsys.readouterr().out
    assert json.loads(printed) == suite_schema()
    assert printed == (checkout / "suites" / "suite.schema.json").read_text()
    for path in (checkout / "suites").glob("*.yaml"):
        assert path.read_text().startswith("# yaml-language-server: $schema=suite.schema.json\n"), path
