"""How fast a device multiplies: numbers that stay numbers, or a reason."""

import pytest

from bench.workload.chains import Chain
from bench.workload.roofs import measured


@pytest.mark.parametrize("shape", [(64, 64), (2, 8, 8, 16)])
def test_values_keep_their_size_however_often_a_chain_is_run(shape, monkeypatch):
    monkeypatch.setattr("bench.workload.roofs.WINDOW_SECONDS", 0.02)
    rate = measured(Chain("float16", shape, 14), 3)
    assert len(rate.windows) == 3
    assert all(products % 14 == 0 and seconds > 0 for products, seconds in rate.windows)


def test_products_that_are_not_finite_are_no_measurement(monkeypatch):
    monkeypatch.setattr("bench.workload.roofs.SETTLING_SECONDS", 0.0)
    monkeypatch.setattr("bench.workload.roofs.WINDOW_SECONDS", 0.0)
    with pytest.raises(FloatingPointError, match="not finite"):
        measured(Chain("float16", (16, 16), 400), 2)
