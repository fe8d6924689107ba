import pytest

from bench.results.metrics import METRICS
from bench.results.window_stats import impossible, step_seconds, totals
from tests.records import make_record

GOOD = ((5, 0.1), (5, 0.11))


@pytest.mark.parametrize(
    ("window", "named"),
    [
        ((5, 0.0), "a window of 0 s"),
        ((5, -0.1), "a window of -0.1 s"),
        ((5, float("inf")), "a window of inf s"),
        ((5, float("nan")), "a window of nan s"),
        ((0, 0.1), "a window of 0 steps"),
        ((-1, 0.1), "a window of -1 steps"),
        ((10**400, 0.1), "a window of countless steps"),
    ],
)
def test_impossible_windows_are_named_and_have_no_totals(window, named):
    windows = (*GOOD, window)
    assert impossible(windows) == impossible(list(windows)) == named
    assert totals(windows) is None
    assert step_seconds(windows) is None


def test_possible_windows_have_totals():
    assert impossible(GOOD) is None
    assert totals(GOOD) == (10, pytest.approx(0.21))
    assert impossible(()) is None
    assert totals(()) is None
    assert step_seconds(GOOD) == pytest.approx(0.021)


def test_metrics_of_impossible_windows_are_absent_with_the_reason():
    record = make_record().model_copy(update={"windows": (*GOOD, (5, 0.0))})
    for name in ("step_seconds", "images_per_second", "window_steps", "window_seconds"):
        assert METRICS[name].read(record) is None
        assert METRICS[name].why_absent(record) == "it has a window of 0 s"
    assert METRICS["gpu_power_watts"].why_absent(record) != "it has a window of 0 s"
