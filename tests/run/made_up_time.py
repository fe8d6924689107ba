"""Time that passes only where it is said to: in a process that calls `begin`, steps take the same on any machine."""

import threading
import time

__all__ = ["begin", "passes"]

_READING_SECONDS = 1e-3
_LOCK = threading.Lock()
_real = time.perf_counter
_now = None


def begin():
    """From now on `time.perf_counter` goes on by a millisecond when it is read, by what `passes`, and else not."""
    global _now
    if _now is None:
        _now = _real()
        time.perf_counter = _read


def passes(seconds):
    """So much more time has passed."""
    global _now
    with _LOCK:
        _now += seconds


def _read():
    passes(_READING_SECONDS)
    return _now
