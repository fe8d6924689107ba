import numpy as np
import pytest

from bench.instruments.stats import estimate


def test_the_figure_is_total_seconds_over_total_steps():
    figure = estimate([(10, 1.0), (30, 6.0)])
    assert figure is not None
    assert figure.step_seconds == pytest.approx(7.0 / 40)
    assert (figure.windows, figure.steps, figure.seconds) == (2, 40, 7.0)


def test_one_window_gives_no_interval():
    assert estimate([(10, 1.0)]) is None
    assert estimate([]) is None


def test_equal_windows_give_an_interval_of_no_width():
    figure = estimate([(4, 0.1)] * 6)
    assert figure is not None
    assert figure.margin == pytest.approx(0, abs=1e-12)


def test_the_interval_is_students_t_over_equal_windows():
    seconds = [1.00, 1.02, 0.97, 1.01, 1.04]
    figure = estimate([(1, s) for s in seconds])
    assert figure is not None
    # t(4 degrees of freedom, 97.5 %) = 2.776
    half = 2.7764451 * np.std(seconds, ddof=1) / np.sqrt(5)
    assert figure.high - figure.step_seconds == pytest.approx(half)
    assert figure.step_seconds - figure.low == pytest.approx(half)


@pytest.mark.parametrize(("windows", "correlation"), [(5, 0.0), (12, 0.0), (60, 0.0), (60, 0.5), (200, 0.7)])
def test_95_of_100_intervals_hold_the_truth(windows, correlation):
    """Also where consecutive windows resemble each other, as on a shared machine, where the plain t interval fails."""
    rng = np.random.default_rng(windows)
    trials, held = 2000, 0
    for _ in range(trials):
        noise = rng.normal(0, 0.05, windows)
        for i in range(1, windows):
            noise[i] = correlation * noise[i - 1] + np.sqrt(1 - correlation**2) * noise[i]
        figure = estimate([(8, 8 * 0.02 * (1 + n)) for n in noise])
        assert figure is not None
        held += figure.low <= 0.02 <= figure.high
    # 95 % less four standard errors of the count and, where windows are correlated, what their estimated r costs
    allowed = 0.95 - 4 * np.sqrt(0.95 * 0.05 / trials) - (0.03 if correlation else 0)
    assert held / trials >= allowed
