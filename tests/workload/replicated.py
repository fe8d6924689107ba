"""What a process with two logical CPU devices is to say of training on them."""

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from bench.errors import InputError
from bench.run.cell.all_reduce import all_reduce
from bench.suite.options import Options
from bench.suite.recipe import OptimizerSpec, ReduceOnPlateau, TrainSpec
from bench.suite.spec import ModelSpec
from bench.workload import replication, runtime, shared_step
from bench.workload.data import Split
from bench.workload.elements import is_generated
from bench.workload.model import Built
from bench.workload.networks import build
from bench.workload.pipeline import evaluation_pipeline, training_pipeline
from bench.workload.trainer import Material, Trainer
from bench.workload.training import train_steps

ONE = Options(pixels="float32")
TWO = ONE.model_copy(update={"devices": 2, "strategy": "mirrored", "logical_devices": True})
SHAPE = (8, 8, 1)
kept = []


def images():
    labels = np.arange(160, dtype=np.int64) % 3
    pixels = np.random.default_rng(0).integers(0, 90, (160, *SHAPE)) + labels[:, None, None, None] * 80
    return Split(pixels.astype(np.uint8), labels)


def plain(input_shape, classes):
    return keras.Sequential(
        [keras.Input(input_shape), layers.Flatten(), layers.Dense(16, "relu"), layers.Dense(classes, "softmax")]
    )


def several_steps(input_shape, classes):
    model = plain(input_shape, classes)
    model.compile("sgd", "sparse_categorical_crossentropy", steps_per_execution=4)
    return model


def accumulating(input_shape, classes):
    model = plain(input_shape, classes)
    model.compile(keras.optimizers.SGD(gradient_accumulation_steps=2), "sparse_categorical_crossentropy")
    return model


def mirrored_by_itself(input_shape, classes):
    with tf.distribute.OneDeviceStrategy("/CPU:0").scope():
        return plain(input_shape, classes)


def distributed(input_shape, classes):
    devices = keras.distribution.list_devices("cpu")
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
    return plain(input_shape, classes)


def made(options, network="replicated:plain", train=None):
    keras.utils.set_random_seed(3)
    spec = ModelSpec(name="small", network=network)
    return Built(build(spec, SHAPE, 3, options, Path(__file__).parent), spec, options, None, train)


def trained(options, scratch, optimizer):
    """Epochs, with validation and a rate that is reduced; of the record's fields those that tell of the weights."""
    spec = TrainSpec(
        epochs=3, optimizer=optimizer, learning_rate=0.05, reduce_on_plateau=ReduceOnPlateau(patience=1, min_delta=0.4)
    )
    with replication.scope(options, "cpu"):
        built = made(options, train=spec)
        split = images()

        def batches(phase, skip):
            folder = Path(tempfile.mkdtemp(dir=scratch))
            return training_pipeline(split[:128], options, 16, 0, folder, skip=skip)

        material = Material(batches, evaluation_pipeline(split[128:157], options, 16), 8, None, 1, None)
        found = Trainer(built, spec, 0, material, None, lambda _epoch: None, lambda _steps: None).run()
        history = [[one.loss, one.accuracy, one.val_loss, one.val_accuracy, one.learning_rate] for one in found.history]
        weights = [weight.tolist() for weight in built.model.get_weights()]
        return {"history": history, "weights": weights, "traces": built.model.trace_log.traces}


def stepped(options, scratch):
    """How many steps are told, and how often the step was traced."""
    told = []

    def step(steps):
        told.append(steps)
        return len(told) < 5

    with replication.scope(options, "cpu"):
        built = made(options)
        folder = Path(tempfile.mkdtemp(dir=scratch))
        fitted = train_steps(built.model, training_pipeline(images(), options, 16, 0, folder), lambda: None, step)
        seen = int(built.model.optimizer.iterations.numpy())
    return [sum(told), fitted.steps, seen, built.model.trace_log.traces]


def refused(options, network):
    try:
        with replication.scope(options, "cpu"):
            made(options, f"replicated:{network}")
    except InputError as error:
        return [fault.what for fault in error.faults]
    finally:
        keras.distribution.set_distribution(None)
    return None


def summed_and_not(scratch):
    """Windows of both kinds, and whether the copies of the weights are still alike after each."""
    alike = []

    def sync():
        copies = model.trainable_weights[0].value.values
        alike.append(bool(np.allclose(copies[0].numpy(), copies[1].numpy())))

    with replication.scope(TWO, "cpu"):
        model = made(TWO).model
        dataset = training_pipeline(images(), TWO, 16, 0, Path(tempfile.mkdtemp(dir=scratch)))
        found = all_reduce(model, dataset, 2, sync, kept.append)
        told = shared_step.told(model, TWO, "cpu", 16)
    return [len(found.reducing), [one.steps for one in found.local[:3]], alike[:3], told.model_dump(mode="json")]


def judged(options):
    """The loss of a network of convolutions on 17 images in batches of 16: the last one is there for one device."""
    keras.utils.set_random_seed(3)
    with replication.scope(options, "cpu"):
        stack = [layers.Conv2D(4, 3, activation="relu"), layers.Conv2D(4, 3, activation="relu"), layers.Flatten()]
        model = keras.Sequential([keras.Input(SHAPE), *stack, layers.Dense(3, "softmax")])
        model.compile(loss="sparse_categorical_crossentropy")
        specs = tf.TensorSpec((16, *SHAPE)), tf.TensorSpec((16,), tf.int64)
        replication.build_beforehand(model, specs)
        return model.evaluate(evaluation_pipeline(images()[:17], options, 16), verbose=0)


def remarks():
    layer = layers.BatchNormalization
    with replication.scope(TWO, "cpu"):
        model = keras.Sequential([keras.Input((4,)), layer(), layer(synchronized=True), layers.Dropout(0.5)])
        model.compile(keras.optimizers.SGD(clipnorm=1.0), "mse")
        return shared_step.told(model, TWO, "cpu", 16).remarks


def generators():
    def counting():
        return tf.data.Dataset.from_generator(lambda: iter(range(4)), output_signature=tf.TensorSpec((), tf.int64))

    generated, arrays = counting(), tf.data.Dataset.from_tensor_slices(np.arange(8))
    interleaved = arrays.interleave(lambda _: counting(), cycle_length=2)
    called = arrays.map(lambda x: tf.numpy_function(lambda y: y, [x], tf.int64))
    every = (generated, generated.repeat().batch(2).prefetch(1), tf.data.Dataset.zip(arrays, generated), interleaved)
    return [[is_generated(one) for one in every], [is_generated(one) for one in (arrays.batch(3), called)]]


if __name__ == "__main__":
    runtime.configure(TWO, 0, "cpu")
    with tempfile.TemporaryDirectory() as folder:
        adam, clipped = OptimizerSpec(name="adam"), OptimizerSpec(name="sgd", args={"clipnorm": 0.01})
        said = {
            "devices": len(tf.config.list_logical_devices("CPU")),
            "one": trained(ONE, folder, adam),
            "two": trained(TWO, folder, adam),
            "one, clipped": trained(ONE, folder, clipped)["weights"],
            "two, clipped": trained(TWO, folder, clipped)["weights"],
            "steps": stepped(TWO, folder),
            "same strategy": replication.mirrored("cpu", 2) is replication.mirrored("cpu", 2),
            "refused": {name: refused(TWO, name) for name in ("several_steps", "accumulating", "plain")},
            "refused on one": {
                name: refused(ONE, name) for name in ("several_steps", "mirrored_by_itself", "distributed")
            },
            "generators": generators(),
            "all-reduce": summed_and_not(folder),
            "judged": [judged(ONE), judged(TWO)],
            "remarks": remarks(),
        }
    sys.stdout.write(json.dumps(said) + "\n")
