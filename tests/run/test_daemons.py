"""What a forked process has started ends with it, in sessions of its own and without a parent too."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from bench.run.process.exit_status import death, kernel_kills, lost
from bench.run.process.forkserver import ForkServer, ServerError
from tests.run.resting import end_but_for_a_fork, hang_up, leave_daemons, leave_file, rest
from tests.run.watching import becomes, children, gone

OWNER = """
import sys, time
from bench.run.process.forkserver import ForkServer
sys.path.insert(0, sys.argv[1])
from resting import leave_daemons

with ForkServer([]) as server:
    child = server.fork(leave_daemons, "rest")
    print(child.pid, *child.hear(), flush=True)
    time.sleep(600)
"""

ASKER = """
import os, sys
from bench.run.stack import ask_stack

ask_stack({**os.environ, "PYTHONPATH": sys.argv[1]})
"""


@pytest.fixture
def server():
    with ForkServer([]) as running:
        yield running


def all_gone(pids):
    return all(becomes(partial(gone, pid)) for pid in pids)


@pytest.mark.parametrize("how", ["by itself", "ended", "killed"])
def test_daemons_end_with_the_process_that_started_them_and_no_others_do(server, how):
    other = server.fork(leave_daemons, "rest")
    others = [other.pid, *other.hear()]
    child = server.fork(leave_daemons, "exit" if how == "by itself" else "rest")
    daemons = child.hear()
    if how == "killed":
        os.kill(child.pid, signal.SIGKILL)
    if how != "ended":
        assert child.wait() == (0 if how == "by itself" else -signal.SIGKILL)
    child.end()
    assert all(gone(pid) for pid in (child.pid, *daemons))
    assert not any(gone(pid) for pid in others)
    other.end()
    assert all(gone(pid) for pid in others)


@pytest.mark.parametrize("killed", ["server", "guardian"])
def test_daemons_end_with_the_server_which_is_told_of(server, killed):
    child = server.fork(leave_daemons, "rest")
    daemons = child.hear()
    guardian = server._process.pid
    (within,) = children(guardian)
    os.kill({"server": within, "guardian": guardian}[killed], signal.SIGKILL)
    with pytest.raises(EOFError):
        child.hear()
    assert lost(child, kernel_kills()) == (
        "the server of processes, and with it its process, ended without a result: killed by SIGKILL"
    )
    as_if = death("windows", child, kernel_kills() - 1)
    assert (as_if.status, as_if.stage) == ("out_of_memory", "windows")
    assert "killed by the kernel: this machine's memory was used up" in as_if.message
    assert all_gone([guardian, within, child.pid, *daemons])
    child.end()


def test_daemons_end_with_the_owner():
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(Path(__file__).parent)], stdout=subprocess.PIPE, text=True
    )
    try:
        pids = [int(word) for word in owner.stdout.readline().split()]
        assert len(pids) == 3
        os.kill(owner.pid, signal.SIGKILL)
        assert all_gone(pids)
    finally:
        owner.kill()
        owner.communicate()


def test_an_end_is_heard_of_though_a_fork_holds_the_connection(server):
    child = server.fork(end_but_for_a_fork, 7)
    with pytest.raises(EOFError):
        child.hear()
    assert child.wait() == 7


def test_one_that_closes_its_connection_and_goes_on_is_ended(server):
    child = server.fork(hang_up, None)
    with pytest.raises(EOFError):
        child.hear()
    assert lost(child, 0) == "its process closed its connection without a result"
    assert gone(child.pid)


def test_ctrl_c_in_the_middle_of_a_command_makes_no_answer_that_of_another(server, monkeypatch):
    child = server.fork(rest, None)
    monkeypatch.setattr(server._connection, "recv", interrupted)
    with pytest.raises(KeyboardInterrupt):
        server.fork(rest, None)
    monkeypatch.undo()
    with pytest.raises(ServerError):
        server.fork(rest, None)
    child.end()
    assert becomes(partial(gone, child.pid))


def interrupted():
    raise KeyboardInterrupt


def test_its_children_find_their_files_in_a_folder_that_goes_with_the_server():
    with ForkServer([]) as running:
        child = running.fork(leave_file, None)
        folder = Path(child.hear())
        child.end()
        assert folder.is_dir()
        assert list(folder.iterdir())
    assert not folder.exists()


def test_what_the_doctor_asks_ends_with_it_though_it_hangs(tmp_path):
    marker = tmp_path / "imported"
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text(
        f"import pathlib, time\npathlib.Path({str(marker)!r}).touch()\ntime.sleep(600)\n"
    )
    doctor = subprocess.Popen([sys.executable, "-c", ASKER, str(tmp_path)])
    try:
        assert becomes(marker.exists)
        asked = children(doctor.pid)
        assert asked
        doctor.kill()
        assert all_gone(asked)
    finally:
        doctor.kill()
        doctor.wait()
