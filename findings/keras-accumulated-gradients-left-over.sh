#!/usr/bin/env bash
# Keras 3.15.1 (TensorFlow 2.21.0): gradients that were accumulated when `fit` ends, since the batches don't divide by
# gradient_accumulation_steps, are neither applied nor dropped: they are averaged into the first update of the next `fit`,
# though that has other data.
# Guessed: the last update of a training comes of what is there, or those gradients are lost.
# Seen: "after 6 batches 2.0, after 2 more with other targets -1.0" (-2.0 or 0.0 by those alone).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >left.py <<'PYTHON'
import keras
import numpy as np

dense = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
model = keras.Sequential([keras.Input((1,)), dense])
model.compile(keras.optimizers.SGD(1.0, gradient_accumulation_steps=4), "mse")
ones = np.ones((6, 1), "float32")
model.fit(ones, ones, batch_size=1, shuffle=False, verbose=0)  # the error is w - 1, the gradient 2 (w - 1)
first = float(dense.kernel[0, 0])
model.fit(ones[:2], 0 * ones[:2], batch_size=1, shuffle=False, verbose=0)  # the gradient is 2 w
print(f"after 6 batches {first:.1f}, after 2 more with other targets {float(dense.kernel[0, 0]):.1f}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python left.py 2>/dev/null | tee said
grep -qx 'after 6 batches 2.0, after 2 more with other targets -1.0' said
