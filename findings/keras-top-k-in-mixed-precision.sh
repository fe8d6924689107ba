#!/usr/bin/env bash
# Keras 3.15.1 (TensorFlow 2.21.0): top-k accuracy doesn't take what a network gives under mixed precision. Compiled
# with `accuracy`, a network that ends in a softmax in bfloat16 trains; with SparseTopKCategoricalAccuracy the same `fit`
# raises TypeError, as its step is traced.
# Seen: "accuracy: trains" and "top-5: TypeError".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >mixed.py <<'PYTHON'
import keras
import numpy as np

keras.config.set_dtype_policy("mixed_bfloat16")
images, labels = np.ones((8, 4), "float32"), np.arange(8)
for name, metric in (("accuracy", "accuracy"), ("top-5", keras.metrics.SparseTopKCategoricalAccuracy(5))):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(10, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[metric])
    try:
        model.fit(images, labels, verbose=0)
        print(f"{name}: trains")
    except Exception as error:
        print(f"{name}: {type(error).__name__}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python mixed.py 2>/dev/null | tee said
grep -qx 'accuracy: trains' said && grep -qx 'top-5: TypeError' said
