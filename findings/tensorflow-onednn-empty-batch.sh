#!/usr/bin/env bash
# TensorFlow 2.21.0 on an x86 processor, where oneDNN's operations are on by default: a convolution of an empty batch gives
# the shape of its input, not of its output, without a word: (0, 32, 32, 3) where (0, 30, 30, 32) is right. With
# TF_ENABLE_ONEDNN_OPTS=0 it is right. MirroredStrategy makes such batches of a last one that is too small to be shared: 33
# images in batches of 32 on two devices are shared 16 and 16, then 1 and 0, and `evaluate` of two convolutions fails in the
# second one of the device that has none, in words about depths that no layer has.
# Seen: "empty: (0, 32, 32, 3)", "33 images: 3 vs 32", "34 images: evaluated"; without oneDNN "empty: (0, 30, 30, 32)" and
# "33 images: evaluated".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >empty.py <<'PYTHON'
import tensorflow as tf

kernel = tf.ones((3, 3, 3, 32))
print("empty:", tuple(tf.nn.conv2d(tf.zeros((0, 32, 32, 3)), kernel, 1, "VALID").shape))
PYTHON
cat >shared.py <<'PYTHON'
import re

import keras
import numpy as np
import tensorflow as tf

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
with tf.distribute.MirroredStrategy(["/CPU:0", "/CPU:1"]).scope():
    convolutions = [keras.layers.Conv2D(32, 3, activation="relu") for _ in range(2)]
    model = keras.Sequential([keras.Input((32, 32, 3)), *convolutions, keras.layers.Flatten(), keras.layers.Dense(10)])
    model.compile(loss="mse")
for images in (33, 34):
    batches = tf.data.Dataset.from_tensor_slices((np.ones((images, 32, 32, 3), "float32"), np.ones((images, 10)))).batch(32)
    try:
        model.evaluate(batches, verbose=0)
        print(f"{images} images: evaluated")
    except tf.errors.InvalidArgumentError as error:
        print(f"{images} images:", re.search(r"divisible by filter depth: (\d+ vs \d+)", str(error))[1])
PYTHON
export KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=
for onednn in 1 0; do
    echo "TF_ENABLE_ONEDNN_OPTS=$onednn"
    for script in empty.py shared.py; do TF_ENABLE_ONEDNN_OPTS=$onednn venv/bin/python $script 2>/dev/null; done
done | tee said
diff - said <<'SAID'
TF_ENABLE_ONEDNN_OPTS=1
empty: (0, 32, 32, 3)
33 images: 3 vs 32
34 images: evaluated
TF_ENABLE_ONEDNN_OPTS=0
empty: (0, 30, 30, 32)
33 images: evaluated
34 images: evaluated
SAID
