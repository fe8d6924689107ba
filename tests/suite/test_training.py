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
        (
            "train: {epochs: 1, early_stopping: {patiance: 3}}\n",
            "unknown key 'patiance' in 'early_stopping'; did you mean 'patience'?",
        ),
        ("train: {epochs: 1, reduce_on_plateau: {}}\n", "'patience' is missing in 'reduce_on_plateau'"),
        (
            "train: {phases: [{name: a, epochs: 1}, {name: b, epochs: 1, lerning_rate: 0.1}]}\n",
            "unknown key 'lerning_rate' in item 2 of 'phases'; did you mean 'learning_rate'?",
        ),
        (
            "train: {phases: [{name: a, epochs: 1, early_stopping: {patience: 2, delta: 1}}]}\n",
            "unknown key 'delta' in 'early_stopping' of item 1 of 'phases'",
        ),
        ("train: {phases: [{epochs: 1}]}\n", "'name' is missing in item 1 of 'phases'"),
        ("train: {epochs: 1, optimizer: {momentum: 0.9}}\n", "'name' is missing in 'optimizer'"),
        ("train: {epoch: 1}\n", "unknown key 'epoch' in 'train'; did you mean 'epochs'?"),
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


def test_a_models_own_rules_are_explained_as_the_suites(suite):
    text = "models:\n  a:\n    network: vgg16\n    train:\n      epochs: 2\n      early_stopping: {pace: 3}\n"
    assert [fault.partition(";")[0] for fault in faults(suite, text)] == [
        "8: 'patience' is missing in 'early_stopping'",
        "8: unknown key 'pace' in 'early_stopping'",
    ]


def test_models_that_the_command_line_makes_equal_are_one(suite):
    text = "models: {axes: {network: [simple_cnn, vgg16], train: [{learning_rate: 0.1}, {learning_rate: 0.2}]}}\n"
    assert len(suite("train: {epochs: 1}\n" + text).models) == 4
    found = suite("train: {epochs: 1}\n" + text, "train.learning_rate=0.3")
    assert [model.name for model in found.models] == ["simple_cnn", "vgg16"]
    assert {cell.train.learning_rate for cell in found.cells()} == {0.3}


def test_what_is_found_wrong_later_has_its_place_too(suite):
    text = (
        "batch_sizes:\n  - 32\n  - 64\n"
        "train:\n  max_params: 10\n  phases:\n    - {name: a, epochs: 1}\n"
        "    - name: b\n      epochs: 1\n      freeze: 4\n"
        "models:\n  a:\n    network: vgg16\n  b:\n    network: vgg16\n    train:\n      max_params: 20\n"
    )
    found = suite(text)

    def line(*way):
        return found.place(*way)[1]

    assert (line("batch_sizes", 0), line("batch_sizes", 1)) == (4, 5)
    assert (line("models", "a", "train", "max_params"), line("models", "b", "train", "max_params")) == (7, 19)
    assert line("models", "a", "train", "phases", 1, "freeze") == 12
    assert line("models", "b", "train", "phases", 1, "freeze") == 12
    assert line("models", "a", "network") == 15
    assert line("models", "a", "train", "optimizer") == line("models", "a", "train") == 6
    assert found.place("nothing") == (None, None)
