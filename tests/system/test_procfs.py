"""Processor times and processes, from trees of files as Linux writes them."""

import os

import pytest

from bench.system.procfs import cpu_times, processes, throttled_seconds, usable_cpus
from tests.trees import tree

TICK = 1 / os.sysconf("SC_CLK_TCK")
STAT = """cpu  1110 0 0 0 0 0 0 0 0 0
cpu0 100 20 30 800 40 5 5 10 60 0
cpu1 1 0 0 99 0 0 0 0 0 0
cpu10 900 0 0 100 0 0 0 0 0 0
intr 12345 0 0
ctxt 99
"""


def test_processors_are_told_by_their_number_and_added_up(tmp_path):
    root = tree(tmp_path, {"proc/stat": STAT})
    found = cpu_times({0}, root).value
    # guest time (60) is in user time already; waiting for a disk is idle
    assert (found.busy, found.idle, found.stolen) == pytest.approx((160 * TICK, 840 * TICK, 10 * TICK))
    both = cpu_times({0, 10}, root).value
    assert both.total == pytest.approx(2010 * TICK)
    assert both.since(found).busy == pytest.approx(900 * TICK)
    assert found.since(both).busy == 0  # counters of some kernels go back a little


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "this system has no /proc/stat"),
        ({"proc/stat": "cpu nonsense\ncpu0 x y\n"}, "this system has no /proc/stat"),
        ({"proc/stat": "cpu0 1 2 3 4\n"}, "/proc/stat does not show the processors that may be used"),
        ({"proc/stat": "cpu0 0 0 0 0 0 0 0 0 0 0\ncpu3 0 0 0 0\n"}, "this kernel keeps no processor times (gVisor)"),
        (
            {
                "proc/stat": STAT.replace("cpu1 ", "cpu3 "),
                "proc/self/mountinfo": "36 35 98:0 /proc/stat /proc/stat rw - fuse.lxcfs lxcfs rw\n",
            },
            "this container sees its own processor time alone (lxcfs)",
        ),
    ],
)
def test_where_processor_times_mean_nothing_the_reason_is_said(tmp_path, files, reason):
    found = cpu_times({0, 3}, tree(tmp_path, files))
    assert (found.value, found.reason) == (None, reason)


def test_a_processs_name_may_hold_anything(tmp_path):
    line = "77 (a) b) S 5 77 70 0 -1 4194560 1 2 3 4 250 50 30 20 20 0 1 0 99 1 2\n"
    files = {"proc/77/stat": line, "proc/78/stat": "78 (torn", "proc/79/other": "", "proc/self/stat": line}
    (found,) = processes(tree(tmp_path, files))
    assert (found.pid, found.name, found.parent, found.session) == (77, "a) b", 5, 70)
    assert (found.seconds, found.reaped_seconds) == pytest.approx((300 * TICK, 50 * TICK))


def test_this_process_is_among_them():
    (own,) = [one for one in processes() if one.pid == os.getpid()]
    assert own.parent == os.getppid()
    assert own.session == os.getsid(0)
    assert own.seconds == pytest.approx(sum(os.times()[:2]), abs=0.5)
    assert cpu_times(usable_cpus()).value.total > own.seconds


def test_throttling_is_read_in_either_version_and_the_longest_counts(tmp_path):
    version_2 = {
        "proc/self/cgroup": "0::/a/b\n",
        "sys/fs/cgroup/a/b/cpu.stat": "usage_usec 9\nnr_throttled 3\nthrottled_usec 1500000\n",
        "sys/fs/cgroup/a/cpu.stat": "usage_usec 9\nthrottled_usec 2500000\n",
        "sys/fs/cgroup/cpu.stat": "usage_usec 9\n",
    }
    assert throttled_seconds(tree(tmp_path / "2", version_2)).value == pytest.approx(2.5)
    version_1 = {
        "proc/self/cgroup": "3:cpu,cpuacct:/job\n",
        "sys/fs/cgroup/cpu/job/cpu.stat": "nr_periods 9\nnr_throttled 1\nthrottled_time 750000000\n",
    }
    assert throttled_seconds(tree(tmp_path / "1", version_1)).value == pytest.approx(0.75)
    assert throttled_seconds(tmp_path / "none").reason == "no control group counts it"
