#!/usr/bin/env bash
# TensorFlow 2.21.0 on a processor: the gradient of tf.nn.bias_add in bfloat16 is summed in bfloat16, one term after the
# other. Of equal terms none counts beyond the 256th, for 256 + 1 is 256 there. So under Keras 3.15.1's mixed_bfloat16 a
# Dense layer over sequences, or in large batches, trains its biases with a fraction of their gradients, and so do Conv1D
# and transposed and depthwise convolutions, while those of the kernels are right, nothing is said, and the loss goes
# down. mixed_float16 is right, and so is XLA.
# Seen: "ones: 128 of 128, 256 of 256, 256 of 1000, 256 of 16384"; of 32 sequences of 512 "Dense in mixed_bfloat16: kernel
# off by 0 %, bias by 92 %", and the same of Conv1D; 1 % at most for mixed_float16, and for mixed_bfloat16 under XLA; with
# oneDNN and without it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >biases.py <<'PYTHON'
import keras
import numpy as np
import tensorflow as tf


def of_ones(rows):
    bias = tf.Variable(tf.zeros(1, tf.bfloat16))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tf.cast(tf.nn.bias_add(tf.zeros((rows, 1), tf.bfloat16), bias), tf.float32))
    return f"{float(tape.gradient(total, bias)[0]):.0f} of {rows}"


def of(layer, policy, xla=False):
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(0)
    last = keras.layers.Dense(1, dtype="float32")
    model = keras.Sequential([keras.Input((512, 16)), layer(), last])
    inputs = np.random.default_rng(0).normal(size=(32, 512, 16)).astype("float32")
    wanted = inputs.mean(axis=-1, keepdims=True) + 3

    def gradients():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(inputs, training=True) - wanted) ** 2)
        return tape.gradient(loss, model.layers[0].trainable_variables)

    return [one.numpy() for one in tf.function(gradients, jit_compile=xla, autograph=False)()]


print("ones:", ", ".join(of_ones(rows) for rows in (128, 256, 1000, 16384)))
for name, layer in (
    ("Dense", lambda: keras.layers.Dense(8, activation="relu")),
    ("Conv1D", lambda: keras.layers.Conv1D(8, 3, padding="same", activation="relu")),
):
    right = of(layer, "float32")
    for policy, xla in (("mixed_bfloat16", False), ("mixed_float16", False), ("mixed_bfloat16", True)):
        off = [np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(of(layer, policy, xla), right, strict=True)]
        print(f"{name} in {policy}{' under XLA' if xla else ''}: kernel off by {off[0]:.0%}, bias by {off[1]:.0%}")
PYTHON
for onednn in 1 0; do
    KERAS_BACKEND=tensorflow TF_ENABLE_ONEDNN_OPTS=$onednn TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES='' \
        venv/bin/python biases.py 2>/dev/null | tee said
    grep -qx 'ones: 128 of 128, 256 of 256, 256 of 1000, 256 of 16384' said
    test "$(grep -cE ' in mixed_bfloat16: kernel off by [0-3]%, bias by [89][0-9]%' said)" = 2
    test "$(grep -cE ' in mixed_float16: kernel off by [0-3]%, bias by [0-3]%' said)" = 2
    test "$(grep -cE ' in mixed_bfloat16 under XLA: kernel off by [0-3]%, bias by [0-3]%' said)" = 2
done
