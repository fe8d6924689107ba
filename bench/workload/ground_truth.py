"""Work of known length: a training step and a pipeline that wait, for cells whose step time is known beforehand.

The functions `wait_80000us` (any number of microseconds) are batch functions for a suite's `batch_map`. Every wait
writes when it began and ended, by `time.perf_counter`, into the folder that `BENCH_WAITS` names, since no operating
system wakes a process at the very moment that was asked for: what a wait really took is what is known of it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import keras
import numpy as np
import tensorflow as tf

from bench.workload.ground_truth_waits import FOLDER_VARIABLE, FORM

__all__ = ["build"]

_WAIT = re.compile(r"wait_(\d+)us")


def __getattr__(name: str) -> Callable[[Any, Any], tuple[Any, Any]]:
    found = _WAIT.fullmatch(name)
    if found is None:
        raise AttributeError(name)
    seconds = int(found[1]) / 1e6
    return lambda images, labels: (_waiting(images, seconds, "pipeline"), labels)


def build(input_shape: tuple[int, int, int], classes: int, microseconds: int) -> keras.Model:
    """A network whose training step waits so long, and does next to nothing beside: images (H, W, C) to classes."""
    inputs = keras.Input(input_shape)
    x = keras.layers.Flatten()(inputs)
    x = _Wait(microseconds / 1e6)(x)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax", dtype="float32")(x))


class _Wait(keras.layers.Layer):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def call(self, x: Any) -> Any:
        return _waiting(x, self.seconds, "step")

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def _waiting(x: Any, seconds: float, kind: str) -> Any:
    # begins once x is there, but takes a single number of it: what is handed to Python is copied
    one = tf.cast(tf.reshape(x, [-1])[0], tf.float32)
    done = tf.numpy_function(partial(_wait, seconds, kind), [one], tf.float32)
    with tf.control_dependencies([done]):
        return tf.identity(x)


def _wait(seconds: float, kind: str, number: np.ndarray) -> np.ndarray:
    began = time.perf_counter()
    if seconds:
        time.sleep(seconds)
    _log(kind).write(FORM.pack(began, time.perf_counter()))
    return number


_LOGS: dict[str, BinaryIO] = {}


def _log(kind: str) -> BinaryIO:
    if kind not in _LOGS:
        path = Path(os.environ[FOLDER_VARIABLE], f"{os.getpid()}-{kind}")
        _LOGS[kind] = path.open("ab", buffering=0)
    return _LOGS[kind]
