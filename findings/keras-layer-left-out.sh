#!/usr/bin/env bash
# Keras 3.15.1: a layer whose compute_output_spec gives back what it was given, as one would write it for a layer that
# changes neither shape nor type, is passed over between two others of a Sequential model: it stands in `layers` and in
# the summary, nothing is raised, and its call is never run, neither by the model itself nor in fit or predict. As the
# last layer it raises ("is part of a cycle"). Without the method, or with a new KerasTensor, it works.
# Keras's own Equalization is such a layer: images that it is to spread over 0 to 255 come out as they went in.
# Seen: "Equalization alone: up to 255, in a model: up to 59", "in the middle: 2.0 where 6.0 is right, layers triple, dense",
# "a new KerasTensor: 6.0", "last: ValueError".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >left_out.py <<'PYTHON'
import keras
import numpy as np


class Triple(keras.layers.Layer):
    def call(self, inputs):
        return 3 * inputs

    def compute_output_spec(self, inputs):
        return inputs


class Anew(Triple):
    def compute_output_spec(self, inputs):
        return keras.KerasTensor(inputs.shape, inputs.dtype)


def given(layer):
    ones = keras.layers.Dense(1, kernel_initializer="ones", name="dense")
    model = keras.Sequential([keras.Input((2,)), layer, ones])
    return model, float(model.predict(np.ones((1, 2)), verbose=0)[0, 0])


images = np.random.default_rng(0).integers(0, 60, (2, 8, 8, 3)).astype("float32")
images[0, 0, 0, 0] = 59
alone = keras.layers.Equalization()(images, training=True)
within = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Equalization(), keras.layers.Rescaling(1.0)])
most = [float(np.asarray(one).max()) for one in (alone, within(images, training=True))]
print("Equalization alone: up to {:.0f}, in a model: up to {:.0f}".format(*most))
model, answer = given(Triple(name="triple"))
print(f"in the middle: {answer} where 6.0 is right, layers {', '.join(one.name for one in model.layers)}")
print(f"a new KerasTensor: {given(Anew())[1]}")
try:
    keras.Sequential([keras.Input((2,)), Triple()])
    print("last: works")
except ValueError as error:
    print(f"last: {type(error).__name__}")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python left_out.py 2>/dev/null | tee said
grep -qx 'Equalization alone: up to 255, in a model: up to 59' said &&
    grep -qx 'in the middle: 2.0 where 6.0 is right, layers triple, dense' said && grep -qx 'a new KerasTensor: 6.0' said &&
    grep -qx 'last: ValueError' said
