#!/usr/bin/env bash
# Keras 3.15.1: the documentation of ModelCheckpoint has four steps to resume a training from a file of weights: make
# the model, compile it, load the weights, go on, and says that the optimizer's state is restored automatically. It
# isn't: the optimizer has no variables yet, those of the file are skipped with a warning, and training goes on with a
# rate schedule that begins anew and moments of zero.
# Seen: "saved after 50 steps at a rate of 0.0031", "resumed after 0 steps at a rate of 0.1000".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras
import numpy as np

inputs = np.random.RandomState(0).randn(320, 4).astype("float32")
labels = (inputs[:, 0] > 0).astype("int32")


def compiled():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5, staircase=True)
    model.compile(keras.optimizers.RMSprop(rate), loss="sparse_categorical_crossentropy")
    return model


def said(what, model):
    rate = float(model.optimizer.learning_rate)
    print(f"{what} after {int(model.optimizer.iterations)} steps at a rate of {rate:.4f}")


model = compiled()
keeping = keras.callbacks.ModelCheckpoint("kept.weights.h5", save_weights_only=True)
model.fit(inputs, labels, epochs=5, verbose=0, callbacks=[keeping])
said("saved", model)
resumed = compiled()
resumed.load_weights("kept.weights.h5")
said("resumed", resumed)
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'saved after 50 steps at a rate of 0.0031' said &&
    grep -qx 'resumed after 0 steps at a rate of 0.1000' said
