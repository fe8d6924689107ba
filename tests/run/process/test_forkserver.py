"""Processes end with those who wanted them, whatever state they are in."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.run.watching import becomes
from tests.run.watching import gone as is_gone

OWNER = """
import os, signal, sys, time
from bench.run.process.forkserver import ForkServer
sys.path.insert(0, sys.argv[1])
from resting import rest

with ForkServer([]) as server:
    children = [server.fork(rest, None) for _ in range(2)]
    for child in children:
        child.hear()
    if sys.argv[2] == "stopped":
        os.killpg(children[0].pid, signal.SIGSTOP)
    print(server._process.pid, *(child.pid for child in children), flush=True)
    time.sleep(600)
"""


PARENT = (
    OWNER.replace("rest\n", "rest_with_another as rest\n")
    .replace("child.hear()\n    if", "child.helper = child.hear()\n    if")
    .replace("(child.pid for child in children)", "(pid for child in children for pid in (child.pid, child.helper))")
)


def gone(pid):
    return becomes(partial(is_gone, pid))


@pytest.mark.parametrize("state", ["awake", "stopped"])
@pytest.mark.parametrize("killed", ["owner", "server"])
def test_kill_9_leaves_no_process(state, killed):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(Path(__file__).parents[1]), state], stdout=subprocess.PIPE, text=True
    )
    try:
        server, *children = map(int, owner.stdout.readline().split())
        assert len(children) == 2
        os.kill(server if killed == "server" else owner.pid, signal.SIGKILL)
        assert all(gone(pid) for pid in (server, *children))
    finally:
        owner.kill()
        owner.communicate()


def test_what_a_stopped_child_had_started_ends_with_the_owner_too():
    owner = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(Path(__file__).parents[1]), "stopped"], stdout=subprocess.PIPE, text=True
    )
    try:
        pids = [int(word) for word in owner.stdout.readline().split()]
        assert len(pids) == 5
        os.kill(owner.pid, signal.SIGKILL)
        assert all(gone(pid) for pid in pids)
    finally:
        owner.kill()
        owner.communicate()
