#!/usr/bin/env bash
# Keras 3.15.1: a training that goes on by `BackupAndRestore` begins its dropout anew: the epochs after the
# interruption leave out the very places that the first epochs did, for the state of the random numbers is kept by no
# file of weights. What is learnt is not what the training would have learnt without the interruption.
# Seen: "epoch 3 leaves out what epoch 0 did: uninterrupted False, resumed True".
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

inputs, wanted = np.ones((32, 12), "float32"), np.zeros((32, 12), "float32")
masks = []


class Seen(keras.layers.Layer):
    def call(self, values):
        tf.py_function(lambda one: masks.append((one.numpy() > 0).tobytes()), [values], [])
        return values


def trained(*callbacks):
    layers = [keras.layers.Dropout(0.5, seed=7), Seen(), keras.layers.Dense(12)]
    model = keras.Sequential([keras.Input((12,)), *layers])
    model.compile("sgd", loss="mse")
    masks.clear()
    try:
        model.fit(inputs, wanted, epochs=6, batch_size=32, verbose=0, callbacks=[*callbacks])
    except KeyboardInterrupt:
        pass
    return list(masks)


class Interrupts(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 3:
            raise KeyboardInterrupt


whole = trained()
first = trained(keras.callbacks.BackupAndRestore("kept"), Interrupts())
rest = trained(keras.callbacks.BackupAndRestore("kept"))
print(f"epoch 3 leaves out what epoch 0 did: uninterrupted {whole[-3] == whole[-6]}, resumed {rest[-3] == first[-3]}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'epoch 3 leaves out what epoch 0 did: uninterrupted False, resumed True' said
