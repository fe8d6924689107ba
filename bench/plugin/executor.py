"""The executor of one pytest session, and the environment that it works in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.errors import Fault, InputError
from bench.run.process.executors import Executor, LocalExecutor

__all__ = ["SessionExecutor"]


class SessionExecutor:
    """An executor that works in someone else's process: a local one, or with `replay` one that replays that file.

    The local executor sets environment variables for TensorFlow. They hold within `at_work` alone: the other tests of
    this process have their own.
    """

    def __init__(self, replay: Path | None, slow_down: Sequence[str]) -> None:
        before = dict(os.environ)
        self.executor = _executor(replay, slow_down)
        self._own = {name: text for name, text in os.environ.items() if before.get(name) != text}
        _restore(before)

    @contextmanager
    def at_work(self) -> Iterator[Executor]:
        """The executor, in its environment."""
        before = dict(os.environ)
        os.environ.update(self._own)
        try:
            yield self.executor
        finally:
            _restore(before)


def _executor(replay: Path | None, slow_down: Sequence[str]) -> Executor:
    if replay is not None:
        from bench.testing import ReplayExecutor

        return ReplayExecutor(replay, slow_down=dict(map(_factor, slow_down)))
    if slow_down:
        raise InputError(Fault("--bench-slow-down slows a replay down", "name a recording: --bench-replay FILE"))
    return LocalExecutor()


def _factor(pair: str) -> tuple[str, float]:
    glob, _, factor = pair.rpartition("=")
    try:
        return glob, float(factor)
    except ValueError:
        raise InputError(Fault(f"--bench-slow-down {pair}", "GLOB=FACTOR, such as '*/xla=1.05'")) from None


def _restore(environment: dict[str, str]) -> None:
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
