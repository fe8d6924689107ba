"""What browsers are told: the page's blocks of JSON as they are by now, each with the version that it came with."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

__all__ = ["Event", "Feed"]


@dataclass(frozen=True)
class Event:
    """All that came after some version: `data` is one line of JSON. After the `last` there are no more."""

    version: int
    data: bytes
    last: bool


class Feed:
    """Blocks and the run's state; whoever publishes never waits for anyone who listens.

    Each block is kept once, as JSON. A listener asks for what came after the version that it has, so that one that is
    slow, or was away, misses nothing and gets nothing twice.

    >>> feed = Feed()
    >>> feed.publish({"lead": "1 of 2 cells"}, {"page": [1], "shared": [2]})
    >>> feed.publish({"lead": "2 of 2 cells"}, {"page": [1, 3], "shared": [2]})
    >>> feed.since(1).data
    b'{"version":2,"state":{"lead":"2 of 2 cells"},"blocks":{"page":[1,3]}}'
    >>> feed.since(2) is None
    True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = 0
        self._state = b"null"
        self._blocks: dict[str, tuple[int, bytes]] = {}
        self._last = False
        self._wakers: set[socket.socket] = set()

    def publish(self, state: Mapping[str, Any], blocks: Mapping[str, Any] | None = None, *, last: bool = False) -> None:
        """Another state; blocks where they may have changed."""
        told = to_json(state, inf_nan_mode="null")
        made = {name: to_json(block, inf_nan_mode="null") for name, block in (blocks or {}).items()}
        with self._lock:
            self._version += 1
            self._state, self._last = told, self._last or last
            for name, block in made.items():
                if name not in self._blocks or self._blocks[name][1] != block:
                    self._blocks[name] = (self._version, block)
            for waker in self._wakers:
                with suppress(OSError):  # full: it hasn't even seen the last one
                    waker.send(b".")

    def since(self, version: int) -> Event | None:
        """What came after that version, which is 0 for one who has nothing; None: nothing did."""
        with self._lock:
            if version == self._version:
                return None
            # a version that isn't one of ours, from a page that was open before: all of it
            known = version if 0 < version < self._version else 0
            blocks = [(name, block) for name, (changed, block) in self._blocks.items() if changed > known]
            version, state, last = self._version, self._state, self._last
        told = b",".join(to_json(name) + b":" + block for name, block in blocks)
        return Event(version, b'{"version":%d,"state":%b,"blocks":{%b}}' % (version, state, told), last)

    @contextmanager
    def listening(self) -> Iterator[socket.socket]:
        """A socket that becomes readable as something is published."""
        waker, woken = socket.socketpair()
        with waker, woken:
            for one in (waker, woken):
                one.setblocking(False)
            with self._lock:
                self._wakers.add(waker)
            try:
                yield woken
            finally:
                with self._lock:
                    self._wakers.discard(waker)
