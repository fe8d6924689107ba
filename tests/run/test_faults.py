"""The server of processes is killed at work: what was running has crashed, with a record of it, and the run goes on."""

import os
import signal
import tempfile
from functools import partial
from pathlib import Path

import pytest

from bench.errors import InputError
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from bench.run.interleaved.turn_process import CellLost
from bench.run.interleaved.turns import Interleaving, TurnsPlan
from bench.run.job import Outcome, Progress
from bench.run.prepare import Request
from bench.run.process import executors
from bench.run.process.executors import LocalExecutor
from bench.run.process.forkserver import ForkServer
from bench.run.process.scratch import scratch_folder
from bench.run.run_suite import Interrupted, run_suite
from bench.suite.cells import Suite
from bench.suite.spec import DataSpec, ModelSpec, Protocol, Variant
from bench.testing import Listener
from tests.run.listener import Listener as Heard
from tests.run.resting import end_but_for_a_fork, kill_server_and_answer
from tests.run.watching import becomes, children, gone


def suite(marker):
    """A cell that hangs as its network is built, beside a process that it has started, and one that is quick."""
    return Suite(
        name="faults",
        folder=str(Path(__file__).parent),
        data=DataSpec(name="synthetic", shape=(8, 8, 1), classes=2, images=64, test_images=8),
        models=(
            ModelSpec(name="hanging", network="faulty_models:hangs_in_its_cell", args={"marker": str(marker)}),
            ModelSpec(name="tiny", network="tiny_models:dense"),
        ),
        variants=(Variant(name="notebook"),),
        batch_sizes=(16,),
        protocol=Protocol(
            precision=0.9, max_seconds=0.4, min_windows=3, min_seconds=0, window_seconds=0.02, warmup_seconds=0
        ),
    )


def kill_server(executor):
    (server,) = children(executor._server._process.pid)
    os.kill(server, signal.SIGKILL)
    assert becomes(partial(gone, server))


@pytest.fixture(scope="module")
def own():
    """An executor of this file's own, whose server may be killed."""
    with LocalExecutor() as running:
        yield running


class Killing(Listener):
    """Kills the executor's server once the first cell hangs."""

    def __init__(self, executor, marker):
        super().__init__()
        self.executor, self.marker = executor, marker

    def cell_says(self, word):
        super().cell_says(word)
        if word.stage == "model" and len(self.words) == 1:
            assert becomes(lambda: self.marker.exists() and self.marker.read_text())
            self.act()

    def act(self):
        kill_server(self.executor)


def test_the_cell_has_crashed_with_a_record_and_a_log_and_the_next_one_is_measured(own, tmp_path, monkeypatch):
    (tmp := tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp))
    with scratch_folder() as folder:
        (tmp / (folder.name[:-8] + "leftover")).mkdir()
    wanted = suite(marker := tmp_path / "marker")
    listener = Killing(own, marker)
    summary = run_suite(Request(wanted, wanted.cells(), tmp_path, host="box", idle_power=False), own, listener)
    assert [record.status for record in summary.records] == ["crashed", "ok"]
    failure = summary.records[0].failure
    assert failure.stage == "model"
    assert failure.message == (
        "the server of processes, and with it its process, ended without a result: killed by SIGKILL"
    )
    assert (tmp_path / failure.log).is_file()
    kept = Journal(journal_path(tmp_path, "box", "faults"), Record).read().records
    assert [record.status for record in kept] == ["crashed", "ok"]
    assert f"removed 1 folder (0 bytes) that killed runs had left in {tmp}" in listener.notices
    assert not list(tmp.glob("*leftover"))
    assert all(becomes(partial(gone, int(pid))) for pid in marker.read_text().split())


def test_ctrl_c_leaves_no_log_no_process_and_no_folder(own, tmp_path, monkeypatch):
    (tmp := tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp))
    wanted = suite(marker := tmp_path / "marker")

    class Interrupting(Killing):
        def act(self):
            assert list(tmp_path.glob("results/box/logs/faults/*.log"))
            raise KeyboardInterrupt

    request = Request(wanted, wanted.cells(), tmp_path, host="box", idle_power=False)
    with pytest.raises(Interrupted, match=r"0 cells kept .* 2 not measured"):
        run_suite(request, own, Interrupting(own, marker))
    assert all(becomes(partial(gone, int(pid))) for pid in marker.read_text().split())
    assert not list(tmp_path.glob("results/box/*"))
    assert not list(tmp.iterdir())


def test_cells_that_take_turns_have_crashed_too(own, job):
    class Kill(TurnsPlan):
        def enough(self, a, b):
            if len(a) == 1:
                kill_server(own)
            return super().enough(a, b)

    a, b = job("tiny_models:dense"), job("tiny_models:dense")
    with Interleaving(a, b, own.fork) as running, pytest.raises(CellLost, match="SIGKILL") as lost:
        running.round(Kill(min_turns=3, min_seconds=0, max_seconds=0))
    assert (lost.value.outcome.status, lost.value.outcome.stage) == ("crashed", "windows")


class Light(LocalExecutor):
    """Its server imports nothing."""

    def _start(self):
        self._stack.close()
        self._server = self._stack.enter_context(ForkServer([]))


def test_a_question_is_asked_once_more_where_its_server_died_and_then_no_more(tmp_path):
    with Light() as light:
        assert light.ask("what", kill_server_and_answer, (tmp_path / "killed", 1)) == "answer"
        with pytest.raises(InputError) as caught:
            light.ask("this answer", kill_server_and_answer, (tmp_path / "again", 2))
        assert str(caught.value).startswith("this answer: the server of processes, and with it its process, ended")
        assert light.ask("what", kill_server_and_answer, (tmp_path / "no more", 0)) == "answer"


def test_a_question_whose_process_dies_is_asked_once():
    with Light() as light, pytest.raises(InputError, match=r"this answer: its process ended .*exit status 7"):
        light.ask("this answer", end_but_for_a_fork, 7)


def test_a_cell_that_spoke_while_its_run_was_stopped_is_not_taken_for_silent(job, monkeypatch):
    wanted, clock = job(timeout=10.0), iter(range(0, 100_000, 1000))
    words = iter((Progress("windows"), Outcome("ok", "windows")))

    class Speaking:
        def hear(self, seconds):
            return next(words)

    monkeypatch.setattr(executors.time, "monotonic", lambda: next(clock))
    heard = executors._follow(Speaking(), wanted, Heard(), 0)
    monkeypatch.undo()
    assert heard.status == "ok"
