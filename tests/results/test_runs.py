"""Records of one run's processes, brought together."""

import math

import pytest

from bench.instruments.stats import estimate, estimate_of
from bench.results.metrics import METRICS
from bench.results.query import latest
from bench.results.record import Finding, Window
from bench.results.window import Discarded, Turns
from tests.records import make_record


def turns(number=1, group=1, run="r1", length=2):
    return Turns(run=run, round=number, group=group, place=1, cells=3, length=length, seed=7)


def process(number=1, *, step_ms=16.0, started="2026-11-27T10:00:00+00:00", **changes):
    fields = {"run": changes.pop("run", "r1"), "group": changes.pop("group", 1)}
    return make_record(step_ms=step_ms, started=started, turns=turns(number, **fields), **changes)


def test_a_run_is_one_record_of_several_processes():
    first, second = process(1, step_ms=16.0), process(2, step_ms=25.0, started="2026-11-27T10:05:00+00:00")
    (found,) = latest([first, second])
    assert found == first.of_processes([first, second], ())
    assert found.timed == (first.windows, second.windows)
    each = [estimate(one.windows).step_seconds for one in (first, second)]
    assert METRICS["step_seconds"].read(found) == pytest.approx(math.sqrt(each[0] * each[1]))
    assert estimate_of(found.timed).step_seconds == pytest.approx(math.sqrt(each[0] * each[1]))


def test_the_first_process_speaks_for_what_is_measured_once_wherever_its_line_stands():
    first, second = process(1, values={"steps": 1.0}), process(2, values={"steps": 2.0})
    assert [found.values["steps"] for found in latest([second, first])] == [1.0]
    cut_short = process(1, values={})
    assert [found.values["steps"] for found in latest([cut_short, second])] == [2.0]


def test_what_was_set_up_otherwise_under_the_same_name_is_another_cell():
    other = process(2, started="2026-11-27T10:05:00+00:00", fingerprint="other")
    assert latest([process(1), other]) == (other,)


def test_a_later_run_stands_alone():
    later = process(1, run="r2", started="2026-11-28T10:00:00+00:00")
    assert latest([process(1), process(2), later]) == (later,)


def test_a_process_that_died_costs_its_own_windows_alone():
    died = process(2, started="2026-11-27T10:05:00+00:00", status="crashed")
    assert latest([process(1), died]) == (process(1),)
    (found,) = latest([died])
    assert found.status == "crashed"


def test_what_some_processes_showed_is_said_of_them():
    noisy = Finding(code="noisy", message="its windows vary")
    found = latest([process(1), process(2, findings=(noisy,)), process(3, findings=(noisy,))])
    assert [one.message for one in found[0].findings] == ["its windows vary (in 2 of 3 processes)"]


def test_discarded_cycles_are_in_no_figure_and_stay_in_the_record():
    windows = tuple(Window(4, 0.1 if place not in (2, 3) else 0.9) for place in range(10))
    record = make_record(turns=turns(), windows=windows, discarded=(Discarded(cycle=1, reason="others at work"),))
    assert record.counted == tuple(window for window in windows if window.seconds == 0.1)
    assert METRICS["step_seconds"].read(record) == pytest.approx(0.025)
    assert type(record).model_validate_json(record.model_dump_json()) == record


def test_where_more_than_a_quarter_would_go_all_windows_count():
    windows = tuple(Window(4, 0.1) for _ in range(6))
    record = make_record(turns=turns(), windows=windows, discarded=(Discarded(cycle=1, reason="others at work"),))
    assert record.counted == windows


def test_other_processes_are_no_part_of_the_line():
    assert process(1).of_processes([process(1), process(2)], ()).model_dump_json() == process(1).model_dump_json()


def test_a_copy_with_other_windows_counts_these():
    first = process()
    assert first.counted == first.windows
    other = first.model_copy(update={"windows": first.windows[:4]})
    assert other.counted == first.windows[:4]
    half = first.model_copy(update={"discarded": (Discarded(cycle=0, reason="others"),)})
    assert half.counted == first.windows[2:]
