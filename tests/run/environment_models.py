"""Networks that fail with a message on how their process is set up."""

import keras
import tensorflow as tf
from tensorflow.python.util import _pywrap_util_port


def reports(input_shape, classes):
    raise RuntimeError("oneDNN " + ("turned on" if _pywrap_util_port.IsMklEnabled() else "turned off"))


def settings(input_shape, classes):
    policy = keras.config.dtype_policy().name
    raise RuntimeError(f"{policy}, {tf.config.threading.get_intra_op_parallelism_threads()} threads")
