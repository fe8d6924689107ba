"""A target fed with damaged files, one after another: no exception, and no memory that isn't given back."""

from __future__ import annotations

import faulthandler
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HANG_SECONDS = 2.0
"""Of a processor: what the scripts let one question to damaged files take. Tests have no such limit."""
MOST_BYTES = 500 * 2**20
"""What a campaign may add to the memory that its process has with all that it imports."""

_STUCK_SECONDS = 300


def campaign(name: str, target: Callable[[random.Random, int], str], count: int, seed: int = 0) -> Counter[str]:
    """Call `target` with a random generator of its own for each number below `count`; gives how often each of its
    answers came. Raises AssertionError, with the seed and the number that show it again, for whatever goes wrong."""
    answers: Counter[str] = Counter()
    slowest, before = 0.0, _peak_bytes()
    for number in range(count):
        began = time.process_time()
        try:
            answers[target(random.Random(f"{seed}/{number}"), number)] += 1
        except BaseException as error:
            raise AssertionError(f"{name}, seed {seed}, number {number}: {type(error).__name__}: {error}") from error
        slowest = max(slowest, time.process_time() - began)
    grown = _peak_bytes() - before
    assert grown < MOST_BYTES, f"{name}: {grown / 2**20:.0f} MiB more"
    sys.stderr.write(
        f"{name}: damaged {count:,} times, {dict(answers)}; slowest {slowest:.2f} s, {grown / 2**20:.0f} MiB more than "
        f"the {before / 2**20:.0f} MiB before\n"
    )
    return answers


@contextmanager
def within(limit: float | None) -> Iterator[None]:
    """A block that may take `limit` seconds of a processor; None: as long as it likes.

    Raises AssertionError where it takes more, and ends the process where it never comes to an end.
    """
    if limit is None:
        yield
        return
    faulthandler.dump_traceback_later(_STUCK_SECONDS, exit=True)
    began = time.process_time()
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
    took = time.process_time() - began
    assert took < limit, f"it took {took:.1f} s"


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
