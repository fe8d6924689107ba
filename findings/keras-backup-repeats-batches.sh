#!/usr/bin/env bash
# Keras 3.15.1 (TensorFlow 2.21.0): a training that BackupAndRestore(save_freq=3) resumes begins the epoch anew, with the
# weights that had seen half of it: those batches are trained twice, and optimizer and schedules are ahead by as many.
# Guessed: it goes on behind the batch at which it was saved, and 3 epochs of 10 batches come to 30.
# Seen: "stopped after 17, resumed at batch 0 with 15 done, 35 in the end".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow==2.21.0 keras==3.15.1
cat >backup.py <<'PYTHON'
import keras
import numpy as np

BATCHES, EPOCHS = 10, 3


class Watch(keras.callbacks.Callback):
    def __init__(self, stop=None):
        super().__init__()
        self.stop, self.first = stop, None

    def on_train_batch_begin(self, batch, logs=None):
        if self.first is None:
            self.first = batch, int(self.model.optimizer.iterations)

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.optimizer.iterations) == self.stop:
            raise KeyboardInterrupt


def train(watch):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    backup = keras.callbacks.BackupAndRestore("backup", save_freq=3)
    ones = np.ones((BATCHES, 1), "float32")
    try:
        model.fit(ones, ones, batch_size=1, epochs=EPOCHS, verbose=0, callbacks=[backup, watch])
    except KeyboardInterrupt:
        pass
    return int(model.optimizer.iterations)


stopped, again = train(Watch(17)), Watch()
done = train(again)
print(f"stopped after {stopped}, resumed at batch {again.first[0]} with {again.first[1]} done, {done} in the end")
PYTHON
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python backup.py 2>/dev/null | tee said
grep -qx 'stopped after 17, resumed at batch 0 with 15 done, 35 in the end' said
