"""The suites that come with the project spell out what they are meant to."""

from __future__ import annotations

import pytest

from bench.analyse.course.board import check_names
from bench.analyse.course.rulings import unknown_metrics
from bench.report.training.columns import unknown_columns
from bench.suite import load
from bench.support.resources import shipped_folder

PATHS = {path.stem: path for path in sorted(shipped_folder("suites").glob("*.yaml"))}


def cells_of(name, *overrides):
    return load(PATHS[name], overrides).cells()


def ids_of(name):
    return [cell.id for cell in cells_of(name)]


def cell_of(name, cell_id, *overrides):
    (cell,) = [cell for cell in cells_of(name, *overrides) if cell.id == cell_id]
    return cell


COUNTS = {
    "cnn": 2 * 22,
    "compact": 1,
    "convnet": 6,
    "digits": 1,
    "effects": 3 * (12 + 2 + 2),
    "finetune": 1,
    "handout": 8,
    "optimizers": 9,
    "scaling": 16,
    "scratch": 7 * 2 * 3,
    "transfer": 12 * 5,
}


COURSES = {"compact", "convnet", "handout"}


@pytest.mark.parametrize("name", PATHS)
def test_those_of_assignments_carry_their_rules(name):
    course = load(PATHS[name]).course
    assert (course is not None) == (name in COURSES)
    if course is not None:
        check_names(load(PATHS[name]))
        assert not unknown_metrics(course.columns)
        assert course.rankings


def test_each_suite_spells_out_as_many_cells_as_it_means():
    assert {name: len(cells_of(name)) for name in PATHS} == COUNTS


@pytest.mark.parametrize("name", PATHS)
def test_each_has_a_title_and_says_at_its_head_what_it_is(name):
    assert load(PATHS[name]).title
    assert PATHS[name].read_text().startswith("# ")


@pytest.mark.parametrize("name", PATHS)
def test_every_column_of_its_table_is_known(name):
    suite = load(PATHS[name])
    assert not unknown_columns(suite.table, suite.models)


@pytest.mark.parametrize("name", PATHS)
def test_no_two_cells_share_an_id(name):
    assert len(set(ids_of(name))) == len(ids_of(name))


@pytest.mark.parametrize("name", PATHS)
def test_epochs_of_the_command_line_hold_for_every_cell_and_phase(name):
    for cell in cells_of(name, "train.epochs=2"):
        assert {stage.epochs for stage in cell.train.stages(cell.model.freeze)} == {2}


@pytest.mark.parametrize("name", sorted(set(PATHS) - {"effects", "handout"}))  # their models say how many classes
def test_every_other_suite_takes_the_digits(name):
    assert {cell.data.name for cell in cells_of(name, "dataset=digits")} == {"digits"}


def test_the_handout_as_published():
    assert ids_of("handout") == [
        *(f"simple_cnn-{classes}/notebook/b128" for classes in (20, 40, 60, 80)),
        *(f"vgg16-{classes}/notebook/b128" for classes in (20, 40, 60, 80)),
    ]
    lengths = {"simple_cnn": (50, 30), "vgg16": (25, 40)}
    for cell in cells_of("handout"):
        classes = int(cell.id.partition("/")[0].rpartition("-")[2])
        assert (cell.data.name, cell.data.subset, cell.data.team_seed) == ("cifar100", classes, 1)
        assert (cell.train.epochs, cell.train.steps_per_epoch) == lengths[cell.model.network]
        assert cell.train.early_stopping is None
        assert not cell.variant.options.changed()


def test_scratch_by_network_size_and_batch():
    cells = cells_of("scratch")
    assert len({cell.model.network for cell in cells}) == 7
    assert {cell.variant.options.image_size for cell in cells} == {32, 78}
    assert {cell.batch_size for cell in cells} == {32, 64, 128}
    assert all(cell.train.early_stopping and cell.train.restore_best for cell in cells)


def test_transfer_by_network_and_layers_that_are_trained():
    cells = cells_of("transfer")
    assert len({cell.model.network for cell in cells}) == 12
    assert {(type(cell.model.freeze), cell.model.freeze) for cell in cells} == {
        (float, share) for share in (0.0, 0.1, 0.2, 0.3, 1.0)
    }
    assert ids_of("transfer")[:2] == ["VGG16-freeze=0.0/image-78/b128", "VGG16-freeze=0.1/image-78/b128"]
    assert {cell.model.weights for cell in cells} == {"imagenet"}
    assert {cell.model.weights for cell in cells_of("transfer", "models.base.weights=null")} == {None}


def test_optimizers_and_steps():
    rows = {
        cell.model.name: (cell.train.optimizer.name, cell.model.learning_rate, cell.train.steps_per_epoch)
        for cell in cells_of("optimizers")
    }
    assert rows == {
        "adam": ("adam", None, 30),
        "adam-reduced": ("adam", 1e-4, 30),
        "adagrad": ("adagrad", None, 30),
        "nadam": ("nadam", None, 30),
        "rmsprop": ("rmsprop", None, 30),
        "sgd": ("sgd", None, 30),
        "adam-10-steps": ("adam", None, 10),
        "adam-20-steps": ("adam", None, 20),
        "adam-60-steps": ("adam", None, 60),
    }
    assert {cell.model.network for cell in cells_of("optimizers")} == {"simple_cnn"}


def test_convnet_by_depth_filters_and_augmentation():
    assert [tuple(cell.model.args.values()) for cell in cells_of("convnet")] == [
        *((2, 3, False), (3, 3, False), (4, 3, False), (4, 3, True), (4, 5, False), (4, 7, False)),
    ]
    cell = cell_of("convnet", "blocks-4/cached/b32")
    options, train = cell.variant.options, cell.train
    assert options.changed() == {"image_size": 128, "pixels": "uint8", "cache": "memory"}
    assert (train.epochs, train.learning_rate, train.restore_best) == (200, 0.003, True)
    assert (train.reduce_on_plateau.factor, train.reduce_on_plateau.patience) == (0.2, 30)
    assert train.early_stopping.patience == 60


def test_fine_tuning_in_two_phases():
    (cell,) = cells_of("finetune")
    head, whole = cell.train.stages(cell.model.freeze)
    assert (head.name, head.epochs, head.freeze, head.early_stopping) == ("head", 5, 1.0, None)
    assert (whole.name, whole.epochs, whole.freeze) == ("all", 50, 0.0)
    assert (whole.reduce_on_plateau.factor, whole.reduce_on_plateau.patience) == (0.1, 10)
    assert whole.early_stopping.patience == 15
    assert whole.learning_rate < head.learning_rate
    assert cell_of("finetune", cell.id, "models.efficientnet.weights=null").model.weights is None


def test_compact_keeps_a_small_network_and_trains_on_digits_too():
    (cell,) = cells_of("compact")
    assert (cell.data.name, cell.model.network, cell.model.args) == ("cifar10", "compact", {})
    assert (cell.train.max_params, cell.train.keep_weights, cell.train.target_accuracy) == (50_000, True, 0.8)
    assert cell.train.restore_best
    assert cell.variant.options.augment != "none"
    on_digits = cell_of("compact", cell.id, "dataset.name=digits")
    assert on_digits.data.name == "digits"
    assert on_digits.train == cell.train


def test_effects_change_one_thing_at_a_time():
    base = cell_of("effects", "simple_cnn/notebook/b128/s0")
    for cell in cells_of("effects"):
        others = (
            cell.model != base.model or cell.data != base.data or cell.train != base.train,
            cell.variant != base.variant,
            cell.batch_size != base.batch_size,
        )
        assert sum(others) == (0 if cell.id.startswith("simple_cnn/notebook/b128/") else 1)
    assert {cell.seed for cell in cells_of("effects")} == {0, 1, 2}
    assert {cell.data.subset for cell in cells_of("effects")} == {20, 40, 60, 80}
    assert {cell.model.freeze for cell in cells_of("effects") if cell.model.weights} == {0.0, 0.5, 1.0}
