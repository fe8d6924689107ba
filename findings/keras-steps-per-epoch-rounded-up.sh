#!/usr/bin/env bash
# Keras 3.15.1 (TensorFlow 2.21.0): with `steps_per_execution=4`, `fit(steps_per_epoch=10)` on an endless data set trains 12
# steps an epoch: whole executions, without a word. A data set that ends after 10 batches is trained on 10, yet its last
# `on_train_batch_end` says batch 11. Images a second as `steps_per_epoch` times the batch size by the epoch's time come out
# 17 % too low, and a callback that counts by the batch's index counts 12.
# Seen: "endless: 12 steps, last batch 11" and "of 10 batches: 10 steps, last batch 11".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >steps.py <<'PYTHON'
import keras
import numpy as np
import tensorflow as tf


class Last(keras.callbacks.Callback):
    batch = None

    def on_train_batch_end(self, batch, logs=None):
        self.batch = batch


ones = np.ones((2, 1), "float32")
for name, dataset, steps in (
    ("endless", tf.data.Dataset.from_tensors((ones, ones)).repeat(), 10),
    ("of 10 batches", tf.data.Dataset.from_tensors((ones, ones)).repeat(10), None),
):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", steps_per_execution=4)
    last = Last()
    model.fit(dataset, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=[last])
    print(f"{name}: {int(model.optimizer.iterations)} steps, last batch {last.batch}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python steps.py 2>/dev/null | tee said
grep -qx 'endless: 12 steps, last batch 11' said && grep -qx 'of 10 batches: 10 steps, last batch 11' said
