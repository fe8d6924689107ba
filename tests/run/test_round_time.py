"""What rounds take the time for: forecasts, from made-up records."""

import pytest

from bench.results.window import Turns
from bench.run.interleaved.rounds import _one_pass, _within
from tests.records import make_failed, make_record


def record(start, cells, **changes):
    stages = {"start": 0.1, "data": 0.4, "model": 0.1, "first step": start - 0.9, "warm-up": 0.3, "windows": 2.0}
    turns = Turns(run="r", round=1, group=1, place=1, cells=cells, length=1, seed=1)
    return make_record(stages=stages | {"evaluation": 0.2}, turns=turns, **changes)


def test_as_many_cells_get_a_round_as_can_be_decided_together_the_cheapest_first():
    costs = {"dear": 40.0, "cheap": 4.0, "fair": 10.0, "cheap too": 5.0}
    assert [*_within(costs, 100.0)] == ["cheap", "cheap too", "fair", "dear"]
    assert [*_within(costs, 58.9)] == ["cheap", "cheap too", "fair"]
    assert [*_within(costs, 9.0)] == ["cheap", "cheap too"]
    assert _within(costs, 3.9) == {}


def test_one_pass_takes_a_start_and_its_whole_time_for_each_cell():
    base, other = record(2.0, 1, baseline=True), record(2.0, 3, variant="xla")
    seconds = base.protocol.max_seconds
    assert _one_pass([base, other]) == pytest.approx(2 * (2.0 + 0.2 + seconds))
    failed = make_failed(values={"seconds": 7.0})
    assert _one_pass([base, failed]) == pytest.approx(2.0 + 0.2 + seconds + 7.0)


def test_what_started_beside_others_would_have_started_sooner_alone():
    base, other = record(2.0, 1, baseline=True), record(4.0, 3, variant="xla")
    slower = record(8.0, 3, variant="cache")
    seconds = base.protocol.max_seconds
    assert _one_pass([base, other, slower]) == pytest.approx(2.0 + (4.0 + 8.0) / 3 + 3 * (0.2 + seconds))
    assert _one_pass([other]) == pytest.approx(4.0 + 0.2 + seconds)


def test_what_was_interrupted_beside_others_says_nothing_of_starts():
    base, cut = record(2.0, 1, baseline=True), record(4.0, 3, variant="xla").model_copy(update={"stages": {}})
    seconds = base.protocol.max_seconds
    assert _one_pass([base, cut]) == pytest.approx(2.0 + 0.2 + 2 * seconds)
