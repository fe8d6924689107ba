#!/usr/bin/env bash
# Keras 3.15.1 (TensorFlow 2.21.0): `keras.distribution.set_distribution(DataParallel(…))` over two devices is taken without
# a word under TensorFlow, and does nothing: every step runs on one device, with one copy of the weights.
# Seen on two logical CPU devices: "devices of the step: CPU:0; weights: one copy on CPU:0".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >nothing.py <<'PYTHON'
import warnings

import keras
import numpy as np
import tensorflow as tf

warnings.simplefilter("error")
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
devices = keras.distribution.list_devices("cpu")
assert len(devices) == 2
keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
seen = set()


class Seeing(keras.layers.Layer):
    def call(self, x):
        seen.add(x.device.rpartition("device:")[2] if tf.executing_eagerly() else "")
        return x


model = keras.Sequential([keras.Input((8,)), Seeing(), keras.layers.Dense(3, activation="softmax")])
model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
model.fit(np.ones((64, 8), "float32"), np.zeros(64), batch_size=16, verbose=0)
kernel = model.layers[-1].kernel.value
copies = len(getattr(kernel, "values", [kernel]))
where = kernel.device.rpartition("device:")[2]
print(f"devices of the step: {', '.join(sorted(seen - {''}))}; weights: {'one copy' if copies == 1 else copies} on {where}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python nothing.py 2>/dev/null | tee said
grep -qx 'devices of the step: CPU:0; weights: one copy on CPU:0' said
