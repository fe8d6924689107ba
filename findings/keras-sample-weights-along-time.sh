#!/usr/bin/env bash
# Keras 3.15.1: one sample weight for each sequence, which `fit` and `evaluate` take, is multiplied with the losses
# along their last axis. Where a batch has as many sequences as these have steps (or images have columns), the weights
# act on steps, without a word. Batches of another size raise an error.
# Seen, of eight sequences of which the first alone counts: "the first step of all is wrong: loss 0.125, by sequence it
# would be 0.016".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras
import numpy as np

weights = np.eye(8, dtype="float32")[0]
model = keras.Sequential([keras.Input((8, 1)), keras.layers.Activation("linear")])
model.compile(loss="mse")
for what, place in (("the sequence that counts", (0, slice(None))), ("the first step of all", (slice(None), 0))):
    wanted = np.zeros((8, 8, 1), "float32")
    guessed = wanted.copy()
    guessed[place] = 1
    loss = model.evaluate(guessed, wanted, sample_weight=weights, batch_size=8, verbose=0)
    by_sequence = float(np.mean(guessed[..., 0] ** 2 * weights[:, None]))
    print(f"{what} is wrong: loss {loss:.3f}, by sequence it would be {by_sequence:.3f}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'the first step of all is wrong: loss 0.125, by sequence it would be 0.016' said
