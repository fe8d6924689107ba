"""Functions on batches that take a known time."""

import time
from functools import partial

import tensorflow as tf

NAP_SECONDS = 0.03


def _nap(seconds, labels):
    time.sleep(seconds)
    return labels


def _napping(seconds):
    def nap(images, labels):
        rested = tf.numpy_function(partial(_nap, seconds), [labels], labels.dtype)
        rested.set_shape(labels.shape)
        return images, rested

    return nap


nap, nap_20ms, nap_50ms = _napping(NAP_SECONDS), _napping(0.02), _napping(0.05)
