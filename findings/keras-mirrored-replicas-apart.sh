#!/usr/bin/env bash
# Keras 3.15.1 (TensorFlow 2.21.0): what works on a batch works on each replica's share of it under MirroredStrategy, and
# nothing says so. Dropout leaves out the same places on every device: each has a copy of one seed, and draws the same mask.
# `clipnorm`, `global_clipnorm` and `clipvalue` clip each replica's gradients, before they are summed, so that two devices
# train other weights than one; without clipping, and with `BatchNormalization(synchronized=True)`, the same ones.
# Seen on two logical CPU devices: "masks are the same", "clipnorm: other weights", "global_clipnorm: other weights",
# "clipvalue: other weights", "none: the same weights".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >apart.py <<'PYTHON'
from contextlib import nullcontext

import keras
import numpy as np
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["/CPU:0", "/CPU:1"])
with strategy.scope():
    dropout = keras.layers.Dropout(0.5, seed=1)
ones = tf.ones((8, 8))
masks = strategy.run(tf.function(lambda: dropout(ones, training=True))).values
print("masks are", "the same" if np.array_equal(masks[0], masks[1]) else "drawn apart")
numbers = np.random.default_rng(0)
x, y = numbers.normal(size=(64, 8)).astype("float32"), numbers.integers(0, 3, 64)


def trained(scope, clipping):
    keras.utils.set_random_seed(1)
    with scope:
        layers = [keras.Input((8,)), keras.layers.BatchNormalization(synchronized=True)]
        model = keras.Sequential([*layers, keras.layers.Dense(3, activation="softmax")])
        model.compile(keras.optimizers.SGD(0.1, **clipping), "sparse_categorical_crossentropy")
    model.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(16), epochs=2, verbose=0, shuffle=False)
    return model.get_weights()


for clipping in ({"clipnorm": 0.05}, {"global_clipnorm": 0.05}, {"clipvalue": 0.01}, {}):
    one, two = (trained(scope, clipping) for scope in (nullcontext(), strategy.scope()))
    same = all(np.allclose(a, b, atol=1e-5) for a, b in zip(one, two))
    print(f"{next(iter(clipping), 'none')}: {'the same' if same else 'other'} weights")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python apart.py 2>/dev/null | tee said
grep -qx 'masks are the same' said && [ "$(grep -c 'clip.*: other weights' said)" = 3 ] && grep -qx 'none: the same weights' said
