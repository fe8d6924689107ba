#!/usr/bin/env bash
# Keras 3.15.1: `R2Score` adds up targets and their squares in float32 and takes the difference at the end. Where
# targets lie far from 0 beside their spread, such as days of a calendar, little is left of it: it says 1.00 or 1.05
# where R² is 0.75, by the batch size, and the documentation has 1.0 as the highest there is.
# Seen: "days, batches of 1024: above 1", "days, in float64: 0.75"; the same targets around 0: 0.75.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras
import numpy as np

noise = np.random.RandomState(0)
apart = 3 * noise.randn(51_200, 1)
off = 1.5 * noise.randn(51_200, 1)
model = keras.Sequential([keras.Input((1,)), keras.layers.Activation("linear")])
model.compile(loss="mse", metrics=[keras.metrics.R2Score()])
for name, around in (("days", 20_000), ("around 0", 0)):
    wanted = (around + apart).astype("float32")
    guessed = (wanted + off).astype("float32")
    for size in (32, 1024):
        found = model.evaluate(guessed, wanted, batch_size=size, verbose=0)[1]
        print(f"{name}, batches of {size}: {'above 1' if found > 1 else f'{found:.2f}'}")
    exact, guess = wanted.astype("float64"), guessed.astype("float64")
    r2 = 1 - ((exact - guess) ** 2).sum() / ((exact - exact.mean()) ** 2).sum()
    print(f"{name}, in float64: {r2:.2f}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'days, batches of 1024: above 1' said &&
    grep -qx 'days, in float64: 0.75' said &&
    grep -qx 'around 0, batches of 32: 0.75' said
