"""Training to an accuracy: rules, phases, the best weights, and going on after an interruption."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from bench.errors import InputError
from bench.results.record import Epoch
from bench.suite.options import Options
from bench.suite.recipe import EarlyStopping, OptimizerSpec, Phase, ReduceOnPlateau, TrainSpec
from bench.suite.spec import ModelSpec
from bench.workload.checkpoint import Checkpoint
from bench.workload.data import Split
from bench.workload.model import Built, train_state
from bench.workload.networks import build
from bench.workload.pipeline import evaluation_pipeline, training_pipeline
from bench.workload.trainer import DivergedError, Material, Trainer
from bench.workload.training import evaluate

SHAPE = (8, 8, 1)
PLAIN = Options(pixels="float32")
STEPS = 5


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture(scope="module")
def images():
    """Images of three brightnesses: a class each."""
    labels = np.arange(120, dtype=np.int64) % 3
    pixels = np.random.default_rng(0).integers(0, 90, (120, *SHAPE)) + labels[:, None, None, None] * 80
    return Split(pixels.astype(np.uint8), labels)


@dataclass
class Run:
    """A training in a folder of its own; `models` is where the user's code lies."""

    images: Split
    folder: object
    spec: TrainSpec
    network: str = "small:build"
    options: Options = PLAIN
    held_out: int = 30
    kept: list = None

    def built(self):
        (self.folder / "small.py").write_text(
            "import keras\n"
            "from keras import layers\n"
            "def build(input_shape, classes):\n"
            "    return keras.Sequential([keras.Input(input_shape), layers.Flatten(), layers.Dense(16, 'relu'),\n"
            "        layers.Dropout(0.25), layers.Dense(classes, 'softmax')])\n"
        )
        keras.utils.set_random_seed(3)
        spec = ModelSpec(name="small", network=self.network)
        return Built(build(spec, SHAPE, 3, self.options, self.folder), spec, self.options, None, self.spec)

    def trainer(self, heard=lambda epoch: None, checkpoint=None, test=None):
        train, held_out = self.images[self.held_out :], self.images[: self.held_out]
        scratch = iter(range(1000))

        def batches(phase, skip):
            folder = self.folder / f"scratch-{next(scratch)}-{len(list(self.folder.iterdir()))}"
            folder.mkdir()
            return training_pipeline(train, self.options, 16, 0, folder, skip=skip)

        evaluation = evaluation_pipeline(held_out, self.options, 16) if self.held_out else None
        elements = batches(0, 0).element_spec
        material = Material(batches, evaluation, STEPS, test, 1, elements)
        return Trainer(self.built(), self.spec, 0, material, checkpoint, heard, lambda steps: None)


@pytest.fixture
def run(images, tmp_path):
    return lambda spec, **more: Run(images, tmp_path, spec, **more)


def killed(given, folder, after):
    """The checkpoint of a training whose process ended after that epoch."""
    checkpoint = Checkpoint(folder / "kept")

    def until(epoch):
        if epoch.epoch == after:
            raise Killed

    with pytest.raises(Killed):
        given.trainer(until, checkpoint).run()
    return checkpoint


@dataclass
class Interrupted:
    """A training that went on to its end, and what another of the same kind had kept as each of its epochs ended."""

    spec: TrainSpec
    whole: object
    kept: dict

    def go_on(self, run, folder, after, told=lambda epoch: None):
        """From what was kept when that epoch had ended, as if the process had ended then."""
        shutil.copytree(self.kept[after], folder / "kept")
        return run(self.spec).trainer(told, Checkpoint(folder / "kept")).run()


def interrupted(spec, images, folder):
    kept, place = {}, folder / "kept"

    def ended(epoch):
        kept[epoch.epoch] = Path(shutil.copytree(place, folder / f"after-{epoch.epoch}"))

    trainings = [Run(images, folder / name, spec) for name in ("whole", "other")]
    for training in trainings:
        training.folder.mkdir()
    whole = trainings[0].trainer().run()
    trainings[1].trainer(ended, Checkpoint(place)).run()
    return Interrupted(spec, whole, kept)


@pytest.fixture(scope="module")
def of_one_rate(images, tmp_path_factory):
    spec = TrainSpec(
        learning_rate=0.1,
        phases=(Phase(name="a", epochs=3), Phase(name="b", epochs=3)),
        reduce_on_plateau=ReduceOnPlateau(patience=1, factor=0.5, min_delta=10.0),
    )
    return interrupted(spec, images, tmp_path_factory.mktemp("of_one_rate"))


@pytest.fixture(scope="module")
def of_two_rates(images, tmp_path_factory):
    spec = TrainSpec(
        phases=(
            Phase(name="one", epochs=3, learning_rate=0.02),
            Phase(name="two", epochs=3, freeze=2, learning_rate=0.005),
        ),
        restore_best=True,
        reduce_on_plateau=ReduceOnPlateau(patience=1, factor=0.5, min_delta=10.0),
    )
    return interrupted(spec, images, tmp_path_factory.mktemp("of_two_rates"))


def figures(history):
    return [(one.loss, one.accuracy, one.val_loss, one.val_accuracy) for one in history]


def test_epochs_are_those_asked_for_and_say_what_they_had(run):
    told = []
    trained = run(TrainSpec(epochs=3, learning_rate=0.01)).trainer(told.append).run()
    assert [one.epoch for one in trained.history] == [1, 2, 3]
    assert tuple(told) == trained.history
    assert all(isinstance(one, Epoch) and one.steps == STEPS and one.phase == "" for one in told)
    assert [one.learning_rate for one in told] == pytest.approx([0.01] * 3)
    assert trained.training.stopped_by == "epochs"
    assert (trained.epoch.epoch, trained.steps) == (3, 15)


def test_it_stops_early_and_ends_with_the_best_weights(run):
    spec = TrainSpec(
        epochs=60,
        learning_rate=0.3,  # far too high: it gets worse again
        early_stopping=EarlyStopping(patience=3),
        restore_best=True,
    )
    given = run(spec)
    trainer = given.trainer()
    trained = trainer.run()
    losses = [one.val_loss for one in trained.history]
    best = losses.index(min(losses))
    assert trained.training.stopped_by == "early_stopping"
    assert len(losses) == best + 1 + 3 < 60
    assert trained.training.best_epoch == trained.epoch.epoch == best + 1
    assert trained.steps == (best + 1) * STEPS
    judged = evaluate(trainer.built.model, evaluation_pipeline(given.images[:30], given.options, 16))
    loss, accuracy = judged.loss, judged.accuracy
    assert (loss, accuracy) == pytest.approx((trained.epoch.val_loss, trained.epoch.val_accuracy), rel=1e-5)


def test_the_rate_falls_on_a_plateau_and_the_epochs_say_which_they_had(run):
    rule = ReduceOnPlateau(patience=1, factor=0.5, min_delta=10.0, min_rate=0.002)  # nothing is ever a gain
    trained = run(TrainSpec(epochs=5, learning_rate=0.008, reduce_on_plateau=rule)).trainer().run()
    assert [one.learning_rate for one in trained.history] == pytest.approx([0.008, 0.008, 0.004, 0.002, 0.002])
    assert trained.training.reduced_after == (2, 3)


def test_a_target_ends_it_if_asked(run):
    spec = TrainSpec(epochs=60, learning_rate=0.01, target_accuracy=0.9, stop_at_target=True)
    trained = run(spec).trainer().run()
    assert trained.training.stopped_by == "target_accuracy"
    reached = [one.val_accuracy >= 0.9 for one in trained.history]
    assert reached == [False] * (len(reached) - 1) + [True]


def test_phases_freeze_and_thaw_with_rates_of_their_own(run):
    spec = TrainSpec(
        phases=(
            Phase(name="head", epochs=2, freeze=2, learning_rate=0.02),
            Phase(name="all", epochs=3, learning_rate=0.001),
        )
    )
    given = run(spec)
    seen = []

    def heard(epoch):
        seen.append([weight.numpy() for weight in trainer.built.model.weights])

    trainer = given.trainer(heard)
    before = [weight.numpy() for weight in trainer.built.model.weights]
    trained = trainer.run()
    assert [(one.phase, one.learning_rate) for one in trained.history] == [
        *(("head", pytest.approx(0.02)),) * 2,
        *(("all", pytest.approx(0.001)),) * 3,
    ]
    first = [np.array_equal(a, b) for a, b in zip(before, seen[1], strict=True)]
    assert first == [True, True, False, False]  # the hidden layer's two weights were frozen
    assert not any(np.array_equal(a, b) for a, b in zip(seen[1], seen[4], strict=True))


def test_after_its_phases_a_model_is_timed_again_as_its_windows_were(run):
    given = run(TrainSpec(epochs=1, phases=(Phase(name="head", freeze=3, learning_rate=0.1),)))
    trainer = given.trainer()
    model, built = trainer.built.model, trainer.built
    before = (len(model.trainable_weights), float(model.optimizer.learning_rate))
    trainer.run()
    assert (len(model.trainable_weights), float(model.optimizer.learning_rate)) != before
    built.as_timed()
    assert (len(model.trainable_weights), float(model.optimizer.learning_rate)) == before
    assert int(model.optimizer.iterations) == 0


def test_every_phase_begins_at_its_own_rate_with_a_fresh_optimizer(run):
    spec = TrainSpec(
        learning_rate=0.01,
        phases=(
            Phase(name="a", epochs=3, reduce_on_plateau=ReduceOnPlateau(patience=1, factor=0.5, min_delta=10.0)),
            Phase(name="b", epochs=1, learning_rate=1e-5),
            Phase(name="c", epochs=1),
        ),
    )
    steps = []
    trainer = run(spec).trainer(lambda epoch: steps.append(int(trainer.built.model.optimizer.iterations.numpy())))
    trained = trainer.run()
    assert [one.learning_rate for one in trained.history] == pytest.approx([0.01, 0.01, 0.005, 1e-5, 0.01])
    assert steps == [STEPS, 2 * STEPS, 3 * STEPS, STEPS, STEPS]


def test_tracing_a_phase_changes_nothing_that_is_learnt(run):
    spec = TrainSpec(
        phases=(Phase(name="a", epochs=2, learning_rate=0.02), Phase(name="b", epochs=2, learning_rate=0.01))
    )
    traced, untraced = run(spec).trainer(), run(spec).trainer()
    untraced.material = replace(untraced.material, elements=None)
    np.testing.assert_allclose(figures(traced.run().history), figures(untraced.run().history), rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("train", "rate"), [(None, 0.05), (TrainSpec(epochs=1, learning_rate=0.3), 0.3)], ids=["its own", "the suite's"]
)
def test_a_model_that_comes_compiled_keeps_its_optimizer_at_whatever_rate(run, tmp_path, train, rate):
    (tmp_path / "own_sgd.py").write_text(
        "import keras\n"
        "def build(input_shape, classes):\n"
        "    layers = [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(classes, 'softmax')]\n"
        "    model = keras.Sequential(layers)\n"
        "    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), 'sparse_categorical_crossentropy')\n"
        "    return model\n"
    )
    optimizer = run(train, network="own_sgd:build").built().model.optimizer
    assert (type(optimizer), optimizer.momentum) == (keras.optimizers.SGD, 0.9)
    assert float(optimizer.learning_rate) == pytest.approx(rate)


@pytest.mark.parametrize("after", [1, 3, 4, 5])
def test_an_interrupted_phase_of_the_first_ones_rate_goes_on_as_if_it_had_not_been(run, of_one_rate, tmp_path, after):
    whole, trained = of_one_rate.whole, of_one_rate.go_on(run, tmp_path, after)
    np.testing.assert_allclose(figures(trained.history), figures(whole.history), rtol=2e-4, atol=1e-5)
    assert [one.learning_rate for one in trained.history] == [one.learning_rate for one in whole.history]


@pytest.mark.parametrize("after", [1, 3, 4])
def test_an_interrupted_training_goes_on_as_if_it_had_not_been(run, of_two_rates, tmp_path, after):
    """Data order, dropout, optimizer, best weights and rules: all go on where they were."""
    told = []
    whole, trained = of_two_rates.whole, of_two_rates.go_on(run, tmp_path, after, told.append)
    assert [one.epoch for one in told] == list(range(after + 1, 7))
    assert trained.training.resumed_after == (after,)
    np.testing.assert_allclose(figures(trained.history), figures(whole.history), rtol=2e-4, atol=1e-5)
    assert [one.learning_rate for one in trained.history] == [one.learning_rate for one in whole.history]
    assert (trained.training.best_epoch, trained.training.stopped_by) == (
        whole.training.best_epoch,
        whole.training.stopped_by,
    )


@pytest.fixture
def half_precision():
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy("float32")


@pytest.mark.usefixtures("half_precision")
def test_in_mixed_float16_the_scale_of_the_loss_goes_on_too(run, tmp_path):
    spec = TrainSpec(
        epochs=4,
        learning_rate=0.02,
        restore_best=True,
        reduce_on_plateau=ReduceOnPlateau(patience=1, factor=0.5, min_delta=10.0),
    )
    trainer = run(spec).trainer()
    whole = trainer.run()
    assert isinstance(trainer.built.model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert [one.learning_rate for one in whole.history] == pytest.approx([0.02, 0.02, 0.01, 0.005])
    trained = run(spec).trainer(checkpoint=killed(run(spec), tmp_path, 2)).run()
    np.testing.assert_allclose(figures(trained.history), figures(whole.history), rtol=2e-3, atol=1e-4)
    assert [one.learning_rate for one in trained.history] == [one.learning_rate for one in whole.history]


def test_passing_over_what_was_trained_is_in_no_epochs_time(run, tmp_path, monkeypatch):
    """Here it takes a second, and an epoch's batches nothing."""
    given, slept = run(TrainSpec(epochs=3)), []
    monkeypatch.setattr("bench.workload.training.time", SimpleNamespace(perf_counter=lambda: 1.0 * passed))
    passed = 0

    def slow(batches):
        def at_first(number):
            nonlocal passed
            slept.append(True)
            passed += 1
            return number

        def passing(number, batch):
            # only there: each call of Python would wait for whoever has its lock
            asked = tf.cond(number == 0, lambda: tf.numpy_function(at_first, [number], tf.int64), lambda: number)
            with tf.control_dependencies([asked]):
                return tf.nest.map_structure(tf.identity, batch)

        return batches.enumerate().map(passing)

    def slowed(checkpoint=None):
        trainer = given.trainer(checkpoint=checkpoint)
        batches = trainer.material.batches
        trainer.material = replace(trainer.material, batches=lambda phase, skip: slow(batches(phase, skip)))
        return trainer

    first, *_ = slowed().run().history
    assert slept.pop()
    assert first.seconds == 1.0  # a pipeline's start is in the first epoch's time
    gone_on = slowed(killed(given, tmp_path, 1)).run()
    assert slept == [True]
    assert gone_on.training.resumed_after == (1,)
    assert gone_on.history[1].seconds == 0.0


def test_a_training_that_was_over_when_it_was_interrupted_trains_no_more(run, tmp_path):
    spec, checkpoint = TrainSpec(epochs=2), Checkpoint(tmp_path / "kept")
    first = run(spec).trainer(checkpoint=checkpoint).run()
    told = []
    second = run(spec).trainer(told.append, checkpoint).run()
    assert told == []
    assert second.history == first.history


@pytest.mark.parametrize("damage", [b"", b"no archive at all", "half"])
def test_a_checkpoint_that_cannot_be_read_is_as_good_as_none(run, tmp_path, damage):
    spec, checkpoint = TrainSpec(epochs=1), Checkpoint(tmp_path / "kept")
    run(spec).trainer(checkpoint=checkpoint).run()
    content = checkpoint.path.read_bytes()
    checkpoint.path.write_bytes(content[: len(content) // 2] if damage == "half" else damage)
    told = []
    assert checkpoint.load(2**20, told.append) is None
    assert [text.partition(": ")[2][:44] for text in told] == ["the training that is kept there is damaged, "]
    assert len(run(spec).trainer(checkpoint=checkpoint).run().history) == 1


def test_a_full_disk_costs_the_checkpoint_and_not_the_training(run, tmp_path):
    (tmp_path / "kept").write_text("a file where a folder should be")
    warned = []
    trainer = run(TrainSpec(epochs=2)).trainer(checkpoint=Checkpoint(tmp_path / "kept" / "deeper"))
    trainer.warn = warned.append
    assert len(trainer.run().history) == 2
    assert len(warned) == 1
    assert "kept" in warned[0]


def test_a_loss_that_is_no_number_ends_it_and_keeps_the_epochs(run):
    trainer = run(TrainSpec(epochs=9, optimizer=OptimizerSpec(name="sgd"), learning_rate=1e30)).trainer()
    with pytest.raises(DivergedError, match="loss is nan in epoch"):
        trainer.run()
    assert len(trainer.history) < 9


def test_without_held_out_images_rules_go_by_the_training_images(run):
    spec = TrainSpec(epochs=3, restore_best=False)
    trained = run(spec, held_out=0).trainer().run()
    assert trained.training.monitor == "loss"
    assert {one.val_loss for one in trained.history} == {None}


def test_test_images_are_judged_after_each_epoch_without_consequence(run, images):
    spec = TrainSpec(epochs=3, restore_best=True)
    plain = run(spec).trainer().run()
    judged = run(spec).trainer(test=evaluation_pipeline(images[:60], PLAIN, 16)).run()
    np.testing.assert_allclose(figures(judged.history), figures(plain.history), rtol=2e-4)
    assert {one.test_loss for one in plain.history} == {None}
    assert all(one.test_loss > 0 and 0 <= one.test_accuracy <= 1 for one in judged.history)
    assert len({one.test_loss for one in judged.history}) == 3


def test_any_of_keras_optimizers_with_arguments(run, tmp_path):
    spec = TrainSpec(epochs=1, optimizer=OptimizerSpec(name="sgd", args={"momentum": 0.9, "nesterov": True}))
    optimizer = run(spec).built().model.optimizer
    assert (type(optimizer), optimizer.momentum, optimizer.nesterov) == (keras.optimizers.SGD, 0.9, True)
    assert float(optimizer.learning_rate) == pytest.approx(0.01)  # Keras's default for it
    wrong = TrainSpec(epochs=1, optimizer=OptimizerSpec(name="sgd", args={"momentum": 3}))
    with pytest.raises(InputError, match="optimizer sgd can't have momentum: 3"):
        run(wrong).built()


@pytest.mark.parametrize(("name", "slots"), [("adam", 2), ("sgd", 0), ("rmsprop", 1), ("adagrad", 1)])
def test_training_state_is_weights_and_the_slots_of_the_very_optimizer(run, name, slots):
    model = run(TrainSpec(epochs=1, optimizer=OptimizerSpec(name=name))).built().model
    weights = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert train_state(model) == 4 * weights * (1 + slots)


def test_a_checkpoint_of_another_network_begins_anew_and_says_so(run, tmp_path):
    spec = TrainSpec(epochs=2)
    checkpoint = killed(run(spec), tmp_path, 1)
    with np.load(checkpoint.path) as kept:
        arrays = dict(kept) | {"state0": np.zeros((3, 3), np.float32)}
    np.savez(checkpoint.path, **arrays)
    trainer, warned = run(spec).trainer(checkpoint=checkpoint), []
    trainer.warn = warned.append
    trained = trainer.run()
    assert [epoch.epoch for epoch in trained.history] == [1, 2]
    assert trained.training.resumed_after == ()
    assert warned == [f"{checkpoint.path}: the training that is kept there is of another network: it begins anew"]
