#!/usr/bin/env bash
# Keras 3.15.1: `Discretization(num_bins=4).adapt` of a data set gives other bins than of the same values as an array,
# and the smaller the batches the more so: the summaries of batches are merged as if each were the last. Of batches of
# 32 uniform values 42 % land in the first of four bins that are meant to hold a quarter each, of batches of 10 half of
# them. Nothing is said.
# Seen: "an array: 25 % in the first bin", "batches of 32: 42 % in the first bin", "batches of 10: 50 % in the first
# bin".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras
import numpy as np
import tensorflow as tf

values = np.random.RandomState(0).rand(100_000, 1).astype("float32")
for how, data in (
    ("an array", values),
    ("batches of 32", tf.data.Dataset.from_tensor_slices(values).batch(32)),
    ("batches of 10", tf.data.Dataset.from_tensor_slices(values).batch(10)),
):
    layer = keras.layers.Discretization(num_bins=4)
    layer.adapt(data)
    share = np.mean(np.asarray(layer(values)) == 0)
    print(f"{how}: {share:.0%} in the first bin".replace("%", " %"))
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'an array: 25 % in the first bin' said &&
    grep -qx 'batches of 32: 42 % in the first bin' said &&
    grep -qx 'batches of 10: 50 % in the first bin' said
