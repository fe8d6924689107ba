"""Networks of the user's own that can't be: told where the suite asks for them, before anything is measured."""

from dataclasses import replace

import pytest

from bench.errors import InputError
from bench.host.detect import Hardware
from bench.run.checks import asks_tensorflow, checked
from bench.run.plan import plan
from bench.run.process.executors import InlineExecutor
from bench.suite import load
from bench.workload.sizes import Size
from tests.records import make_data

OWN = """
import os

import keras

def nothing(input_shape, classes):
    keras.Input(input_shape)

def layer(input_shape, classes):
    return keras.layers.Dense(classes)

def wanting(input_shape, classes, width):
    raise AssertionError("never called")

def raising(input_shape, classes):
    raise RuntimeError("as bad as can be")

def sized(input_shape, classes):
    layers = [keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")]
    hidden = [keras.layers.Dense(3)] * int(os.environ.get("HIDDEN_LAYERS", 0))
    return keras.Sequential([keras.Input(input_shape), *hidden, *layers])

def weightless(input_shape, classes):
    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Softmax()])

def dying(input_shape, classes):
    os._exit(7)
"""
SUITE = """\
data: {name: synthetic, shape: [8, 8, 1], classes: 2}
models:
  nothing: {network: "own:nothing"}
  layer: {network: "own:layer"}
  wanting: {network: "own:wanting"}
  given:
    network: "own:sized"
    args: {depth: 3}
  raising: {network: "own:raising"}
  absent: {network: "away.own:sized"}
  frozen:
    network: "own:sized"
    freeze: 9
  sized: {network: "own:sized"}
  weightless: {network: "own:weightless"}
  dying: {network: "own:dying"}
  compact: {}
variants:
  notebook: {}
  deep: {env: {HIDDEN_LAYERS: "1"}}
batch_sizes: [16]
"""
SAID = """\
3: own:nothing gave None; it is called as nothing(input_shape=(H, W, C), classes=N, **args) and returns a keras.Model
4: own:layer gave a Dense; it is called as layer(input_shape=(H, W, C), classes=N, **args) and returns a keras.Model
5: own:wanting can't be called: missing a required argument: 'width'; \
it is called as wanting(input_shape=(H, W, C), classes=N, **args)
8: own:sized can't be called: got an unexpected keyword argument 'depth'; \
it is called as sized(input_shape=(H, W, C), classes=N, **args)
9: own:raising can't be built: RuntimeError: as bad as can be
10: away.own:sized: away.own can't be imported: ImportError: not today
13: freeze: 9 layers, but own:sized has 2; at most 2
""".splitlines()


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "own.py").write_text("def sized(): ...\nraise ImportError('not today')")
    (tmp_path / "suite.yaml").write_text(SUITE)
    return load(tmp_path / "suite.yaml")


def planned(suite, *models, variant="notebook"):
    hardware = Hardware(kind="cpu", cpu="A Processor", cores=2, memory_bytes=2**34, system="linux")
    chosen = [cell for cell in suite.cells() if cell.model.name in models and cell.variant.name == variant]
    return [replace(plan(cell, hardware), data=make_data(shape=(8, 8, 1), classes=2)) for cell in chosen]


def test_each_is_told_at_its_line(suite, executor):
    names = [model.name for model in suite.models if model.name != "dying"]
    with pytest.raises(InputError) as refused:
        checked(suite, planned(suite, *names), executor.check)
    assert [str(fault).partition("suite.yaml:")[2] for fault in refused.value.faults] == SAID


def test_what_ends_its_process_is_left_to_its_cell_and_costs_no_other(suite, executor):
    dying, house = checked(suite, planned(suite, "dying", "compact"), executor.check)
    assert dying.size is None
    assert isinstance(house.size, Size)


def test_one_with_nothing_to_train_can_be_timed(suite, executor):
    (found,) = checked(suite, planned(suite, "weightless"), executor.check)
    assert found.size.trainable_params == 0


def test_it_is_built_with_the_variants_environment(suite, executor):
    (whole,) = checked(suite, planned(suite, "sized"), executor.check)
    (deep,) = checked(suite, planned(suite, "sized", variant="deep"), executor.check)
    assert (whole.size.trainable_params, deep.size.trainable_params) == (130, 392)


def test_a_debugger_sees_what_it_raises_in_its_cell(suite):
    with InlineExecutor() as inline:
        raising, house = checked(suite, planned(suite, "raising", "compact"), inline.check)
    assert raising.size is None
    assert isinstance(house.size, Size)


def test_a_network_of_the_house_that_is_not_trained_asks_for_no_tensorflow(suite):
    assert [asks_tensorflow(one) for one in planned(suite, "sized", "compact")] == [True, False]
