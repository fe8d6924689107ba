"""Two real processes that take turns, and what becomes of them where one fails."""

import itertools
import math
import os
import signal
import time
from functools import partial
from types import SimpleNamespace

import pytest

from bench.instruments.watch import OF_OTHERS
from bench.results.record import Window
from bench.run.interleaved.turn_process import CellLost
from bench.run.interleaved.turns import Interleaving, TurnsPlan
from tests.run.watching import Watch, becomes, gone

FEW = TurnsPlan(min_turns=6, min_seconds=0, max_seconds=0)


def test_both_have_as_many_turns(planted):
    assert [(len(one.a), len(one.b)) for one in planted.pair.rounds] == [(6, 6)] * 3


def test_they_take_turns_and_so_does_who_begins(planted):
    pids, turns = planted.watch.pids, planted.watch.turns
    for first, second in zip(pids[::2], pids[1::2], strict=True):
        assert [pid for pid in turns if pid in (first, second)] == [first, second, second, first] * 3


def test_who_has_no_turn_is_stopped_with_all_threads_and_makes_no_progress(planted):
    assert planted.watch.alone == [True] * 36
    assert planted.idle == [True] * 21


def test_every_round_has_processes_of_its_own_and_leaves_none(planted):
    assert len(set(planted.watch.pids)) == 6
    assert all(becomes(partial(gone, pid)) for pid in planted.watch.pids)


def test_a_side_holds_its_own_cells_windows_though_b_began_every_second_round(planted):
    for one in planted.pair.rounds:
        fastest = [min(window.step_seconds for window in side) for side in (one.a, one.b)]
        assert 0.02 <= fastest[0] < 0.05 <= fastest[1]


def test_what_others_did_meanwhile_is_kept(planted):
    for one in planted.pair.rounds:
        assert set(one.values) == set(OF_OTHERS)


@pytest.fixture
def watch(executor):
    with Watch(executor) as watching:
        yield watching


def test_a_cell_that_fails_is_lost_with_its_log_and_the_other_ends_too(watch, job):
    broken = job("faulty_models:raises")
    with Interleaving(broken, job(), watch.fork) as running, pytest.raises(CellLost, match="can't be built") as lost:
        running.round(FEW)
    assert (lost.value.cell, lost.value.outcome.status) == (broken.cell.id, "failed")
    assert lost.value.log == broken.log
    assert "about to fail" in broken.log.read_text()
    assert all(becomes(partial(gone, pid)) for pid in watch.pids)


def test_a_cell_that_hangs_is_lost_with_all_that_it_started(watch, job, tmp_path, monkeypatch):
    marker = tmp_path / "pids"
    hanging = job("faulty_models:hangs", timeout=900.0, args={"marker": str(marker)})

    def now():
        """Once it hangs, as if the time were over."""
        return time.monotonic() + (1000 if marker.exists() else 0)

    monkeypatch.setattr(
        "bench.run.interleaved.turn_process.time", SimpleNamespace(monotonic=now, perf_counter=time.perf_counter)
    )
    with Interleaving(hanging, job(), watch.fork) as running, pytest.raises(CellLost) as lost:
        running.round(FEW)
    assert lost.value.outcome.status == "timed_out"
    assert "no sign of life for 900 s" in str(lost.value)
    assert all(becomes(partial(gone, int(pid))) for pid in marker.read_text().split())


def test_one_that_is_killed_while_it_is_stopped_has_crashed(watch, job):
    def kill():
        if len(watch.turns) == 3:
            victim = watch.other(watch.turns[-1])
            os.kill(victim, signal.SIGKILL)
            assert becomes(partial(gone, victim))

    watch.on_turn = kill
    with Interleaving(job(), job(), watch.fork) as running, pytest.raises(CellLost, match="SIGKILL") as lost:
        running.round(FEW)
    assert (lost.value.outcome.status, lost.value.outcome.stage) == ("crashed", "windows")
    assert all(becomes(partial(gone, pid)) for pid in watch.pids)


def test_a_variant_with_variables_has_a_server_of_its_own(watch, job):
    other = job("environment_models:reports", env={"TF_ENABLE_ONEDNN_OPTS": "0"})
    with Interleaving(other, job(), watch.fork) as running, pytest.raises(CellLost, match="turned off"):
        running.round(FEW)
    assert watch.pids == []
    assert "TF_ENABLE_ONEDNN_OPTS" not in os.environ


def round_of(a, b):
    return [[Window(1, second) for second in side] for side in (a, b)]


@pytest.mark.parametrize(
    ("a", "b", "enough"),
    [
        ([], [], False),
        ([0.5] * 2, [0.5] * 2, False),  # too few turns
        ([0.1] * 7, [9.0] * 7, False),  # too short a time of one
        ([0.3] * 3, [0.3] * 3, True),
        ([0.3, 0.1] * 4, [0.1, 0.3] * 4, False),  # known too badly
        ([0.3, 0.1] * 20, [0.1, 0.3] * 20, True),  # but for long enough
        ([5.0] * 2, [5.0] * 2, False),
        ([5.0] * 3, [9.0, 5.0, 1.0], True),
    ],
)
def test_a_round_lasts_until_the_ratio_of_its_windows_is_known(a, b, enough):
    sides = round_of(a, b)
    assert TurnsPlan().enough(*sides) is enough


def test_what_a_round_needs_ends_it_sooner_the_quieter_it_is(rng):
    def turns(noise):
        a, b = ([Window(1, 0.2 * math.exp(noise * one)) for one in rng.standard_normal(100)] for _ in range(2))
        return next(count for count in itertools.count() if TurnsPlan().enough(a[:count], b[:count]))

    assert turns(0.001) < turns(0.05)
