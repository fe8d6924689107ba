#!/usr/bin/env bash
# Keras 3.15.1: `Normalization().adapt(array)` of float32 images takes their mean as one sum in float32, which stops
# growing at 2²⁴: for an array of CIFAR-10's size it gives 0.3277 where the mean is 0.4999, and a variance 18 % too
# large, without a word. The same images as a data set, batch by batch, give what numpy gives. So preprocessing differs
# with the way the data is handed over, and worse the more data there is.
# Seen: "as an array: mean 0.3277, variance 0.0992", "as a data set: mean 0.4999, variance 0.0840", "numpy: mean
# 0.4999, variance 0.0840".
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

images = np.random.default_rng(0).integers(0, 256, (50_000, 32, 32, 3), dtype="uint8")
images = images.astype("float32") / np.float32(255)


def said(how, mean, variance):
    print(f"{how}: mean {float(np.ravel(mean)[0]):.4f}, variance {float(np.ravel(variance)[0]):.4f}")


for how, data in (("as an array", images), ("as a data set", tf.data.Dataset.from_tensor_slices(images).batch(500))):
    layer = keras.layers.Normalization()
    layer.adapt(data)
    said(how, layer.mean, layer.variance)
said("numpy", images[..., 0].mean(dtype="float64"), images[..., 0].var(dtype="float64"))
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'as an array: mean 0.3277, variance 0.0992' said &&
    grep -qx 'as a data set: mean 0.4999, variance 0.0840' said &&
    grep -qx 'numpy: mean 0.4999, variance 0.0840' said
