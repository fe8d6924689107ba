"""Work on many files, in as many processes as there are processors."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

__all__ = ["KilledError", "side_by_side"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_WORK: list[Callable[[Any], Any]] = []
"""Of a forked process."""
_AHEAD = 2
"""Results a process that may wait for whoever takes them."""


class KilledError(OSError):
    """A process that had a part of the work was killed."""


def side_by_side(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """What `work` gives for each of the items, in their order. Items and results travel between processes.

    Raises what it raises, and `KilledError`. Where it can't be split, it is done in this process: on one processor, for
    one item, and where forking is no way to begin, which other threads (a notebook's) and TensorFlow don't survive.
    """
    waiting = iter(items)
    first = list(islice(waiting, 2))
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    if workers < 2 or len(first) < 2 or not _may_fork():
        yield from map(work, first)
        yield from map(work, waiting)
        return
    # what forked processes begin with needs no pickling
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), initializer=_begin, initargs=(work,))
    try:
        under_way: deque[Future[Result]] = deque()
        with _no_warning_of_threads():
            under_way.extend(pool.submit(_do, item) for item in first)
        for item in waiting:
            under_way.append(pool.submit(_do, item))
            if len(under_way) >= _AHEAD * workers:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool as error:
        raise KilledError("a process that had a part of the work was killed, perhaps for want of memory") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _may_fork() -> bool:
    return threading.active_count() == 1 and "tensorflow" not in sys.modules


def _begin(work: Callable[[Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    _WORK[:] = [work]


def _do(item: Any) -> Any:
    return _WORK[0](item)


@contextmanager
def _no_warning_of_threads() -> Iterator[None]:
    """Python 3.12 warns of forking beside any thread; numpy's BLAS has some, and knows how to be forked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield
