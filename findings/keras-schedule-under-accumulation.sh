#!/usr/bin/env bash
# Keras 3.15.1 (TensorFlow 2.21.0): with gradient_accumulation_steps, a learning-rate schedule goes on with every batch, and
# not with every update of the weights, while `optimizer.iterations` counts updates. A schedule made for the steps of a
# training without accumulation is over in a fraction of it, and nothing says so.
# Guessed: after 8 batches, accumulated by fours, a rate that is halved each step is 0.25 of the first.
# Seen: "8 batches, 2 updates: learning rate 0.0039".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >schedule.py <<'PYTHON'
import keras
import numpy as np

halved = keras.optimizers.schedules.ExponentialDecay(1.0, decay_steps=1, decay_rate=0.5)
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(halved, gradient_accumulation_steps=4), "mse")
model.fit(np.ones((8, 1), "float32"), np.zeros((8, 1), "float32"), batch_size=1, verbose=0)
rate, updates = float(model.optimizer.learning_rate), int(model.optimizer.iterations)
print(f"8 batches, {updates} updates: learning rate {rate:.4f}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python schedule.py 2>/dev/null | tee said
grep -qx '8 batches, 2 updates: learning rate 0.0039' said
