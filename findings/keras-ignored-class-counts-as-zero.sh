#!/usr/bin/env bash
# Keras 3.15.1: the metric `SparseCategoricalCrossentropy(ignore_class=…)` counts each place that is to be ignored as a
# loss of 0, in the mean with the others; the loss of that name leaves them out. So the more padding, the better the
# figure: with half of the places ignored it says half of what the loss says, in one and the same `evaluate`. With a
# sample weight of ones for each place it is right.
# Seen: "loss 1.6094, metric 0.8047".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras
import numpy as np

labels = np.tile([0, 1, -1, -1], (8, 1))
guesses = np.full((8, 4, 5), 0.2, "float32")
model = keras.Sequential([keras.Input((4, 5)), keras.layers.Activation("linear")])
model.compile(
    loss=keras.losses.SparseCategoricalCrossentropy(ignore_class=-1),
    metrics=[keras.metrics.SparseCategoricalCrossentropy(ignore_class=-1, name="metric")],
)
said = model.evaluate(guesses, labels, verbose=0, return_dict=True)
print(f"loss {said['loss']:.4f}, metric {said['metric']:.4f}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'loss 1.6094, metric 0.8047' said
