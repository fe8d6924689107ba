"""Functions on batches that take a known time, in which nothing else takes any: see `made_up_time`."""

import itertools
from functools import partial

import tensorflow as tf

from tests.run import made_up_time

NAP_SECONDS = 0.03
_MORE = itertools.cycle((1.0, 1.01, 1.02))
"""No two naps are quite alike."""


def _nap(seconds, labels):
    made_up_time.passes(seconds * next(_MORE))
    return labels


def _napping(seconds):
    def nap(images, labels):
        made_up_time.begin()
        rested = tf.numpy_function(partial(_nap, seconds), [labels], labels.dtype)
        rested.set_shape(labels.shape)
        return images, rested

    return nap


nap, nap_20ms, nap_50ms = _napping(NAP_SECONDS), _napping(0.02), _napping(0.05)
