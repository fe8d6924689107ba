"""Optimizers are written out in `bench.suite.optimizers`, so that checking them costs no import of Keras."""

from __future__ import annotations

from bench.suite.optimizers import AVERAGING, OPTIMIZERS, arguments
from tests.suite.asking import answer

NOT_TO_BE_NAMED = ("LossScaleOptimizer", "MultiOptimizer", "Optimizer")
"""Wrappers of other optimizers, and what all are made from."""


def test_the_optimizers_and_their_arguments_are_those_that_keras_offers():
    offered = answer(
        "from inspect import isclass, signature; import keras; known = vars(keras.optimizers)",
        "{name: list(signature(kind).parameters) for name, kind in known.items()"
        f" if isclass(kind) and issubclass(kind, keras.optimizers.Optimizer) and name not in {NOT_TO_BE_NAMED}}}",
    )
    for_all = {"learning_rate", "name", "kwargs", *AVERAGING}
    assert {name.casefold(): set(taken) - for_all for name, taken in offered.items()} == {
        name: set(arguments(name)) for name in OPTIMIZERS
    }


def test_each_argument_is_written_once():
    for name in OPTIMIZERS:
        assert len(set(arguments(name))) == len(arguments(name))
