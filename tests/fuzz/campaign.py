"""A target fed with damaged files, one after another: no exception, no hang, no memory that isn't given back."""

from __future__ import annotations

import faulthandler
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable

HANG_SECONDS = 2.0
"""Of a processor: what one damaged file may take at most, however busy the machine is."""
MOST_BYTES = 500 * 2**20
"""What a campaign may add to the memory that its process has with all that it imports."""


def campaign(
    name: str, target: Callable[[random.Random, int], str], count: int, seed: int = 0, questions: int = 1
) -> Counter[str]:
    """Call `target` with a random generator of its own for each number below `count`; gives how often each of its
    answers came. It asks up to so many `questions` of each file. Raises AssertionError, with the seed and the number
    that show it again, for whatever goes wrong."""
    answers: Counter[str] = Counter()
    slowest, before = 0.0, _peak_bytes()
    for number in range(count):
        began = time.process_time()
        faulthandler.dump_traceback_later(300, exit=True)
        try:
            answers[target(random.Random(f"{seed}/{number}"), number)] += 1
        except BaseException as error:
            raise AssertionError(f"{name}, seed {seed}, number {number}: {type(error).__name__}: {error}") from error
        finally:
            faulthandler.cancel_dump_traceback_later()
        took = time.process_time() - began
        slowest = max(slowest, took)
        assert took < HANG_SECONDS * questions, f"{name}, seed {seed}, number {number}: {took:.1f} s"
    grown = _peak_bytes() - before
    assert grown < MOST_BYTES, f"{name}: {grown / 2**20:.0f} MiB more"
    sys.stderr.write(
        f"{name}: {count:,} damaged files, {dict(answers)}; slowest {slowest:.2f} s, {grown / 2**20:.0f} MiB more than "
        f"the {before / 2**20:.0f} MiB before\n"
    )
    return answers


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
