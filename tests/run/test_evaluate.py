"""Training, judged again: its averages."""

import pytest

from bench.run.evaluate import Evaluated, averages
from tests.records import make_data, make_trained


def evaluated(accuracy, **changes):
    return Evaluated(make_trained(**changes), make_data(), 0.5, accuracy)


def test_seeds_have_an_average_and_cells_one_each():
    found = [evaluated(share, seed=seed) for seed, share in enumerate((0.70, 0.72, 0.74))]
    one, other = averages([*found, evaluated(0.9, variant="xla")])
    assert (one.cell, one.records) == ("simple_cnn/notebook/b128", 3)
    assert (one.accuracy, one.deviation) == (pytest.approx(0.72), pytest.approx(0.02))
    assert (other.cell, other.records, other.accuracy, other.deviation) == ("simple_cnn/xla/b128", 1, 0.9, None)


def test_a_seed_that_was_trained_otherwise_is_in_no_average():
    found = [
        evaluated(0.70, seed=0, started="2026-01-06T10:00:00+00:00"),
        evaluated(0.72, seed=1, train={"test_each_epoch": True}),
        evaluated(0.10, seed=2, epochs=5),
    ]
    (one,) = averages(found)
    assert (one.records, one.accuracy) == (2, pytest.approx(0.71))
