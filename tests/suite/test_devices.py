"""Variants that share a step among devices: what is told of them before anything is run."""

import pytest

from bench.errors import InputError
from bench.suite import load
from bench.suite.options import Options

SUITE = """\
data: digits
models: [simple_cnn]
variants:
  one: {}
  two: {devices: 2, strategy: mirrored, batch: per_replica, logical_devices: on}
  all: {devices: all}
"""


def suite(tmp_path, text):
    path = tmp_path / "scaling.yaml"
    path.write_text(text)
    return load(path)


def faults(tmp_path, text):
    with pytest.raises(InputError) as raised:
        suite(tmp_path, text)
    return [f"{fault.line}: {fault}".replace(f"{fault.file}:{fault.line}: ", "") for fault in raised.value.faults]


def test_devices_and_strategy_are_options(tmp_path):
    one, two, every = (variant.options for variant in suite(tmp_path, SUITE).variants)
    assert one == Options()
    assert two.changed() == {"devices": 2, "strategy": "mirrored", "batch": "per_replica", "logical_devices": True}
    assert (one.is_replicated, two.is_replicated, every.is_replicated) == (False, True, True)


def test_what_keras_cannot_do_on_several_devices_is_told_at_once_with_the_reason(tmp_path):
    text = SUITE + "  a: {devices: 2, steps_per_execution: 4, xla: on}\n  b: {devices: all, source: device}\n"
    text += (
        "  c: {strategy: mirrored, xla: on}\n  d: {devices: 2, xla: auto, steps_per_execution: auto, source: auto}\n"
    )
    told = faults(tmp_path, text)
    assert [one.split(":")[0] for one in told] == ["7", "7", "8", "9"]
    assert "'steps_per_execution' doesn't go with several devices" in told[0]
    assert "XLA can't compile a step under MirroredStrategy" in told[1]
    assert "images that lie on one device's memory" in told[2]


@pytest.mark.parametrize(
    ("strategy", "why"),
    [
        ("multi_worker_mirrored", "a ValueError on the first batch"),
        ("MultiWorkerMirroredStrategy", "a ValueError on the first batch"),
        ("data_parallel", "does nothing under TensorFlow"),
        ("ModelParallel", "does nothing under TensorFlow"),
        ("OneDeviceStrategy", "one device needs no strategy"),
        ("parameter_server", "has no ParameterServerStrategy"),
        ("MirroredStrategy", "write `strategy: mirrored`"),
        ("rings", "must be 'mirrored'"),
    ],
)
def test_other_strategies_are_refused_with_the_reason(tmp_path, strategy, why):
    (told,) = faults(tmp_path, SUITE + f"  a: {{devices: 2, strategy: {strategy}}}\n")
    assert told.startswith("7: ")
    assert why in told


def test_gradients_cannot_be_accumulated_on_several_devices(tmp_path):
    train = "train:\n  epochs: 1\n  optimizer:\n    name: adam\n    gradient_accumulation_steps: 2\n"
    told = faults(tmp_path, SUITE + train)
    assert [one.split(":")[0] for one in told] == ["11", "11"]  # for each of the two variants
    assert "MirroredStrategy" in told[0]
    own = "models:\n  cnn:\n    network: simple_cnn\n    train:\n      epochs: 1\n"
    own += "      optimizer: {name: sgd, gradient_accumulation_steps: 2}\n"
    told = faults(tmp_path, SUITE.replace("models: [simple_cnn]\n", own))
    assert [one.split(":")[0] for one in told] == ["7", "7"]


def test_axes_are_told_of_the_combination_that_exclude_takes_out(tmp_path):
    axes = "variants:\n  axes: {devices: [1, 2], xla: [off, on]}\n"
    head = "data: digits\nmodels: [simple_cnn]\n"
    (told,) = faults(tmp_path, head + axes)
    assert "`exclude` takes the combination out" in told
    found = suite(tmp_path, head + axes + "  exclude: [{devices: 2, xla: on}]\n")
    assert len(found.variants) == 3
