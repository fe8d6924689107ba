#!/usr/bin/env bash
# Keras 3.15.1 (TensorFlow 2.21.0): under MirroredStrategy every `fit` reads a batch to build the model from, whether it is
# built or not, and then begins the data anew. A Python generator, which can't be begun anew, loses its first batch. A data
# set that is shuffled on each pass is trained on in its second order: with the same seeds two devices train other weights
# than one, though they train the same ones where nothing is shuffled.
# Seen on two logical CPU devices: "shuffled: other weights", "in order: the same weights", "generator: 4 batches drawn,
# 3 trained".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >ahead.py <<'PYTHON'
from contextlib import nullcontext

import keras
import numpy as np
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["/CPU:0", "/CPU:1"])
numbers = np.random.default_rng(0)
x, y = numbers.normal(size=(64, 8)).astype("float32"), numbers.integers(0, 3, 64)


def trained(scope, data):
    keras.utils.set_random_seed(1)
    with scope:
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(data, epochs=1, verbose=0, shuffle=False)
    return model


def apart(data):
    one, two = (trained(scope, data()).get_weights() for scope in (nullcontext(), strategy.scope()))
    return "the same weights" if np.allclose(one[0], two[0], atol=1e-5) else "other weights"


plain = tf.data.Dataset.from_tensor_slices((x, y))
print("shuffled:", apart(lambda: plain.shuffle(64, seed=5).batch(16)))
print("in order:", apart(lambda: plain.batch(16)))
drawn = []


def generator():
    for begin in range(0, 64, 16):
        drawn.append(begin)
        yield x[begin : begin + 16], y[begin : begin + 16]


model = trained(strategy.scope(), generator())
print(f"generator: {len(drawn)} batches drawn, {int(model.optimizer.iterations.numpy())} trained")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python ahead.py 2>/dev/null | tee said
grep -qx 'shuffled: other weights' said && grep -qx 'in order: the same weights' said &&
    grep -qx 'generator: 4 batches drawn, 3 trained' said
