"""A process that has imported TensorFlow, touched no device, and forks on request.

Not `multiprocessing`'s: that runs the caller's main module anew in every child (a user's script, all of pytest), prints
what TensorFlow says while it is imported, and offers no process group to end.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

__all__ = ["Child", "ForkServer", "ServerError", "Work", "serve"]

_PR_SET_PDEATHSIG = 1  # linux/prctl.h

Work = Callable[[Connection, Any], None]


class ServerError(Exception):
    """The server died or couldn't import; carries the end of what it printed."""


class Child:
    """A process forked by the server: `pid` leads a process group of its own; `connection` reaches its work."""

    def __init__(self, server: ForkServer, pid: int, connection: Connection) -> None:
        self.pid, self.connection, self._server = pid, connection, server
        self._status: int | None = None

    def wait(self) -> int:
        """Wait until it has ended; gives its exit status, or -N where signal N killed it."""
        if self._status is None:
            self._status = int(self._server.ask("wait", self.pid))
        return self._status

    def end(self) -> None:
        """End it, with all that it started, where it hasn't ended yet. What it held, on a GPU too, is free then."""
        self.connection.close()
        if self._status is not None:
            return
        _end(self.pid)
        with suppress(ServerError):
            self.wait()


class ForkServer:
    """The server's owner. It starts at once, in the background; the first `fork` waits until its imports are done.

    `preload` are modules that it imports; `environment` is set before Python starts. The server, and every child with
    it, ends when this process does.

    >>> with ForkServer(["bench.run.cell"]) as server:
    ...     child = server.fork(work, argument)  # runs work(connection, argument) in the child
    ...     answer = child.connection.recv()
    ...     status = child.wait()
    """

    def __init__(self, preload: list[str], environment: Mapping[str, str] | None = None) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - as long-lived as the server
        self._control, theirs = socket.socketpair()
        code = "import sys; from bench.run.forkserver import serve; serve(int(sys.argv[1]), sys.argv[2:])"
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", code, str(theirs.fileno()), *preload],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._said,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **(environment or {})},
            start_new_session=True,
        )
        theirs.close()
        self._connection = Connection(os.dup(self._control.fileno()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._said.close()

    def fork(self, work: Work, argument: Any) -> Child:
        """Run `work(connection, argument)` in a new child. Both must be picklable by name."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.ask("fork", pickle.dumps((work, argument)))
            try:
                socket.send_fds(self._control, [b"f"], [theirs.fileno()])
                pid = self._connection.recv()
            except (EOFError, OSError) as error:
                raise ServerError(self._last_words()) from error
            return Child(self, pid, Connection(ours.detach()))

    def ask(self, verb: str, value: object) -> Any:
        """Send a command and wait for its answer."""
        try:
            self._connection.send((verb, value))
            return self._connection.recv()
        except (EOFError, OSError) as error:
            raise ServerError(self._last_words()) from error

    def _last_words(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"it ended with status {self._process.returncode} and said nothing"


def serve(descriptor: int, preload: list[str]) -> None:
    """The server's own life: import, then answer `fork` and `wait` until the owner is gone, and end who is left."""
    for module in preload:
        __import__(module)
    control = socket.socket(fileno=descriptor)
    connection = Connection(os.dup(descriptor))
    own = os.getpid()
    live: set[int] = set()
    while True:
        try:
            verb, value = connection.recv()
        except (EOFError, ConnectionResetError):
            for pid in live:
                _end(pid)
            return
        if verb == "wait":
            _, status = os.waitpid(value, 0)
            live.discard(value)
            connection.send(os.waitstatus_to_exitcode(status))
            continue
        connection.send("ready")
        _, (handed, *_), _, _ = socket.recv_fds(control, 1, 1)
        pid = os.fork()
        if pid == 0:
            connection.close()
            control.close()
            _child(handed, value, own)
        os.close(handed)
        live.add(pid)
        connection.send(pid)


def _end(pid: int) -> None:
    """End a process that hasn't been waited for, with its group."""
    # it leads no group before its first instructions: then it is ended alone
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _child(descriptor: int, pickled: bytes, server: int) -> None:
    status = 1
    try:
        # a session of its own: Ctrl-C reaches the owner alone, which then ends the whole group
        os.setsid()
        # one that is stopped between turns can't see its owner go, and would stay for ever
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:  # it died before it could be heard of
            os._exit(status)
        work, argument = pickle.loads(pickled)  # noqa: S301 - from our owner
        work(Connection(descriptor), argument)
        status = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # never an orderly end: it would wait for tf.data's autotuning threads, up to as long as the cell ran
        os._exit(status)
