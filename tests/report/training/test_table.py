import pytest

from bench.report.training.columns import training_columns, unknown_columns
from bench.report.training.settings import SETTINGS, setting_of
from bench.report.training.table import trained_cells, training_table
from bench.results.metrics import METRICS
from bench.suite.spec import ModelSpec
from tests.records import SYNTHETIC, changed, make_data, make_failed, make_history, make_record, make_trained


def table_of(*records):
    return training_table(trained_cells(records), "Xeon, 2 cores")


def column(table, heading):
    (place,) = [i for i, column in enumerate(table.columns) if column.heading == heading]
    return [row[place] for row in table.rows]


def headings(table):
    return [column.heading for column in table.columns]


def notes(table):
    return [f"{note.mark} {note.text}".strip() for note in table.notes]


def test_the_usual_columns_stand_where_the_suite_lists_none():
    assert headings(table_of(make_trained())) == [
        "model",
        "variant",
        "trainable parameters",
        "epochs",
        "stopped by",
        "training time, s",
        "held-out accuracy, %",
        "test accuracy, %",
        "overfitting, points",
    ]


def test_the_suites_own_columns_are_in_its_order():
    table = table_of(make_trained(table=("test_accuracy", "freeze", "args.width"), network={"args": {"width": 4}}))
    assert headings(table)[2:] == ["test accuracy, %", "layers trained", "width"]
    assert table.rows[0][3:] == ("all", "4")
    assert any(note.startswith("layers trained – share of the base network's layers") for note in notes(table))


def test_seeds_are_together_with_their_mean_and_standard_deviation():
    records = [
        make_trained(seed=seed, test=share, epochs=epochs, accuracy=0.7)
        for seed, share, epochs in ((0, 0.70, 20), (1, 0.72, 20), (2, 0.74, 20))
    ]
    table = table_of(*records, *(record.model_copy(update={"variant": "xla", "baseline": False}) for record in records))
    assert column(table, "test accuracy, %") == ["72.0 ± 2.0"] * 2
    assert column(table, "epochs") == ["20"] * 2
    assert column(table, "trainable parameters") == ["128,420"] * 2
    assert column(table, "seeds") == ["3", "3"]
    assert "± is the standard deviation over seeds" in notes(table)


def test_it_says_of_which_images_its_figures_are():
    assert notes(table_of(make_trained()))[0] == (
        "images – of cifar100, 8,500 to train on, 1,500 held out, 2,000 to test on"
    )
    other = make_data(name="digits", digest="d1", held_out_images=0)
    both = table_of(make_trained(), make_trained(variant="b", data=other))
    assert notes(both)[0] == "images – of cifar100, of digits"
    assert notes(table_of(make_trained(data=SYNTHETIC)))[0].startswith("images – synthetic ones, 8,500 to train on")
    assert notes(table_of(make_trained(data=other)))[0] == "images – of digits, 8,500 to train on, 2,000 to test on"


def test_one_seed_has_plain_figures():
    table = table_of(make_trained(test=0.7234))
    assert column(table, "test accuracy, %") == ["72.3"]
    assert "seeds" not in headings(table)
    assert not any("±" in note for note in notes(table))


def test_batch_size_is_an_axis_only_where_the_suite_shows_it_in_no_column():
    records = [make_trained(batch_size=size) for size in (64, 128)]
    assert column(table_of(*records), "batch") == ["64", "128"]
    listed = [record.model_copy(update={"table": ("batch_size", "epochs")}) for record in records]
    assert headings(table_of(*listed)) == ["model", "variant", "batch size", "epochs"]


def test_cells_that_failed_say_so():
    good = make_trained()
    failed = make_failed(variant="big", status="out_of_memory", message="OOM", log="results/x.log", train=good.train)
    skipped = make_failed(variant="f16", status="skipped", message="no tensor cores", train=good.train)
    table = table_of(good, *(one.model_copy(update={"suite": "trained"}) for one in (failed, skipped)))
    assert column(table, "trainable parameters") == ["128,420", "out of memory (a)", "skipped (b)"]
    assert {"a model: OOM", "b no tensor cores"} <= set(notes(table))
    assert column(table, "notes") == ["", "results/x.log", ""]


def test_a_seed_that_failed_and_one_with_other_settings_are_told():
    good = [make_trained(seed=seed, started="2026-01-06T10:00:00+00:00") for seed in (0, 1)]
    failed = make_failed(variant="notebook", seed=2, message="bad", train=good[0].train, suite="trained")
    other = make_trained(seed=3, epochs=5)
    table = table_of(*good, failed, other)
    assert column(table, "seeds") == ["2"]
    assert column(table, "notes") == ["a, b"]
    assert "a seed 2 is not among them: failed (model: bad)" in notes(table)
    assert "b seed 3 is not among them: it was measured with other settings" in notes(table)


def test_a_suite_of_which_nothing_went_well_has_a_table_too():
    failed = make_failed(train=make_trained().train)
    table = table_of(failed)
    assert column(table, "trainable parameters") == ["failed (a)"]


def test_suites_that_did_not_train_have_none():
    assert trained_cells([make_record(), make_record(variant="xla")]) == ()


def test_older_records_with_epochs_alone_are_shown():
    table = table_of(make_record(history=make_history()))
    assert column(table, "epochs") == ["6"]
    assert column(table, "training time, s") == ["3.00"]
    assert column(table, "stopped by") == ["–"]


def test_accuracies_on_synthetic_images_are_marked():
    table = table_of(make_trained(data=SYNTHETIC, test=0.5))
    assert column(table, "test accuracy, %") == ["50.0†"]
    assert column(table, "overfitting, points")[0].endswith("†")
    assert any(note.startswith("† synthetic images stand in for cifar100") for note in notes(table))


def test_a_column_without_any_figure_is_dropped_with_the_reason():
    none = make_trained(data=make_data(test_images=0), absent={"test_accuracy": "digits has no test images"})
    table = table_of(none)
    assert "test accuracy, %" not in headings(table)
    assert notes(table)[-1] == "no test accuracy: digits has no test images"
    both = table_of(none, make_trained(variant="b"))
    assert column(both, "test accuracy, %")[0] == "–"
    assert column(both, "notes") == ["a", ""]
    assert "a no test accuracy: digits has no test images" in notes(both)


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ((0.8, 0.8), "was reached"),
        ((0.8, 0.3), "was reached with 1 of 2 seeds"),
        ((0.3, 0.3), "was not reached"),
    ],
)
def test_rows_say_whether_their_target_was_reached(shares, says):
    table = table_of(*(make_trained(seed=s, accuracy=a, train={"target_accuracy": 0.6}) for s, a in enumerate(shares)))
    assert f"a its target, 60.0 % of the held-out images, {says}" in notes(table)
    assert column(table, "notes") == ["a"]


def test_what_ended_the_training_is_told_once():
    records = [make_trained(seed=s, stopped_by=rule) for s, rule in enumerate(["early_stopping"] * 2 + ["epochs"])]
    table = table_of(*records)
    assert column(table, "stopped by") == ["2 early stopping, 1 all epochs done"]
    assert "notes" not in headings(table)
    others = table_of(*(record.model_copy(update={"table": ("epochs",)}) for record in records))
    assert "a ended by: 2 early stopping, 1 all epochs done" in notes(others)


def test_restored_weights_and_interruptions_are_told():
    table = table_of(make_trained(restored=True, resumed_after=(4, 9)))
    assert "training ended with the weights of its best epoch: accuracies are theirs" in notes(table)
    assert "a it was interrupted after epochs 4, 9, and went on in another process" in notes(table)
    some = table_of(make_trained(restored=True), make_trained(variant="b"))
    assert any(note.startswith("where the best epoch's weights were restored") for note in notes(some))


@pytest.mark.parametrize(
    ("name", "changes", "shown"),
    [
        ("network", {"network": {"network": "vgg16"}}, "vgg16"),
        ("freeze", {"network": {"freeze": 0.1}}, "90 %"),
        ("freeze", {"network": {"freeze": 1.0}}, "head only"),
        ("freeze", {"network": {"freeze": 1}}, "all but 1"),
        ("freeze", {"network": {"freeze": 0.0}}, "all"),
        ("freeze", {"train": {"phases": [{"name": "a", "freeze": 1.0}, {"name": "b"}]}}, "head only, then all"),
        ("weights", {}, "random"),
        ("weights", {"network": {"weights": "imagenet"}}, "imagenet"),
        ("weights", {"network": {"weights": "kept/base.weights.h5"}}, "base.weights.h5"),
        ("learning_rate", {"rate": 4.999999873689376e-05}, "5e-05"),
        ("learning_rate", {"history": make_history(), "network": {"learning_rate": 0.01}}, "0.01"),
        ("optimizer", {}, "adam"),
        ("optimizer", {"train": {"optimizer": {"name": "sgd", "momentum": 0.9}}}, "sgd, momentum 0.9"),
        ("optimizer", {"train": {"optimizer": {"name": "sgd", "nesterov": True}}}, "sgd, nesterov on"),
        ("steps_per_epoch", {"steps": 66}, "66"),
        ("steps_per_epoch", {"train": {"steps_per_epoch": 30}, "steps": 32}, "30"),
        ("validation_steps", {}, "all"),
        ("validation_steps", {"train": {"validation_steps": 5}}, "5"),
        ("validation_steps", {"data": make_data(held_out_images=0)}, "–"),
        ("epochs_wanted", {"train": {"epochs": 100}}, "100"),
        ("epochs_wanted", {"train": {"epochs": 9, "phases": [{"name": "a", "epochs": 5}, {"name": "b"}]}}, "14"),
        ("classes", {}, "20"),
        ("classes", {"data": make_data(subset=None)}, "100"),
        ("image_size", {}, "32×32"),
        ("batch_size", {"batch_size": 64}, "64"),
        ("pixels", {"options": {"pixels": "uint8"}}, "uint8"),
        ("augment", {"options": {"augment": "model"}}, "model"),
        ("precision", {}, "float32"),
        ("xla", {"options": {"xla": True}}, "on"),
        ("train_images", {}, "8,500"),
        ("args.num_blocks", {"network": {"args": {"num_blocks": 4}}}, "4"),
        ("args.augment", {"network": {"args": {"augment": False}}}, "off"),
        ("args.absent", {}, "–"),
    ],
)
def test_settings_as_people_read_them(name, changes, shown):
    assert setting_of(name).text(make_trained(**changes)) == shown


def test_settings_of_records_without_a_recipe_have_words_too():
    bare = make_record().model_copy(update={"data": None})
    assert all(isinstance(setting.text(bare), str) for setting in SETTINGS.values())


def test_an_images_side_comes_from_what_was_computed():
    record = changed(make_trained(options={"image_size": 48}), ("data", "shape"), [48, 48, 3])
    assert setting_of("image_size").text(record) == "48×48"


def test_every_metric_and_setting_is_a_column():
    names = [*METRICS, *SETTINGS, "stopped_by", "args.width"]
    assert unknown_columns(names, [ModelSpec(name="small", network="compact")]) == {}
    assert [one.name for one in training_columns(names)] == names


def test_unknown_columns_come_with_the_nearest():
    models = [
        ModelSpec(name="a", network="convnet"),
        ModelSpec(name="b", network="mine:build", args={"depth": 3}),
    ]
    names = ["epochs", "args.depth", "tset_accuracy", "optimiser", "args.num_block", "args."]
    assert unknown_columns(names, models) == {
        "tset_accuracy": "did you mean 'test_accuracy'?",
        "optimiser": "did you mean 'optimizer'?",
        "args.num_block": "did you mean 'args.num_blocks'?",
        "args.": "did you mean 'args.depth'?",
    }
    assert unknown_columns(["args.width"], [ModelSpec(name="v", network="vgg16")]) == {"args.width": "none is known"}
    assert [one.name for one in training_columns(["epochs", "gone"])] == ["epochs"]
