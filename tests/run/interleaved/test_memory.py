"""Room for one more process: from files as the kernel would show them, and from a stand-in for the driver's library."""

import re

import pytest

from bench.run.interleaved.memory import fits_in_memory, room_for_another
from tests.nvml_fixtures import TRACES

GIB = 1 << 20  # in kilobytes


@pytest.fixture
def tree(tmp_path):
    """A machine of 16 GiB, whose processes 1 and 2 held 1 and 2 GiB at most, with so much of it available."""

    def machine(available):
        (tmp_path / "proc").mkdir(exist_ok=True)
        (tmp_path / "proc/meminfo").write_text(f"MemTotal: {16 * GIB} kB\nMemAvailable: {int(available * GIB)} kB\n")
        for pid, peak in ((1, 1), (2, 2)):
            (tmp_path / f"proc/{pid}").mkdir(exist_ok=True)
            (tmp_path / f"proc/{pid}/status").write_text(f"Name:\tpython\nVmHWM:\t{peak * GIB} kB\n")
        return tmp_path

    return machine


@pytest.mark.parametrize(("available", "room"), [(10, True), (4.7, True), (4.5, False), (0.5, False)])
def test_one_like_the_largest_must_find_half_as_much_again_and_leave_a_tenth(tree, available, room):
    assert room_for_another([1, 2], gpu=False, root=tree(available)) is room


def test_where_nothing_is_known_there_is_room(tmp_path, tree):
    assert room_for_another([1], gpu=False, root=tmp_path)
    assert room_for_another([], gpu=False, root=tree(0.5))


def test_room_for_all_is_sure_only_where_their_size_is_known(tree):
    assert fits_in_memory(7, 1 << 30, gpu=False, root=tree(10))
    assert not fits_in_memory(8, 1 << 30, gpu=False, root=tree(10))
    assert not fits_in_memory(3, None, gpu=False, root=tree(10))
    assert not fits_in_memory(1, 1, gpu=True, root=tree(10))


ON_A_GPU = """
from bench.run.interleaved.memory import room_for_another
result = [room_for_another([int(pid) for pid in sys.argv[1].split()], gpu=True)]
"""


@pytest.mark.parametrize(("used", "room"), [(1_000_000_000, True), (12_000_000_000, False)])
def test_on_a_gpu_the_next_one_must_fit_on_the_card_too(nvml_standin, tmp_path, used, room):
    path = tmp_path / "trace.ini"
    path.write_text(re.sub(r"(?m)^memory_used = .*$", f"memory_used = {used}", (TRACES / "t4.ini").read_text()))
    assert nvml_standin.run(path, ON_A_GPU, "999999") == [room]
