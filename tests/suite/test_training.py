"""How a suite trains: what models change for themselves, what the command line sets, and what can't be."""

from __future__ import annotations

import pytest

from bench.errors import InputError
from bench.suite import load

HEAD = "data: {name: cifar100, subset: 20, team_seed: 1}\nvariants: [notebook]\n"
MODELS = {
    "named": "models: {a: {network: simple_cnn, train: {epochs: 9}}, b: {network: vgg16}}\n",
    "listed": "models: [{name: a, network: simple_cnn, train: {epochs: 9}}, vgg16]\n",
    "axes": "models: {axes: {network: [simple_cnn, vgg16]}, base: {train: {epochs: 9}}}\n",
}


@pytest.fixture
def suite(tmp_path):
    def read(text, *overrides):
        (tmp_path / "mine.yaml").write_text(HEAD + text)
        return load(tmp_path / "mine.yaml", overrides)

    return read


def faults(suite, text, *overrides):
    with pytest.raises(InputError) as raised:
        suite(text, *overrides)
    return [str(fault).partition("mine.yaml:")[2] for fault in raised.value.faults]


def test_a_model_changes_parts_of_train_and_data_for_itself(suite):
    found = suite(
        "train: {epochs: 5, steps_per_epoch: 3}\n"
        "models: {a: {network: simple_cnn, train: {epochs: 9}, data: {subset: 40}}, "
        "b: {network: vgg16, data: digits}}\n"
    )
    a, b = found.cells()
    assert (a.train.epochs, a.train.steps_per_epoch, a.data.subset, a.data.team_seed) == (9, 3, 40, 1)
    assert (b.train.epochs, b.data.name, b.data.subset) == (5, "digits", None)
    assert a.model.train is None


@pytest.mark.parametrize("models", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("override", ["train.epochs=2", "train={epochs: 2}"])
def test_the_command_line_has_the_last_word_over_models(suite, models, override):
    assert {cell.train.epochs for cell in suite("train: {epochs: 5}\n" + models, override).cells()} == {2}


def test_and_over_phases(suite):
    text = "train: {phases: [{name: a, epochs: 5, freeze: 1.0}, {name: b, epochs: 50}]}\nmodels: [vgg16]\n"
    (cell,) = suite(text, "train.epochs=2").cells()
    assert [phase.epochs for phase in cell.train.stages(0)] == [2, 2]


@pytest.mark.parametrize("override", ["data=digits", "dataset={name: digits}"])
def test_and_over_a_models_data(suite, override):
    models = "models: {a: {network: simple_cnn, data: cifar10}, b: {network: vgg16, data: {subset: 40}}}\n"
    assert {cell.data.name for cell in suite(models, override).cells()} == {"digits"}


def test_one_factor_at_a_time(suite):
    text = "models: [simple_cnn, vgg16]\nbatch_sizes: [64, 32]\nseeds: [0, 1]\ndesign: one factor at a time\n"
    assert [cell.id for cell in suite(text).cells()] == [
        *(f"simple_cnn/notebook/b64/s{seed}" for seed in (0, 1)),
        *(f"simple_cnn/notebook/b32/s{seed}" for seed in (0, 1)),
        *(f"vgg16/notebook/b64/s{seed}" for seed in (0, 1)),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("train: {optimizer: {name: sgd, use_ema: on}}\n", "averages of weights (use_ema) can't be trained with here"),
        ("train: {epochs: 1, optimizer: {name: sgd, learning_rate: 1.0}}\n", "is no argument of the optimizer here"),
        ("train: {epochs: 1, stop_at_target: on}\n", "'stop_at_target' needs 'target_accuracy'"),
        ("train: {phases: [{name: a}]}\n", "'epochs' is missing in phase 1"),
        ("train: {epochs: 1, phases: [{name: a}, {name: a}]}\n", "two phases are called 'a'"),
        ("train: {epochs: 0}\n", "'epochs' must be at least 1, is 0"),
        ("design: one at a time\ntrain: {epochs: 1}\n", "'design' must be 'full factorial' or 'one factor at a time'"),
    ],
)
def test_what_can_not_be(suite, text, told):
    assert any(told in fault for fault in faults(suite, text + "models: [simple_cnn]\n"))


def test_a_target_wants_held_out_images_of_the_very_model(suite):
    text = "train: {epochs: 1, target_accuracy: 0.8}\nmodels: {a: {network: simple_cnn, data: {held_out: 0}}}\n"
    assert faults(suite, text) == [
        "3: 'target_accuracy' needs held-out images, and none are held out; hold some out: `data: {held_out: 0.15}`"
    ]


def test_a_rate_is_said_once(suite):
    text = "train: {epochs: 1, learning_rate: 0.01}\nmodels: {a: {network: simple_cnn, learning_rate: 0.5}}\n"
    assert [fault.partition(";")[0] for fault in faults(suite, text)] == [
        "4: 'learning_rate' stands in the model and in 'train', which holds for it too"
    ]


def test_a_wrong_axis_is_told_whatever_the_command_line_sets(suite):
    text = "models: {axes: {network: [simple_cnn], train: 5}}\n"
    assert any("the axis 'train' must be a list" in fault for fault in faults(suite, text, "train.epochs=7"))
