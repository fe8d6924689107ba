#!/usr/bin/env bash
# Keras 3.15.1: under the dtype policy `bfloat16` (not the mixed one), Adam and AdamW change no weight at all. The
# share by which the second moment moves, 0.001, and 1 less its decay both round away in bfloat16. Training runs at
# full speed, its loss stands still, and nothing is said; SGD, Adamax and the mixed policies learn.
# Seen: "Adam, bfloat16: no weight has changed"; under mixed_bfloat16 and with SGD they have.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras
import numpy as np

inputs = np.random.RandomState(0).randn(512, 8).astype("float32")
labels = (inputs.sum(axis=1) > 0).astype("int32")
for optimizer in ("Adam", "AdamW", "SGD"):
    for policy in ("bfloat16", "mixed_bfloat16"):
        keras.config.set_dtype_policy(policy)
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(2)])
        rate = {"weight_decay": 0.0} if optimizer == "AdamW" else {}
        chosen = getattr(keras.optimizers, optimizer)(0.01, **rate)
        model.compile(chosen, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        before = [np.asarray(one, "float32") for one in model.get_weights()]
        model.fit(inputs, labels, epochs=3, verbose=0)
        after = [np.asarray(one, "float32") for one in model.get_weights()]
        same = all(np.array_equal(one, other) for one, other in zip(before, after))
        print(f"{optimizer}, {policy}: {'no weight has changed' if same else 'weights have changed'}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'Adam, bfloat16: no weight has changed' said &&
    grep -qx 'AdamW, bfloat16: no weight has changed' said &&
    grep -qx 'SGD, bfloat16: weights have changed' said &&
    grep -qx 'Adam, mixed_bfloat16: weights have changed' said
