"""What Ray runs on a node: it starts the node's process and relays words, and does nothing else.

Imports nothing of bench but what it needs for that: it lives in Ray's worker, beside a node's cells.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

from bench.run.cluster.process_setting import environment_of_node

__all__ = ["NodeActor"]

_LONGEST_SECONDS = 20.0
_MOST_WORDS = 64
_LOOK_SECONDS = 1.0
_GRACE_SECONDS = 15.0
"""The node's process has so long to end by itself: its fork server has to end cells."""


class NodeActor:
    """Starts the node's process: see `bench.run.cluster.node`. Ray calls it from several threads."""

    def __init__(self, assigned_gpus: bool) -> None:
        self._raylet = os.getppid()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the actor
        ours, theirs = socket.socketpair()
        code = "import sys; from bench.run.cluster.node import main; main(*map(int, sys.argv[1:]))"
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", code, str(theirs.fileno()), str(os.getpid()), str(self._raylet)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                env=environment_of_node(self._raylet, os.environ, assigned_gpus),
                start_new_session=True,
            )
        self._connection = Connection(ours.detach())
        threading.Thread(target=self._watch_raylet, daemon=True).start()

    def send(self, word: bytes) -> bool:
        """Hand a word to the node's process; False where it has ended."""
        try:
            self._connection.send_bytes(word)
        except OSError:
            return False
        return True

    def take(self) -> tuple[Sequence[bytes], str | None]:
        """Its next words, once there are some or some seconds have passed, and how it ended, if it has."""
        words: list[bytes] = []
        try:
            waiting = _LONGEST_SECONDS
            while len(words) < _MOST_WORDS and self._connection.poll(waiting):
                words.append(self._connection.recv_bytes())
                waiting = 0.0
        except (EOFError, OSError):
            return words, self._end()
        return words, None

    def interrupt(self) -> None:
        """Let it end as on Ctrl-C: what was measured is sent yet."""
        self._process.send_signal(2)

    def stop(self) -> None:
        """End it, with all that it started."""
        self._connection.close()
        self._end()

    def _end(self) -> str:
        try:
            status = self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return f"exit status {status}" + (f": {lines[-1]}" if lines else "")

    def _watch_raylet(self) -> None:
        """Ray's worker outlives a raylet that is killed, and would keep the node's processors and card busy."""
        while os.getppid() == self._raylet:
            time.sleep(_LOOK_SECONDS)
        self._process.kill()
        os._exit(1)
