#!/usr/bin/env bash
# Keras 3.15.1 on TensorFlow 2.21.0: the first step of `ScheduleFreeAdamW` in `fit` puts all weights to zero, whatever
# they were. The optimizer begins its averages with a copy of the weights as it is built, which `fit` does while it
# traces the step, where the copy is of nothing yet. A model that had learnt its task, or came with pretrained weights,
# has forgotten them after one step at any rate; run eagerly, it keeps them.
# Seen: "a graph: loss 0.0 before, weights after one step 0.0, 0.0, 0.0, 0.0"; eagerly they stay 1.0, 2.0, 3.0, 4.0.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras
import numpy as np

solved = np.arange(1, 5, dtype="float32").reshape(4, 1)
inputs = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
for how, eagerly in (("a graph", False), ("eagerly", True)):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([solved])
    model.compile(keras.optimizers.ScheduleFreeAdamW(0.0025), loss="mse", run_eagerly=eagerly)
    loss = model.evaluate(inputs, inputs @ solved, verbose=0)
    model.fit(inputs, inputs @ solved, batch_size=32, verbose=0)
    weights = ", ".join(f"{abs(one):.1f}" for one in model.get_weights()[0].ravel())
    print(f"{how}: loss {loss:.1f} before, weights after one step {weights}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'a graph: loss 0.0 before, weights after one step 0.0, 0.0, 0.0, 0.0' said &&
    grep -qx 'eagerly: loss 0.0 before, weights after one step 1.0, 2.0, 3.0, 4.0' said
