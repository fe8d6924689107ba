#!/usr/bin/env bash
# Keras 3.15.1 on TensorFlow 2.21.0: a token that stands k times in a batch makes Adam move its row of an Embedding up
# to √k times as far as it should, with k from 100 on ten times its learning rate. A row's gradients arrive one by one,
# and the second moment takes the sum of their squares in place of the square of their sum. Dense over one-hot vectors,
# the very same model, moves by the learning rate; so do the same gradients once they have been accumulated. AdamW,
# Nadam, RMSprop and Adagrad do alike. Frequent tokens (padding, stop words) are trained far harder than rare ones, and
# a loss curve says nothing of it.
# Seen: "100 times in the batch: Embedding moved by 1.00, Dense over one-hot by 0.10".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras
import numpy as np


def moved(layer, inputs):
    model = keras.Sequential([keras.Input(inputs.shape[1:], dtype=inputs.dtype.name), layer, keras.layers.Flatten()])
    layer.set_weights([np.zeros((3, 2), "float32")])
    model.compile(keras.optimizers.Adam(0.1), loss="mse")
    model.fit(inputs, np.ones((len(inputs), 2), "float32"), batch_size=len(inputs), verbose=0)
    return layer.get_weights()[0][0, 0]


for count in (1, 4, 100):
    tokens = np.zeros((count, 1), "int32")
    one_hot = np.eye(3, dtype="float32")[tokens[:, 0]]
    embedding = moved(keras.layers.Embedding(3, 2), tokens)
    dense = moved(keras.layers.Dense(2, use_bias=False), one_hot)
    print(f"{count} times in the batch: Embedding moved by {embedding:.2f}, Dense over one-hot by {dense:.2f}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx '1 times in the batch: Embedding moved by 0.10, Dense over one-hot by 0.10' said &&
    grep -qx '100 times in the batch: Embedding moved by 1.00, Dense over one-hot by 0.10' said
