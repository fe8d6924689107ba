"""The fork server's own life, in processes of its own: see `bench.run.process.forkserver`.

Three generations: the owner starts a guardian, which is small and only waits; the guardian forks the server, and the
server its children. Each of them adopts the orphans among its descendants. Whichever of the three is killed, another
ends all that is left below it: the guardian where the owner or the server has gone, the server where the guardian has.
All of them sleep while a child works.

Limits: where guardian and server are killed at the same moment, the children die, but not what they had started; and
what another program starts on a child's behalf (a service manager, a container engine) is no descendant of it.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import socket
import sys
import time
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, NoReturn

from bench.run.process.descendants import adopt, die_with_parent, dying_with_parent, end_children

__all__ = ["serve"]

_GRACE_SECONDS = 5.0
"""One that has closed its connection is about to end, unless it never will."""


def serve(descriptor: int, preload: list[str]) -> NoReturn:
    """The life of the process that the owner starts: guardian to the server that it forks."""
    adopt()
    guard, link = socket.socketpair()
    guardian, server = os.getpid(), os.fork()
    if server == 0:
        guard.close()
        _serve(guardian, descriptor, link, preload)
    link.close()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # it ends with its owner, and not before
        signal.signal(number, signal.SIG_IGN)
    gone = select.poll()
    for other in (descriptor, guard.fileno()):
        gone.register(other, select.POLLRDHUP)  # their end, and not their words
    gone.poll()
    with suppress(ProcessLookupError):
        os.kill(server, signal.SIGKILL)  # nothing where it has ended by itself
    _, status = os.waitpid(server, 0)
    end_children()
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def _serve(guardian: int, descriptor: int, link: socket.socket, preload: list[str]) -> NoReturn:
    status = 1
    try:
        os.setsid()
        adopt()
        with dying_with_parent(guardian):  # while it can't hear of anything
            for module in preload:
                __import__(module)
        _answer(descriptor, link)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        _exit(status)


def _answer(descriptor: int, link: socket.socket) -> None:
    """Do as the owner says, until it or the guardian has gone; and end who is left."""
    control = socket.socket(fileno=descriptor)
    connection = Connection(os.dup(descriptor))
    server = _Server()
    try:
        while link not in wait([connection, link]):
            verb, value = connection.recv()
            if verb == "fork":
                connection.send("ready")
                _, (handed, *_), _, _ = socket.recv_fds(control, 1, 1)
                answer: int | None = server.fork(value, handed, (connection, control, link))
                os.close(handed)
            else:
                answer = server.wait(value) if verb == "wait" else server.end(value)
            connection.send(answer)
    except (EOFError, OSError):
        pass
    end_children()


class _Server:
    def __init__(self) -> None:
        self._live: set[int] = set()
        self._given_up: frozenset[int] = frozenset()

    def fork(self, pickled: bytes, handed: int, own: tuple[Any, ...]) -> int:
        """Start a child; `own` is what it mustn't keep open."""
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            for one in own:
                one.close()
            _child(handed, pickled, parent)
        self._live.add(pid)
        return pid

    def wait(self, pid: int) -> int | None:
        """Its exit status, once it has ended by itself; None where it doesn't."""
        deadline = time.monotonic() + _GRACE_SECONDS
        while time.monotonic() < deadline:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return self._over(pid, status)
            time.sleep(0.01)
        return None

    def end(self, pid: int) -> int:
        """Kill it, with its group, and give its exit status."""
        # it leads no group before its first instructions: then it is ended alone
        for kill in (os.killpg, os.kill):
            with suppress(ProcessLookupError, PermissionError):
                kill(pid, signal.SIGKILL)
        return self._over(pid, os.waitpid(pid, 0)[1])

    def _over(self, pid: int, status: int) -> int:
        # those that still live adopt what they start: what we have adopted is of those that have ended
        self._live.discard(pid)
        self._given_up |= end_children(self._live | self._given_up)
        return os.waitstatus_to_exitcode(status)


def _child(descriptor: int, pickled: bytes, server: int) -> NoReturn:
    status = 1
    try:
        # a session of its own: Ctrl-C reaches the owner alone, which then ends the whole group
        os.setsid()
        adopt()
        # one that is stopped between turns can't see its owner go, and would stay for ever
        die_with_parent(server)
        work, argument = pickle.loads(pickled)  # noqa: S301 - from our owner
        work(Connection(descriptor), argument)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        _exit(status)


def _exit(status: int) -> NoReturn:
    """Never in an orderly way: that would wait for tf.data's autotuning threads, up to as long as the cell ran."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
