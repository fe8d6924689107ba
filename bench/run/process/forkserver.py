"""A process that has imported TensorFlow, touched no device, and forks on request: its owner's side.

Not `multiprocessing`'s: that runs the caller's main module anew in every child (a user's script, all of pytest), prints
what TensorFlow says while it is imported, and doesn't end what its children have started.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Self

from bench.run.process.huge_pages import with_huge_pages
from bench.run.process.scratch import scratch_folder

__all__ = ["Child", "ForkServer", "ServerError", "Work"]

Work = Callable[[Connection, Any], None]

_PATIENCE_SECONDS = 20.0
"""So long the server has to end all that it had started, before it is left to itself."""


class ServerError(Exception):
    """The server died or couldn't import. Says how it was killed, or the end of what it printed; `status` is that of a
    process, -N where signal N killed it, None where it isn't known."""

    def __init__(self, said: str, status: int | None = None) -> None:
        super().__init__(said)
        self.status = status


class Child:
    """A process forked by the server: `pid` leads a session of its own; `connection` reaches its work.

    `hear` is the way to listen to it: it also knows of an end that the connection doesn't tell of.
    """

    def __init__(self, server: ForkServer, pid: int, connection: Connection) -> None:
        self.pid, self.connection, self._server = pid, connection, server
        self.orphaned: ServerError | None = None
        """How its server died, and it with that; None where that isn't known."""
        self._status: int | None = None
        self._ended = False
        try:
            self._process: int | None = os.pidfd_open(pid)
        except OSError:  # an old kernel, or a container's rules: then the connection alone tells
            self._process = None

    def hear(self, seconds: float | None = None) -> Any:
        """Its next word. Raises TimeoutError after so many seconds without any, and EOFError where none will come: it
        has ended, closed its connection, or sent what is no word."""
        ready = wait([self.connection, *([] if self._process is None else [self._process])], seconds)
        if not ready:
            raise TimeoutError(f"no sign of life for {seconds:g} s")
        # one that has ended may have had its last words; one that it forked may keep the connection open after that
        if self.connection not in ready and not self.connection.poll():
            raise EOFError
        try:
            return self.connection.recv()
        except Exception as error:
            raise EOFError from error

    def wait(self) -> int | None:
        """Wait until it has ended, which it is about to; gives its exit status, or -N where signal N killed it.

        None where it went on without a connection, and had to be ended. Raises ServerError where the server has died,
        and this process with it.
        """
        if self.orphaned:
            raise self.orphaned
        if not self._ended:
            self._ended = True
            try:
                self._status = self._server.ask("wait", self.pid)
                if self._status is None:
                    status = self._server.ask("end", self.pid)
                    self._status = None if status == -signal.SIGKILL else status
            except ServerError as error:
                self.orphaned = error
                raise
        return self._status

    def end(self) -> None:
        """End it, with all that it started, where it hasn't ended yet. What it held, on a GPU too, is free then."""
        self.connection.close()
        if self._process is not None:
            os.close(self._process)
            self._process = None
        if not self._ended:
            self._ended = True
            with suppress(ServerError):
                self._server.ask("end", self.pid)


class ForkServer:
    """The server's owner. It starts at once, in the background; the first `fork` waits until its imports are done.

    `preload` are modules that it imports; `environment` is set before Python starts. The server, and every child with
    all that it started, ends when this process does; what they leave in their TMPDIR is removed with the server.

    >>> with ForkServer(["bench.run.cell.measure"]) as server:
    ...     child = server.fork(work, argument)  # runs work(connection, argument) in the child
    ...     answer = child.hear()
    ...     status = child.wait()
    """

    def __init__(self, preload: list[str], environment: Mapping[str, str] | None = None) -> None:
        with ExitStack() as stack:
            scratch = stack.enter_context(scratch_folder())
            self._said = stack.enter_context(tempfile.TemporaryFile())
            self._control, theirs = socket.socketpair()
            self._connection = Connection(os.dup(self._control.fileno()))
            stack.callback(self._hang_up)
            code = "import sys; from bench.run.process.server import serve; serve(int(sys.argv[1]), sys.argv[2:])"
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-c", code, str(theirs.fileno()), *preload],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=self._said,
                    stderr=self._said,
                    env={
                        **os.environ,
                        "TMPDIR": str(scratch),
                        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                        **(environment or {}),
                        **with_huge_pages({**os.environ, **(environment or {})}),
                    },
                    start_new_session=True,
                )
            stack.callback(self._end)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def _end(self) -> None:
        self._hang_up()
        try:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()

    def _hang_up(self) -> None:
        self._connection.close()
        self._control.close()

    def fork(self, work: Work, argument: Any) -> Child:
        """Run `work(connection, argument)` in a new child. Both must be picklable by name."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.ask("fork", pickle.dumps((work, argument)))
            pid = self._exchange(lambda: socket.send_fds(self._control, [b"f"], [theirs.fileno()]))
            return Child(self, pid, Connection(ours.detach()))

    def ask(self, verb: str, value: object) -> Any:
        """Send a command and wait for its answer. Raises ServerError."""
        return self._exchange(lambda: self._connection.send((verb, value)))

    def _exchange(self, say: Callable[[], object]) -> Any:
        try:
            say()
            return self._connection.recv()
        except (EOFError, OSError) as error:
            raise self._death() from error
        except BaseException:  # Ctrl-C: an answer that nobody waited for would be taken for the next one
            self._hang_up()
            raise

    def _death(self) -> ServerError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE_SECONDS)
        status = self._process.returncode
        if status is not None and status > 128:  # the server's end, as its guardian tells it
            status = 128 - status
        if status is not None and status < 0:
            return ServerError(f"it was killed by {_signal_name(-status)}", status)
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return ServerError(lines[-1] if lines else f"it ended with status {status} and said nothing", status)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
