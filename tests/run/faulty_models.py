"""Networks that fail, each in its own way: what users' models do at night."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np


def raises(input_shape, classes):
    sys.stdout.write("about to fail\n")
    raise ValueError("this network can't be built\nfor a second reason")


def exhausts_memory(input_shape, classes):
    np.ones(1 << 58, dtype=np.uint8)


def hangs(input_shape, classes, marker):
    helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    unfinished = Path(f"{marker}.part")
    unfinished.write_text(f"{os.getpid()} {helper.pid}")
    unfinished.rename(marker)
    time.sleep(600)


def hangs_in_its_cell(input_shape, classes, marker):
    """Built once before, to see whether it can be."""
    seen = Path(f"{marker}.seen")
    if seen.exists():
        hangs(input_shape, classes, marker)
    seen.touch()
    return keras.Sequential(
        [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")]
    )


def dies(input_shape, classes, number=signal.SIGSEGV):
    os.kill(os.getpid(), number)


def exits(input_shape, classes):
    os._exit(7)


def breaks_in_the_first_step(input_shape, classes):
    inputs = keras.Input(input_shape)
    x = keras.layers.Lambda(lambda x: keras.ops.reshape(x, (-1, 999_983)), output_shape=(999_983,))(inputs)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))
