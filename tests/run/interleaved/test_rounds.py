"""A run's cells in rounds of real processes that take turns."""

import json
import os
import signal
from functools import partial
from pathlib import Path

import pytest

from bench.instruments.watch import CellWatch
from bench.results.journal import Journal, journal_path
from bench.results.query import latest
from bench.results.record import Record
from bench.run.interleaved import groups, rounds
from bench.run.interleaved.turn_process import TurnProcess
from bench.run.prepare import Request
from bench.run.run_suite import Interrupted, run_suite
from bench.suite.cells import Suite
from bench.suite.options import Options
from bench.suite.spec import ModelSpec, Variant
from bench.testing import Listener
from tests.run.conftest import DATA, QUICK
from tests.run.watching import becomes, gone


def suite(*naps, network="tiny_models:dense", **changes):
    """A baseline whose batches take 20 ms, and variants whose batches take these milliseconds."""
    fields = {
        "name": "rounds",
        "folder": str(Path(__file__).parents[1]),
        "data": DATA,
        "models": (ModelSpec(name="tiny", network=network),),
        "variants": tuple(
            Variant(name=name, options=Options(batch_map=f"napping:nap_{nap}ms", prefetch=0, **more))
            for name, nap, more in (("base", 20, {}), *naps)
        ),
        "batch_sizes": (16,),
        "protocol": {**QUICK, "timeout_seconds": 120.0},
    }
    return Suite.model_validate(fields | changes)


def measured(wanted, executor, root, listener=None, **options):
    request = Request(wanted, wanted.cells(), root, host="box", idle_power=False, **options)
    return run_suite(request, executor, listener or Listener())


def kept(root):
    return Journal(journal_path(root, "box", "rounds"), Record).read().records


@pytest.fixture(scope="module")
def short():
    """Rounds of two short turns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds, "FIRST_SECONDS", 0.1)
        yield


@pytest.fixture
def once(short, monkeypatch):
    """And no round after the first."""
    monkeypatch.setattr(rounds, "MOST_PROCESSES", 0)


@pytest.fixture(scope="module")
def ran(executor, short, tmp_path_factory):
    root = tmp_path_factory.mktemp("rounds")
    listener = Listener()
    summary = measured(suite(("slow", 50, {}), ("equal", 20, {})), executor, root, listener)
    return summary, listener, kept(root)


def test_the_baseline_comes_first_by_itself_and_then_beside_every_other(ran):
    _, _, records = ran
    assert [one.variant for one in records if one.turns.round == 1] == ["base", "base", "slow", "equal"]
    assert (records[0].turns.cells, records[1].turns.cells) == (1, 3)


def test_what_many_are_compared_with_has_more_processes_where_there_is_memory(executor, once, tmp_path):
    measured(suite(*((f"equal-{number}", 20, {}) for number in range(3))), executor, tmp_path)
    group = [one.variant for one in kept(tmp_path) if one.turns.cells > 1]
    assert group == ["base", "base", "equal-0", "equal-1", "equal-2"]


def test_the_baseline_is_in_every_group(ran):
    _, _, records = ran
    for one in records[1:]:
        group = {other.variant for other in records if other.turns.group == one.turns.group}
        assert "base" in group


def test_each_record_says_where_it_stands_in_the_run(ran):
    _, _, records = ran
    assert len({one.turns.run for one in records}) == 1
    together = [one.turns for one in records if one.turns.group == records[1].turns.group]
    assert sorted(one.place for one in together) == [1, 2, 3]
    assert len({one.seed for one in together}) == 1
    assert all(
        len(one.windows) == len(records[1].windows) // records[1].turns.length * one.turns.length
        for one in records[1:4]
    )


def test_what_is_measured_once_is_in_the_first_record_of_each_cell(ran):
    summary, _, _ = ran
    assert [one.variant for one in summary.records] == ["base", "slow", "equal"]
    for one in summary.records:
        assert one.ok
        assert one.accuracy.held_out is not None
        assert one.values["trainable_params"] > 0
        assert len(one.processes) >= (2 if one.variant == "base" else 1)


def test_a_cell_that_is_clearly_slower_gets_no_further_round(ran):
    _, listener, _ = ran
    assert listener.rounds[0] == (1, ("tiny/slow/b16", "tiny/equal/b16"))
    assert all("tiny/slow/b16" not in cells for _, cells in listener.rounds[1:])


def test_a_cell_that_fails_costs_itself_alone(executor, once, tmp_path):
    wanted = suite(("slow", 50, {}), ("equal", 20, {}))
    broken = wanted.model_copy(
        update={"variants": (*wanted.variants[:2], Variant(name="missing", options=Options(batch_map="napping:gone")))}
    )
    summary = measured(broken, executor, tmp_path)
    by_name = {one.variant: one for one in summary.records}
    assert [by_name[name].status for name in ("base", "slow", "missing")] == ["ok", "ok", "failed"]
    assert (tmp_path / by_name["missing"].failure.log).read_text()
    assert by_name["missing"].turns.group == by_name["slow"].turns.group
    assert len(list(tmp_path.glob("results/box/logs/rounds/*"))) == 1


def test_a_process_that_is_killed_while_it_is_stopped_is_recorded_and_the_rest_goes_on(executor, once, tmp_path):
    before, turns = TurnProcess.turn, []

    def turn(self):
        turns.append(self)
        if len(turns) == 2 and self is not turns[0]:
            os.kill(turns[0].pid, signal.SIGKILL)
            assert becomes(partial(gone, turns[0].pid))
        return before(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TurnProcess, "turn", turn)
        summary = measured(suite(("slow", 50, {}), ("equal", 20, {})), executor, tmp_path)
    records = kept(tmp_path)
    dead = [one for one in records if not one.ok]
    assert [one.status for one in dead] == ["crashed"]
    assert "SIGKILL" in dead[0].failure.message
    assert len(records) == 4
    assert {one.variant for one in summary.records} == {"base", "slow", "equal"}


class Stopping(Listener):
    """Ctrl-C as a stage is heard of for the last time of so many."""

    def __init__(self, stage, times):
        super().__init__()
        self.stage, self.times = stage, times

    def cell_says(self, word):
        super().cell_says(word)
        self.times -= word.stage == self.stage
        if not self.times:
            self.times = -1
            raise KeyboardInterrupt


@pytest.mark.parametrize(("stage", "times", "cells"), [("first step", 3, 1), ("evaluation", 2, 3)])
def test_ctrl_c_keeps_what_was_measured_and_resume_goes_on_with_the_same_run(
    executor, short, tmp_path, stage, times, cells
):
    wanted = suite(("slow", 50, {}), ("equal", 20, {}))
    with pytest.raises(Interrupted, match=f"{cells} cells? kept .* {3 - cells} not measured"):
        measured(wanted, executor, tmp_path, Stopping(stage, times))
    before = kept(tmp_path)
    assert len(latest(before)) == cells
    summary = measured(wanted, executor, tmp_path, resume=True)
    assert summary.failed == 0
    whole = latest(kept(tmp_path))
    assert len({one.turns.run for one in kept(tmp_path)}) == 1
    assert {one.variant for one in whole} == {"base", "slow", "equal"}
    assert all(one.values["trainable_params"] > 0 and one.accuracy.held_out is not None for one in whole)


def test_with_memory_for_one_beside_the_baseline_cells_go_one_after_another(executor, once, tmp_path, monkeypatch):
    monkeypatch.setattr(groups, "room_for_another", lambda pids, gpu: len(pids) < 2)
    monkeypatch.setattr(groups, "_MOST_AT_ONCE", 1)
    monkeypatch.setattr(rounds, "fits_in_memory", lambda *_: False)
    summary = measured(suite(("slow", 50, {}), ("equal", 20, {})), executor, tmp_path)
    assert [one.ok for one in summary.records] == [True] * 3
    records = kept(tmp_path)
    assert {one.turns.group for one in records if one.variant == "base"} >= {
        one.turns.group for one in records if one.variant != "base" and one.turns.cells > 1
    }


def test_a_baseline_that_fails_leaves_times_without_ratios(executor, short, tmp_path):
    wanted = suite(("slow", 50, {}), ("equal", 20, {}))
    variants = (Variant(name="base", options=Options(batch_map="napping:gone")), *wanted.variants[1:])
    summary = measured(wanted.model_copy(update={"variants": variants}), executor, tmp_path)
    assert {one.variant: one.status for one in summary.records} == {"base": "failed", "slow": "ok", "equal": "ok"}


def test_a_disturbed_cycle_is_left_out_of_every_cell_and_made_up_for(executor, once, tmp_path, monkeypatch):
    seen = []

    def disturbance(self):
        seen.append(self)
        return "other processes were at work" if len(seen) == 2 else None

    monkeypatch.setattr(CellWatch, "disturbance", disturbance)
    measured(suite(("slow", 50, {}), ("equal", 20, {})), executor, tmp_path)
    group = [one for one in kept(tmp_path) if one.turns.cells == 3 and one.turns.round == 1]
    assert [json.loads(one.model_dump_json())["discarded"] for one in group] == [
        [{"cycle": 0, "reason": "other processes were at work"}]
    ] * 3
    assert all(len(one.windows) // one.turns.length == 3 for one in group)


def test_time_that_is_over_before_the_first_round_is_told_and_resume_goes_on(executor, short, tmp_path):
    wanted, listener = suite(("slow", 50, {}), ("equal", 20, {})), Listener()
    summary = measured(wanted, executor, tmp_path, listener, until=0.001)
    assert [one.variant for one in summary.records] == ["base"]
    told = "the time was over before these could be measured: tiny/slow/b16, tiny/equal/b16; --resume goes on"
    assert told in listener.notices
    resumed = measured(wanted, executor, tmp_path, resume=True)
    assert {one.variant for one in resumed.records} == {"base", "slow", "equal"}


def test_a_suite_of_one_cell(executor, tmp_path):
    summary = measured(suite(), executor, tmp_path)
    assert [one.ok for one in summary.records] == [True]
