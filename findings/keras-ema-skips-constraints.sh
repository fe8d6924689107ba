#!/usr/bin/env bash
# Keras 3.15.1: with `use_ema=True` an optimizer averages the weights before their constraints are applied, and `fit`
# ends by writing the averages over the weights. So a layer with `NonNeg` ends with negative weights, though no epoch
# did, and with a loss that no model under the constraint can have.
# Seen: "use_ema False: least weight 0.00", "use_ema True: least weight below 0, and never below 0 at the end of an
# epoch".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras
import numpy as np

inputs = np.random.RandomState(0).randn(256, 4).astype("float32")
wanted = inputs @ np.array([[1], [2], [-3], [-4]], "float32")
for averaged in (False, True):
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense(1, kernel_constraint=keras.constraints.NonNeg())
    model = keras.Sequential([keras.Input((4,)), dense])
    model.compile(keras.optimizers.SGD(0.1, use_ema=averaged), loss="mse")
    least = []
    seen = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: least.append(float(dense.get_weights()[0].min())))
    model.fit(inputs, wanted, epochs=20, batch_size=16, verbose=0, callbacks=[seen])
    last = float(dense.get_weights()[0].min())
    word = "least weight below 0" if last < -0.1 else f"least weight {last:.2f}"
    never = ", and never below 0 at the end of an epoch" if min(least) >= 0 and last < 0 else ""
    print(f"use_ema {averaged}: {word}{never}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'use_ema False: least weight 0.00' said &&
    grep -qx 'use_ema True: least weight below 0, and never below 0 at the end of an epoch' said
