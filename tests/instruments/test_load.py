"""The processors' watch: figures from made trees, and from real processes on this machine."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from bench.instruments import load
from bench.instruments.load import LOAD_METRICS, LoadWatch, carried_by
from tests.run.watching import becomes, ticks

TICKS = os.sysconf("SC_CLK_TCK")
CELL, PARENT = 500, 400


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def cpu(busy, idle, stolen):
    return f"{busy * TICKS:.0f} 0 0 {idle * TICKS:.0f} 0 0 0 {stolen * TICKS:.0f} 0 0"


def process(pid, seconds, parent=1, session=1, reaped=0.0):
    zeros = "0 " * 7
    own, waited = f"{seconds * TICKS:.0f} 0", f"{reaped * TICKS:.0f} 0"
    return {f"proc/{pid}/stat": f"{pid} (python) R {parent} {pid} {session} {zeros}{own} {waited} 20 0\n"}


def at(root, now, *, cell=0.0, child=0.0, parent=0.0, others=0.0, stolen=0.0):
    """Two processors `now` seconds after they were started, with what each had of them by then."""
    busy = cell + child + parent + others
    files = {"proc/stat": f"cpu 0\ncpu0 {cpu(busy, now - busy, 0)}\ncpu1 {cpu(0, now - stolen, stolen)}\nintr 0\n"}
    files |= process(CELL, cell, session=CELL) | process(PARENT, parent, session=PARENT)
    files |= process(501, child, parent=CELL, session=501)  # one that left the cell's session
    write(root, files)


def watched(root, cpus=(0, 1)):
    return LoadWatch(CELL, cpus, root, own=PARENT)


def test_what_is_neither_the_cells_nor_its_parents_is_foreign(tmp_path):
    at(tmp_path, 100, cell=40, child=3, parent=2, others=10, stolen=5)
    watch = watched(tmp_path)
    watch.begin()
    at(tmp_path, 110, cell=43, child=4, parent=2.5, others=12, stolen=6)
    watch.end()
    values, reasons = watch.summary()
    assert values["cpu_share"] == pytest.approx(4 / 20)
    assert values["foreign_cpu_share"] == pytest.approx(2 / 20)
    assert values["cpu_steal_share"] == pytest.approx(1 / 20)
    assert set(values) == set(LOAD_METRICS)
    assert reasons == {
        "cgroup_throttled_seconds": "no control group counts it",
        "cpu_thermal_throttles": "this machine does not count it",
    }


def test_who_takes_turns_with_the_cell_is_not_foreign(tmp_path):
    at(tmp_path, 100, cell=40, others=10)
    write(tmp_path, process(600, 5, session=600))
    watch = watched(tmp_path)
    watch.beside = frozenset({600})
    watch.begin()
    at(tmp_path, 110, cell=43, others=16)
    write(tmp_path, process(600, 9, session=600))
    watch.end()
    values, _ = watch.summary()
    assert values["cpu_share"] == pytest.approx(7 / 20)
    assert values["foreign_cpu_share"] == pytest.approx(2 / 20)


def test_a_child_that_ended_meanwhile_was_the_cells(tmp_path):
    at(tmp_path, 100, cell=40, child=3)
    watch = watched(tmp_path)
    watch.begin()
    at(tmp_path, 110, cell=40, child=7)
    (tmp_path / "proc/501/stat").unlink()
    write(tmp_path, process(CELL, 40, session=CELL, reaped=7))
    watch.end()
    assert watch.summary()[0]["foreign_cpu_share"] == 0
    assert watch.summary()[0]["cpu_share"] == pytest.approx(4 / 20)


def test_only_the_processors_that_may_be_used_count(tmp_path):
    at(tmp_path, 100, cell=40, others=10)
    watch = watched(tmp_path, cpus=(0,))
    watch.begin()
    at(tmp_path, 110, cell=45, others=14)
    watch.end()
    assert watch.summary()[0]["cpu_share"] == pytest.approx(5 / 10)
    assert watch.summary()[0]["foreign_cpu_share"] == pytest.approx(4 / 10)


def test_a_quotas_and_a_hot_processors_brakes_are_counted(tmp_path):
    def counted(throttled, hot):
        write(
            tmp_path,
            {
                "proc/self/cgroup": "0::/job\n",
                "sys/fs/cgroup/job/cpu.stat": f"nr_throttled 1\nthrottled_usec {throttled * 1e6:.0f}\n",
                "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": f"{hot}\n",
            },
        )

    counted(7.0, 12)
    watch = watched(tmp_path)
    watch.begin()
    counted(7.5, 15)
    watch.end()
    values, reasons = watch.summary()
    assert values["cgroup_throttled_seconds"] == pytest.approx(0.5)
    assert values["cpu_thermal_throttles"] == 3
    assert reasons["foreign_cpu_share"] == "this system has no /proc/stat"


def test_what_was_not_seen_to_its_end_has_no_figure(tmp_path):
    at(tmp_path, 100, cell=40)
    watch = watched(tmp_path)
    assert set(watch.summary()[0].values()) == {None}
    watch.end()
    watch.begin()
    assert set(watch.summary()[1].values()) == {"the cell did not come to its windows' end"}
    at(tmp_path, 100.2, cell=40.1)
    watch.end()
    assert watch.summary()[1]["cpu_share"] == "the windows took less than 0.5 s"
    watch.begin()
    at(tmp_path, 110, cell=41)
    for pid in (CELL, 501):
        (tmp_path / f"proc/{pid}/stat").unlink()
    watch.end()
    values, reasons = watch.summary()
    assert (values["foreign_cpu_share"], reasons["cpu_share"]) == (None, "the cell's process can't be seen")
    assert values["cpu_steal_share"] == 0.0


BUSY = "print(flush=True)\nwhile True: sum(range(10_000))"
IDLE = "import time\nprint(flush=True)\nwhile True: time.sleep(9)"


@contextmanager
def running(code):
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    with process:
        process.stdout.readline()
        try:
            yield process.pid
        finally:
            process.kill()


def measured(pid, busy):
    """What is seen while `busy` takes two tenths of a second of a processor, however long that takes here."""

    def taken():
        return sum(map(int, ticks(busy))) / TICKS

    watch, before, began = LoadWatch(pid), taken(), time.monotonic()
    watch.begin()
    assert becomes(lambda: taken() >= before + 0.2 and time.monotonic() >= began + 0.6)
    watch.end()
    seconds = time.monotonic() - began
    values, _ = watch.summary()
    if values["foreign_cpu_share"] is None:
        pytest.skip("this machine does not show its processor times")
    return values, 0.15 / (seconds * len(os.sched_getaffinity(0)))


def test_a_real_busy_process_is_foreign_unless_it_is_the_cell():
    with running(BUSY) as busy, running(IDLE) as idle:
        (beside, least), (within, least_within) = measured(idle, busy), measured(busy, busy)
    assert beside["foreign_cpu_share"] > least
    assert beside["cpu_share"] < least / 2
    assert within["cpu_share"] > least_within


def test_what_ray_takes_on_its_node_is_told_apart_and_subtracted_nowhere(tmp_path, monkeypatch):
    monkeypatch.setattr(load, "_CARRIER", [])
    raylet, worker = 300, 301

    def looks(now, ray, cell):
        at(tmp_path, now, cell=cell, others=ray)
        # the raylet, its worker, and this process, which it started and which isn't its own
        write(tmp_path, process(raylet, ray / 2) | process(worker, ray / 2, parent=raylet))
        write(tmp_path, process(PARENT, 0.0, parent=worker, session=PARENT) | process(CELL, cell, parent=PARENT))
        write(tmp_path, {f"proc/{pid}/statm": "900 100 50 0 0 0 0\n" for pid in (raylet, worker, CELL)})

    looks(100, ray=4, cell=10)
    carried_by(raylet)
    watch = watched(tmp_path)
    watch.begin()
    looks(110, ray=5, cell=18)
    watch.end()
    values, _ = watch.summary()
    assert values["ray_cpu_share"] == pytest.approx(1 / 20)
    assert values["foreign_cpu_share"] == pytest.approx(1 / 20)
    assert values["cpu_share"] == pytest.approx(8 / 20)
    assert values["ray_resident_bytes"] == 200 * os.sysconf("SC_PAGE_SIZE")
