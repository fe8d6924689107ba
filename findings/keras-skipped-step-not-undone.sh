#!/usr/bin/env bash
# Keras 3.15.1 under mixed_float16: a step whose gradients aren't finite is skipped, and the loss scale halved, which is
# what makes training in float16 safe. But BatchNormalization has taken that batch into its moving mean and variance by
# then, and they are never finite again: training goes on with finite losses, and the model predicts NaN for good. One
# batch is enough whose activations pass 65,504, here of inputs of 30,000 and less.
# Seen: "losses: finite, not finite, finite, finite", "trained weights: finite", "moving averages: not finite",
# "predictions: not finite"; in float32 and mixed_bfloat16 all of it is finite.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >skipped.py <<'PYTHON'
import keras
import numpy as np


def said(values):
    return "finite" if np.isfinite(values).all() else "not finite"


def trained(policy):
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense(4, kernel_initializer="ones")
    last = keras.layers.Dense(1, dtype="float32")
    model = keras.Sequential([keras.Input((4,)), dense, keras.layers.BatchNormalization(), last])
    model.compile(keras.optimizers.SGD(1e-3), loss="mse")
    numbers = np.random.default_rng(0)
    batches = [numbers.normal(size=(8, 4)) for _ in range(4)]
    batches[1] += 30_000.0
    losses = [model.train_on_batch(batch.astype("float32"), np.zeros((8, 1))) for batch in batches]
    weights = np.concatenate([one.numpy().ravel() for one in model.trainable_variables])
    moving = np.concatenate([one.numpy().ravel() for one in model.layers[1].non_trainable_variables])
    answers = model.predict(batches[0].astype("float32"), verbose=0)
    return losses, weights, moving, answers


for policy in ("mixed_float16", "mixed_bfloat16", "float32"):
    losses, weights, moving, answers = trained(policy)
    print(f"{policy}: losses: {', '.join(map(said, losses))}")
    print(f"{policy}: trained weights: {said(weights)}")
    print(f"{policy}: moving averages: {said(moving)}")
    print(f"{policy}: predictions: {said(answers)}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python skipped.py 2>/dev/null | tee said
half=mixed_float16
grep -qx "$half: trained weights: finite" said && grep -qx "$half: moving averages: not finite" said &&
    grep -qx "$half: predictions: not finite" said && ! grep -v "^$half" said | grep -q 'not finite'
