#!/usr/bin/env bash
# Keras 3.15.1: with `SwapEMAWeights(swap_on_epoch=True)` each epoch is judged with the averaged weights, and a `fit`
# that runs all its epochs ends with them. One that ends early, as by EarlyStopping, ends with the raw weights instead,
# so that the model which is kept is another than the one whose figures were told last.
# Seen: "all epochs: the model has the averaged weights", "ended early: the model has the raw weights".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >shown.py <<'PYTHON'
import keras
import numpy as np

inputs = np.random.RandomState(0).randn(64, 4).astype("float32")
wanted = inputs @ np.arange(1, 5, dtype="float32").reshape(4, 1)
for how, epochs in (("all epochs", 3), ("ended early", 10)):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.05, use_ema=True), loss="mse")
    raw, averaged = [], []

    def kept(to):
        return lambda _, logs=None: to.append(model.get_weights()[0].copy())

    class Ends(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 2

    seen = keras.callbacks.LambdaCallback(on_train_batch_end=kept(raw), on_epoch_end=kept(averaged))
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    model.fit(inputs, wanted, epochs=epochs, batch_size=16, verbose=0, callbacks=[swap, seen, Ends()])
    last = model.get_weights()[0]
    which = [name for name, one in (("averaged", averaged[-1]), ("raw", raw[-1])) if np.allclose(last, one)]
    print(f"{how}: the model has the {' and '.join(which)} weights")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python shown.py 2>/dev/null | tee said
grep -qx 'all epochs: the model has the averaged weights' said &&
    grep -qx 'ended early: the model has the raw weights' said
