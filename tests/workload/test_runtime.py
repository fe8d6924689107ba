"""What a cell's process settles before its first operation."""

import keras
import pytest

from bench.workload import runtime


@pytest.mark.skipif(not hasattr(keras.config, "max_epochs"), reason="this Keras knows no such limits")
def test_limits_that_the_environment_set_for_keras_are_lifted():
    keras.config.set_max_epochs(2)
    keras.config.set_max_steps_per_epoch(10)
    runtime.lift_limits()
    assert (keras.config.max_epochs(), keras.config.max_steps_per_epoch()) == (None, None)
