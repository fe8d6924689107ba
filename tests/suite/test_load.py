"""The ways to write a suite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import bench
from bench.errors import InputError
from bench.suite import DataSpec, ModelSpec, Options, Protocol, TrainSpec, load
from bench.support.resources import shipped_folder

HEAD = "data: digits\n"
MODELS = "models: [simple_cnn]\n"
VARIANTS = "variants: {notebook: }\n"


def named(items):
    return [item.name for item in items]


def test_the_least_there_can_be(suite_of, minimal, tmp_path):
    suite = suite_of(minimal)
    assert (suite.name, suite.folder, suite.title, suite.baseline) == ("mine", str(tmp_path), "", "notebook")
    assert suite.data == DataSpec(name="digits")
    assert suite.models == (ModelSpec(name="simple_cnn", network="simple_cnn"),)
    assert suite.protocol == Protocol()
    assert suite.train is None
    assert [cell.id for cell in suite.cells()] == ["simple_cnn/notebook/b128"]


def test_everything_set(suite_of):
    suite = suite_of(
        """
title: All of it
data:
  {name: synthetic, classes: 10, shape: [8, 9, 1], images: 50, test_images: 100, seed: 3, subset: [1, 9], held_out: 0.5}
models: {half: {network: VGG16, freeze: 0.5, weights: imagenet, learning_rate: 1e-4}}
variants:
  plain:
  fast: {cache: memory, shuffle: 10, map: 2, prefetch: 0, xla: on, env: {A: b}, steps_per_execution: 4}
batch_sizes: [8, 16]
seeds: [1, 2]
baseline: fast
protocol: {max_seconds: 8, min_windows: 3}
train: {epochs: 12}
"""
    )
    assert suite.data == DataSpec(
        name="synthetic", classes=10, shape=(8, 9, 1), images=50, test_images=100, seed=3, subset=(1, 9), held_out=0.5
    )
    assert suite.models == (
        ModelSpec(name="half", network="VGG16", freeze=0.5, weights="imagenet", learning_rate=1e-4),
    )
    fast = Options(cache="memory", shuffle=10, map=2, prefetch=0, xla=True, env={"A": "b"}, steps_per_execution=4)
    assert [variant.options for variant in suite.variants] == [Options(), fast]
    assert suite.baseline == "fast"
    assert suite.protocol == Protocol(max_seconds=8, min_windows=3)
    assert suite.train == TrainSpec(epochs=12)
    assert [cell.id for cell in suite.cells()][:5] == [
        *("half/plain/b8/s1", "half/plain/b8/s2", "half/plain/b16/s1", "half/plain/b16/s2", "half/fast/b8/s1"),
    ]


def test_one_layer_frozen_is_not_all_of_them(suite_of):
    suite = suite_of(HEAD + VARIANTS + "models: {one: {network: VGG16, freeze: 1}, all: {network: VGG16, freeze: 1.0}}")
    assert [type(model.freeze) for model in suite.models] == [int, float]


def test_models_listed_as_names_and_mappings(suite_of):
    suite = suite_of(
        HEAD
        + VARIANTS
        + """
models:
- simple_cnn
- {network: VGG16}
- {network: VGG16, freeze: 0.5, weights: null}
- {network: VGG16, name: frozen, freeze: 1.0}
- {name: vgg16, freeze: 2}
"""
    )
    assert named(suite.models) == ["simple_cnn", "VGG16", "VGG16-freeze=0.5,weights=null", "frozen", "vgg16"]
    assert [model.network for model in suite.models] == ["simple_cnn", "VGG16", "VGG16", "VGG16", "vgg16"]


def test_named_models_take_their_name_for_the_network(suite_of):
    suite = suite_of(HEAD + VARIANTS + "models: {vgg16_half: {network: VGG16, freeze: 0.5}, simple_cnn: {}, vgg16: }")
    assert [(m.name, m.network) for m in suite.models] == [
        *(("vgg16_half", "VGG16"), ("simple_cnn", "simple_cnn"), ("vgg16", "vgg16")),
    ]


def test_the_product_of_models(suite_of):
    suite = suite_of(
        HEAD
        + VARIANTS
        + """
models:
  axes: {network: [VGG16, ResNet50], freeze: [0, 0.9]}
  exclude: [{network: VGG16, freeze: 0.9}]
  base: {learning_rate: 0.5}
"""
    )
    assert named(suite.models) == ["VGG16-freeze=0", "ResNet50-freeze=0", "ResNet50-freeze=0.9"]
    assert {model.learning_rate for model in suite.models} == {0.5}


def test_a_network_in_the_base_is_part_of_the_names(suite_of):
    suite = suite_of(HEAD + VARIANTS + "models: {axes: {freeze: [0, 1.0]}, base: {network: VGG16}}")
    assert named(suite.models) == ["VGG16-freeze=0", "VGG16-freeze=1.0"]


def test_the_product_of_variants(suite_of):
    suite = suite_of(
        HEAD
        + MODELS
        + """
variants:
  axes: {cache: [none, memory], prefetch: [0, autotune]}
  exclude:
  - {cache: memory, prefetch: 0}
  base: {pixels: float32}
"""
    )
    assert named(suite.variants) == [
        *("cache=none,prefetch=0", "cache=none,prefetch=autotune", "cache=memory,prefetch=autotune"),
    ]
    assert suite.variants[2].options == Options(cache="memory", pixels="float32")
    assert suite.baseline == "cache=none,prefetch=0"


def test_names_made_of_options(suite_of):
    suite = suite_of(
        HEAD + MODELS + "variants: [{}, {cache: memory, xla: on}, {image_size: null, xla: off}, {env: {A: b, C: d}}]"
    )
    assert named(suite.variants) == ["notebook", "cache=memory,xla=on", "image_size=null,xla=off", "env=A:b+C:d"]


def test_bare_names_are_the_shipped_variants(suite_of):
    shipped_variants = {variant.name: variant for variant in load(shipped_folder("suites") / "cnn.yaml").variants}
    suite = suite_of(HEAD + MODELS + "variants: [xla, notebook, {name: mine, cache: file}, everything]")
    assert named(suite.variants) == ["xla", "notebook", "mine", "everything"]
    for name in (0, 1, 3):
        assert suite.variants[name] == shipped_variants[suite.variants[name].name]
    assert suite.variants[0].options == Options(xla=True)
    assert suite.variants[1].options == Options()
    assert suite.baseline == "xla"


@pytest.mark.parametrize("path", sorted(shipped_folder("suites").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_suites_load(path):
    suite = load(path)
    assert suite.name == path.stem
    assert suite.baseline == suite.variants[0].name
    assert len({cell.id for cell in suite.cells()}) == len(suite.cells())


def test_a_loaded_suite_written_out_loads_as_itself(suite_of, write):
    first = suite_of(
        """
title: Round and round
data: {name: synthetic, subset: 3, team_seed: 1, classes: 4}
models: {axes: {network: [VGG16, simple_cnn], freeze: [0, 2]}}
variants: {axes: {xla: [off, auto], shuffle: [none, 5]}, base: {env: {A: "1"}}}
seeds: [0, 7]
train: {epochs: 2}
"""
    )
    dumped = first.model_dump(mode="json", exclude={"name", "folder", "models", "variants"})
    models = {model.name: model.model_dump(mode="json", exclude={"name"}) for model in first.models}
    variants = {variant.name: variant.options.model_dump(mode="json") for variant in first.variants}
    for key in ("shape", "classes", "images", "test_images", "seed", "args"):
        assert key in dumped["data"]
    dumped["data"].pop("args")
    for model in models.values():
        model.pop("args")
    again = load(write(yaml.safe_dump(dumped | {"models": models, "variants": variants}, sort_keys=False)))
    nowhere = {"places": {}}  # each lies in its own file
    assert again.model_copy(update=nowhere) == first.model_copy(update=nowhere)


def test_a_relative_path_gives_an_absolute_folder(write, minimal, monkeypatch):
    path = write(minimal, "inner/deep.yml")
    monkeypatch.chdir(path.parent.parent)
    suite = load(Path("inner/deep.yml"))
    assert (suite.name, suite.folder) == ("deep", str(path.parent))


def test_a_csv_file_is_looked_up_beside_the_suite(suite_of, write):
    write("team,label\n1,3\n", "teams.csv")
    suite = suite_of("data: {name: cifar100, subset: teams.csv, team: '1'}\n" + MODELS + VARIANTS)
    assert suite.data.subset == "teams.csv"


def refusal(path: Path | str) -> str:
    with pytest.raises(InputError) as error:
        load(Path(path))
    return str(error.value)


def test_an_absent_suite_is_found_by_its_name(tmp_path, monkeypatch, write, minimal):
    write(minimal, "inner/lenet.yaml")
    monkeypatch.chdir(tmp_path)
    known = shipped_folder("suites") / "cnn.yaml"
    for name in ("cnn", "cnn.yaml"):
        hint = f"the suite of this name that comes with the project is {known}"
        assert refusal(name) == f"{name}: no such file; {hint}"
    assert refusal("inner/lenett.yaml") == "inner/lenett.yaml: no such file; did you mean 'inner/lenet.yaml'?"
    assert refusal("inner") == "inner: is a folder; known: inner/lenet.yaml"
    assert refusal("nowhere/at/all.yaml").startswith("nowhere/at/all.yaml: no such file; ")
    assert refusal(os.fsdecode(b"caf\xe9.yaml")) == "the path 'caf\\udce9.yaml' is not UTF-8; rename it"


def test_a_broken_cnn_yaml_is_said_where_a_bare_name_leads_there(write):
    """A checkout's own `cnn.yaml` can be edited."""
    package = Path(bench.__file__).parent
    for file in (*package.glob("*.py"), *package.glob("suite/*.py"), *package.glob("support/*.py")):
        write(file.read_bytes(), f"checkout/bench/{file.relative_to(package)}")
    broken = write("variants: {xla: {xla: on}\n", "checkout/suites/cnn.yaml")
    mine = write(HEAD + MODELS + "variants: [xla]\n")
    program = f"from pathlib import Path; from bench.suite import load; load(Path({str(mine)!r}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=broken.parent.parent)
    assert f"{broken}:2: not YAML: " in done.stderr
    assert f"{mine}:3: unknown variant 'xla'; none is known" in done.stderr
