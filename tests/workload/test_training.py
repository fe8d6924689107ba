import gc

import numpy as np
import pytest

from bench.suite.options import Options
from bench.suite.recipe import Phase
from bench.suite.spec import ModelSpec
from bench.workload.data import Split
from bench.workload.model import Built
from bench.workload.networks import build
from bench.workload.pipeline import evaluation_pipeline, training_pipeline
from bench.workload.training import evaluate, train_epochs, train_steps

SPEC = ModelSpec(name="simple_cnn", network="simple_cnn")


@pytest.fixture(autouse=True)
def _iterators_end_with_their_test():
    """What is left of `fit` holds an iterator, and to free that takes as long as it has lived: not minutes later, when
    the collector comes upon it in some other test."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def split():
    """Images of three brightnesses: a class each."""
    labels = np.arange(96, dtype=np.int64) % 3
    images = np.random.default_rng(0).integers(0, 60, (96, 24, 24, 3)) + labels[:, None, None, None] * 90
    return Split(images.astype(np.uint8), labels)


def trained(split, tmp_path, options, until=12):
    import keras

    keras.utils.set_random_seed(1)
    model = Built(build(SPEC, (24, 24, 3), 3, options, tmp_path), SPEC, options, split).model
    told = []

    def step(steps):
        told.append(steps)
        return sum(told) < until

    begun = []
    fitted = train_steps(model, training_pipeline(split, options, 16, 0, tmp_path), lambda: begun.append(1), step)
    assert begun == [1]
    return model, fitted, told


@pytest.fixture(scope="module")
def plain(split, tmp_path_factory):
    """What is learnt under no option."""
    return trained(split, tmp_path_factory.mktemp("plain"), Options(shuffle="none"))[1]


def test_training_runs_until_it_is_told_to_end(split, tmp_path):
    model, fitted, told = trained(split, tmp_path, Options())
    assert told == [1] * 12
    assert fitted.steps == 12
    assert int(model.optimizer.iterations.numpy()) == 12


def test_several_steps_an_execution_are_counted(split, tmp_path):
    model, fitted, told = trained(split, tmp_path, Options(steps_per_execution=4), until=10)
    assert told == [4, 4, 4]
    assert fitted.steps == 12
    assert int(model.optimizer.iterations.numpy()) == 12


def test_the_step_is_not_traced_again_once_it_runs(split, tmp_path):
    model, _, _ = trained(split, tmp_path, Options(), until=3)
    log = model.trace_log
    before = log.traces
    assert before >= 1
    assert log.seconds > 0
    train_steps(model, training_pipeline(split, Options(), 16, 0, tmp_path), lambda: None, lambda steps: False)
    assert log.traces == before


@pytest.mark.parametrize(
    "options",
    [
        {"source": "device"},
        {"source": "tfrecord"},
        {"pixels": "float32"},
        {"pixels": "uint8"},
        {"map": 2, "cache": "memory"},
        {"steps_per_execution": 6},
        {"xla": True},
        {"source": "device", "pixels": "uint8", "xla": True, "steps_per_execution": 3},
    ],
    ids=str,
)
def test_options_that_change_speed_do_not_change_what_is_learnt(split, plain, tmp_path, options):
    _, other, _ = trained(split, tmp_path, Options(shuffle="none", **options))
    assert other.loss == pytest.approx(plain.loss, rel=2e-3)
    assert other.accuracy == pytest.approx(plain.accuracy, abs=0.02)


def test_epochs_are_reported_as_they_end_and_training_learns(split, tmp_path):
    model = Built(build(SPEC, (24, 24, 3), 3, Options(), tmp_path), SPEC, Options()).model
    held_out = evaluation_pipeline(Split(split.images[:30], split.labels[:30]), Options(), 16)
    told = []

    def done(figures):
        told.append(figures)
        return len(told) < 8

    kept = train_epochs(model, training_pipeline(split, Options(), 16, 0, tmp_path), held_out, 6, done)
    assert [epoch["epoch"] for epoch in told] == list(range(1, 9))
    assert all(epoch["seconds"] > 0 and epoch["val_seconds"] > 0 and epoch["steps"] == 6 for epoch in told)
    assert told[-1]["val_accuracy"] == 1.0
    assert told[-1]["loss"] < told[0]["loss"]
    assert int(model.optimizer.iterations.numpy()) == 48
    judged = evaluate(model, held_out)
    loss, accuracy = judged.loss, judged.accuracy
    assert (loss, accuracy) == pytest.approx((told[-1]["val_loss"], told[-1]["val_accuracy"]), abs=1e-5)
    del kept


def test_the_users_own_optimizer_and_loss_are_kept(split, tmp_path):
    (tmp_path / "own_compiled.py").write_text(
        "import keras\n"
        "def build(input_shape, classes):\n"
        "    layers = [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(classes)]\n"
        "    model = keras.Sequential(layers)\n"
        "    model.compile('sgd', keras.losses.SparseCategoricalCrossentropy(from_logits=True))\n"
        "    return model\n"
    )
    spec = ModelSpec(name="own", network="own_compiled:build")
    model = Built(build(spec, (24, 24, 3), 3, Options(xla=True), tmp_path), spec, Options(xla=True)).model
    assert type(model.optimizer).__name__ == "SGD"
    assert model.loss.from_logits
    assert model.jit_compile is True


def own(tmp_path, name, **compiled):
    (tmp_path / f"{name}.py").write_text(
        "import keras\n"
        "def build(input_shape, classes):\n"
        "    layers = [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(classes, 'softmax')]\n"
        "    model = keras.Sequential(layers)\n"
        f"    model.compile('sgd', 'sparse_categorical_crossentropy', **{compiled!r})\n"
        "    return model\n"
    )
    spec = ModelSpec(name="own", network=f"{name}:build")
    return Built(build(spec, (24, 24, 3), 3, Options(), tmp_path), spec, Options())


def test_a_model_of_ones_own_trains_by_the_executions_that_divide_its_epoch(tmp_path):
    built = own(tmp_path, "own_executions", steps_per_execution=4)
    assert built.model.steps_per_execution == 4
    built.begin(Phase(name="all"), 2, first=True)
    assert built.model.steps_per_execution == 2
    built.as_timed()
    assert built.model.steps_per_execution == 4


def test_a_model_of_ones_own_that_runs_eagerly_is_never_traced(split, tmp_path):
    model = own(tmp_path, "own_eager", run_eagerly=True).model
    train_steps(model, training_pipeline(split, Options(), 16, 0, tmp_path), lambda: None, lambda steps: False)
    assert model.trace_log.traces == 0
