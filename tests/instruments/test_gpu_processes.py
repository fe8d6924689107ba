"""Foreign processes on a GPU, and what it draws when there is none: on the stand-in for the driver's library."""

import pytest

from bench.instruments.gpu_processes import foreign
from bench.system.nvml import GpuProcess, Reading

CELL = 4000
FOREIGN = """
import os, sys
from bench.instruments.nvml import GpuWatch
with GpuWatch() as watch:
    watch.pid = os.getpid()
    watch.begin()
    watch.end()
    values, reasons = watch.summary()
    result = [values["foreign_gpu_processes"], values["foreign_gpu_memory_bytes"], reasons.get("foreign_gpu_processes")]
"""
IDLE = """
from bench.instruments.idle import idle_watts
waited = []
reading = idle_watts(sleep=waited.append)
result = [reading.value, reading.reason, sum(waited)]
"""


def listing(**held):
    return Reading(tuple(GpuProcess(int(name[1:]), memory) for name, memory in held.items()))


NOBODY = listing()


@pytest.mark.parametrize(
    ("before", "during", "found"),
    [
        (NOBODY, [listing(p4000=9)], set()),  # the cell is listed, and alone
        (NOBODY, [listing(p4000=9), listing(p4000=9, p77=1)], {77}),  # one that came in between
        (listing(p77=1), [NOBODY, listing(p4000=9)], set()),  # one that had left
        (listing(p77=1), [listing(p77=1, p78=9)], {77}),  # the cell isn't listed by its number: 78 may be it
        (listing(p77=1, p79=1), [listing(p77=1, p78=9), listing(p78=9, p79=1)], {77, 79}),
        (NOBODY, [listing(p77=1, p78=9)], None),  # either may be the cell
        (NOBODY, [listing(p78=9)], None),  # so may the only one
        (NOBODY, [NOBODY], None),
        (listing(p77=1), [Reading(None, "no permission")], None),
        (NOBODY, [], None),
    ],
)
def test_only_what_certainly_is_not_the_cell_is_foreign(before, during, found):
    reading = foreign(CELL, before, during)
    if found is None:
        assert reading.value is None
        assert reading.reason
    else:
        assert {one.pid for one in reading.value} == found


def test_who_takes_turns_with_the_cell_is_not_foreign():
    seen = [listing(p4000=9), listing(p4000=9, p4001=9, p77=1)]
    assert {one.pid for one in foreign(CELL, NOBODY, seen, {4001}).value} == {77}
    assert foreign(CELL, NOBODY, [listing(p4001=9)], {4001}).value == ()


def test_what_a_process_holds_is_its_last_look():
    (one,) = foreign(CELL, NOBODY, [listing(p4000=1, p77=1), listing(p4000=9, p77=5)]).value
    assert one.memory_bytes == 5


@pytest.mark.parametrize(
    ("trace", "count", "memory"),
    [("p100", 1, 1e6), ("rtx-2080-ti", 1, 2e8), ("a100-mig", 0, 0), ("t4", None, None), ("wsl", None, None)],
)
def test_on_each_kind_of_card(nvml_standin, trace, count, memory):
    *found, reason = nvml_standin.run(trace, FOREIGN)
    assert found == [count, memory]
    assert (reason is None) == (count is not None)


def test_memory_that_is_not_given_is_not_added_up(nvml_standin, tmp_path):
    trace = tmp_path / "shy.ini"
    trace.write_text("[gpu 0]\nprocesses = 9:100,10:?,self:5\n")
    assert nvml_standin.run(trace, FOREIGN) == [2, None, None]


def test_idle_power_is_the_mean_of_a_second(nvml_standin, tmp_path):
    trace = tmp_path / "idle.ini"
    trace.write_text("[gpu 0]\npower_mw = 12000 10000 9000\nutilization = 0\nprocesses =\n")
    watts, reason, waited = nvml_standin.run(trace, IDLE)
    assert watts == pytest.approx((12 + 10 + 8 * 9) / 10)
    assert (reason, waited) == (None, pytest.approx(1.0))
    assert nvml_standin.run("t4", IDLE, driver="none") == [None, "no NVIDIA device (no driver library)", 0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("power_mw = 30000\nprocesses = 55:1000\n", "another process was on the GPU"),
        ("power_mw = 30000\nutilization = 80\nprocesses =\n", "the GPU was at work for another process"),
        ("power_mw = !3\nprocesses =\n", "NVML: not supported by this GPU or driver"),
        ("power_mw = 0\n", "NVML gives 0 for the power, so nothing measures it"),
    ],
)
def test_idle_power_is_absent_where_it_is_not_read_or_not_idle(nvml_standin, tmp_path, text, reason):
    trace = tmp_path / "idle.ini"
    trace.write_text(f"[gpu 0]\n{text}")
    assert nvml_standin.run(trace, IDLE)[:2] == [None, reason]
