#!/usr/bin/env bash
# Keras 3.15.1 (TensorFlow 2.21.0): a network that gives all 100 classes the same score has a top-5 accuracy of 100 %, and an
# accuracy of 1 %: whoever ties with the fifth best counts as among the five. A network that has died, or whose scores are
# rounded to a few values, looks perfect by that metric alone.
# Seen: "accuracy 0.01, top-5 accuracy 1.00".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >top.py <<'PYTHON'
import keras
import numpy as np

labels = np.arange(100)
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(100, activation="softmax", kernel_initializer="zeros")])
top = keras.metrics.SparseTopKCategoricalAccuracy(5, name="top")
model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy", top])
found = model.evaluate(np.ones((100, 1), "float32"), labels, verbose=0, return_dict=True)
print(f"accuracy {found['accuracy']:.2f}, top-5 accuracy {found['top']:.2f}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python top.py 2>/dev/null | tee said
grep -qx 'accuracy 0.01, top-5 accuracy 1.00' said
