"""A process that the tests fork is as one that is started."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests import warm

SEEN = """
import json, os, signal, sys
from pathlib import Path
links = [Path(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
files = {link.name: os.readlink(link) for link in links if link.is_symlink()}
print(json.dumps({
    "arguments": sys.argv,
    "input": sys.stdin.read(),
    "folder": os.getcwd(),
    "path": sys.path[0],
    "variables": sorted(os.environ.items()),
    "parent": os.getppid(),
    "group": os.getpgrp(),
    "signals": [str(signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGTERM)],
    "files": sorted(int(number) for number, name in files.items() if name != os.devnull),
    "streams": [(one.encoding, one.errors, one.line_buffering) for one in (sys.stdin, sys.stdout, sys.stderr)],
    "main": [__name__, sys.modules["__main__"].__dict__ is globals()],
}))
"""


def both(words, **options):
    """What a started process and a forked one gave."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.PIPE, "text": True} | options
    options["env"] = dict(os.environ)  # libraries of this process may have changed what it hands on beside that
    command, gave = [sys.executable, *words], []
    for popen in (subprocess.Popen, warm.plain.Popen):
        with popen(command, **options) as process:
            gave.append((*process.communicate("read\n"), process.returncode))
    return gave


@pytest.mark.parametrize("group", [False, True])
def test_it_sees_the_same(tmp_path, monkeypatch, group):
    monkeypatch.setenv("GIVEN", "to both")
    started, forked = both(["-c", SEEN, "one", "two words"], cwd=tmp_path, start_new_session=group)
    (before, _, _), (after, _, _) = started, forked
    before, after = json.loads(before), json.loads(after)
    assert after["parent"] == before["parent"] == os.getpid()
    assert after["input"] == "read\n"
    assert (after.pop("group") == os.getpgrp()) is (before.pop("group") == os.getpgrp()) is not group
    assert after == before


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("print('done')", 0),
        ("import sys; print('all', end=''); sys.exit(3)", 3),
        ("import sys; sys.exit('no more')", 1),
        ("import os; os._exit(7)", 7),
        ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL),
        ("print('as far as this'); raise KeyboardInterrupt", -signal.SIGINT),
        ("import atexit; atexit.register(print, 'last'); import threading; threading.Thread(target=print).start()", 0),
    ],
)
def test_it_ends_the_same(code, status):
    started, forked = both(["-c", code])
    assert forked[2] == started[2] == status
    assert forked[0] == started[0]
    assert forked[1].splitlines()[-1:] == started[1].splitlines()[-1:]


def test_an_error_that_nobody_caught_is_told():
    started, forked = both(["-c", "1 / 0"])
    assert (forked[2], forked[1].splitlines()[-1]) == (1, "ZeroDivisionError: division by zero")
    assert started[1].splitlines()[-1] == forked[1].splitlines()[-1]


def test_a_command_says_the_same(tmp_path):
    for words in (["--version"], ["hosts", "--json", "--root", str(tmp_path)], ["walk"]):
        started, forked = both(["-m", "bench", *words])
        assert forked == started


def test_what_python_reads_as_it_starts_has_it_started(monkeypatch):
    for name, value in (("PYTHONPATH", "/some/where"), ("LD_LIBRARY_PATH", "/some/where"), ("TF_ANYTHING", "1")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            with warm.plain.Popen([sys.executable, "-c", "pass"]) as process:
                assert type(process) is subprocess.Popen
    with warm.plain.Popen([sys.executable, "-c", "pass"]) as process:
        assert type(process) is not subprocess.Popen
