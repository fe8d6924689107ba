#!/usr/bin/env bash
# Keras 3.15.1: `fit(x, y, steps_per_epoch=10)` on arrays, with no batch size, trains no ten batches of 32, but ten
# that hold the whole data: 5,000 images each of 50,000. `validation_steps=2` judges all images in two batches, and
# `evaluate(steps=5)` all in five. The documentation has 32 as the default, and calls steps a number of batches to
# draw. Who shortens an epoch that way to time it times another batch size, and the progress bar shows 10/10.
# Seen: "fit with 10 steps: batches of 5000", "evaluate with 5 steps: batches of 10000".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras
import numpy as np
import tensorflow as tf

sizes = []


class Counting(keras.layers.Layer):
    def call(self, inputs):
        tf.py_function(lambda size: sizes.append(int(size)), [tf.shape(inputs)[0]], [])
        return inputs


model = keras.Sequential([keras.Input((4,)), Counting(), keras.layers.Dense(1)])
model.compile("sgd", loss="mse")
inputs, wanted = np.zeros((50_000, 4), "float32"), np.zeros((50_000, 1), "float32")
model.fit(inputs[:64], wanted[:64], verbose=0)
sizes.clear()
model.fit(inputs, wanted, steps_per_epoch=10, verbose=0)
print(f"fit with 10 steps: batches of {', '.join(map(str, sorted(set(sizes))))}")
sizes.clear()
model.fit(inputs, wanted, steps_per_epoch=10, batch_size=32, verbose=0)
print(f"fit with 10 steps of 32: batches of {', '.join(map(str, sorted(set(sizes))))}")
sizes.clear()
model.evaluate(inputs, wanted, steps=5, verbose=0)
print(f"evaluate with 5 steps: batches of {', '.join(map(str, sorted(set(sizes))))}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'fit with 10 steps: batches of 5000' said &&
    grep -qx 'fit with 10 steps of 32: batches of 32' said &&
    grep -qx 'evaluate with 5 steps: batches of 10000' said
