"""Work that is split over processes gives what it gives in one."""

import os
import signal
import threading

import pytest

from bench.support.side_by_side import side_by_side

pytestmark = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor: nothing is split")


@pytest.fixture(autouse=True)
def _as_in_a_command(monkeypatch):
    """Other tests import TensorFlow, and leave threads."""
    monkeypatch.setattr("bench.support.side_by_side._may_fork", lambda: True)


def test_results_come_in_order_from_several_processes():
    found = list(side_by_side(lambda number: (number, os.getpid()), range(50)))
    assert [number for number, _ in found] == list(range(50))
    assert os.getpid() not in {pid for _, pid in found}


def test_one_item_is_done_here():
    assert list(side_by_side(lambda _: os.getpid(), ["only"])) == [os.getpid()]
    assert not list(side_by_side(lambda _: os.getpid(), []))


def test_no_more_is_taken_from_the_items_than_is_about_to_be_done():
    taken = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    found = side_by_side(lambda number: number, items())
    next(found)
    assert len(taken) < 50
    found.close()


def test_an_error_comes_through_as_it_is():
    def fail(number):
        if number == 3:
            raise KeyError("three")
        return number

    with pytest.raises(KeyError, match="three"):
        list(side_by_side(fail, range(10)))


def test_a_process_that_is_killed_is_told_of():
    def die(number):
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pytest.raises(OSError, match="was killed"):
        list(side_by_side(die, range(10)))


def test_beside_other_threads_nothing_is_forked(monkeypatch):
    monkeypatch.undo()
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert set(side_by_side(lambda _: os.getpid(), range(5))) == {os.getpid()}
    finally:
        over.set()
        thread.join()
