"""Looks on while two processes take turns."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.run.interleaved.turns import TurnsPlan
from bench.run.process.executors import LocalExecutor
from bench.system.procfs import processes


def becomes(true):
    """Does it become true? A signal reaches a process a moment after it was sent, and on a busy machine a while after;
    only what never will is given up, after ten minutes."""
    for _ in range(60_000):
        if true():
            return True
        time.sleep(0.01)
    return False


def stopped(pid):
    """Have all of the process's threads been stopped?"""
    return all(_stat(task)[0] == "T" for task in Path(f"/proc/{pid}/task").iterdir())


def gone(pid):
    """Is it no more, or nothing but an entry that waits to be read?"""
    try:
        return _stat(Path(f"/proc/{pid}"))[0] == "Z"
    except OSError:
        return True


def children(pid):
    """The processes whose parent it is."""
    return [one.pid for one in processes() if one.parent == pid]


def ticks(pid):
    """Processor time that it has taken, all threads together, in clock ticks: user's and system's."""
    return _stat(Path(f"/proc/{pid}"))[11:13]


def _stat(process):
    return (process / "stat").read_text().rpartition(")")[2].split()


class Watch(LocalExecutor):
    """Starts processes by the server of `other`, and takes down whose turn it is, and whether all else is stopped then.

    `pids` are those of cells, in the order of their start; `turns` has one for every turn. `on_turn()` is called as
    a turn is given.
    """

    def __init__(self, other):
        super().__init__()
        self._other = other
        self.pids, self.turns, self.alone, self.on_turn = [], [], [], lambda: None

    def _start(self):
        self._server = self._other._server

    def fork(self, work, argument):
        child = super().fork(work, argument)
        self.pids.append(child.pid)
        child.connection = _Overheard(child.connection, partial(self._told, child.pid))
        return child

    def _told(self, pid):
        self.turns.append(pid)
        self.alone.append(becomes(partial(stopped, self.other(pid))))
        self.on_turn()

    def other(self, pid):
        """The one that `pid` takes turns with."""
        place = self.pids.index(pid)
        return self.pids[place + 1 if place % 2 == 0 else place - 1]


class _Overheard:
    def __init__(self, connection, told):
        self._connection, self._told, self._warm = connection, told, False

    def send(self, another):
        if another and self._warm:
            self._told()
        self._warm = True  # it is first told to warm up
        self._connection.send(another)

    def __getattr__(self, name):
        return getattr(self._connection, name)


@dataclass(frozen=True)
class Looking(TurnsPlan):
    """Calls `look` between turns, when both processes are stopped."""

    look: object = None

    def enough(self, a, b):
        assert len(a) == len(b)
        self.look()
        return super().enough(a, b)
