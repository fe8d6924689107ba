#!/usr/bin/env bash
# Keras 3.15.1 (TensorFlow 2.21.0): EarlyStopping takes the first epoch for the best whatever its figure is. Where that is
# NaN (a loss that overflows once under mixed float16, say), no later epoch is ever better, since no comparison with NaN
# holds: `restore_best_weights=True` then puts the weights of the epoch that diverged back, after epochs that went well.
# Seen: "best nan, best epoch 0, weights of epoch 0" after val_loss NaN, 3, 2, 1.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >stop.py <<'PYTHON'
import math

import keras

model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
stop = keras.callbacks.EarlyStopping(monitor="val_loss", mode="min", patience=10, restore_best_weights=True)
stop.set_model(model)
stop.on_train_begin()
for epoch, loss in enumerate((math.nan, 3.0, 2.0, 1.0)):
    model.layers[0].kernel.assign([[float(epoch)]])
    stop.on_epoch_end(epoch, {"val_loss": loss})
stop.on_train_end()
print(f"best {stop.best}, best epoch {stop.best_epoch}, weights of epoch {model.layers[0].kernel.numpy().item():g}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python stop.py 2>/dev/null | tee said
grep -qx 'best nan, best epoch 0, weights of epoch 0' said
