"""Peak memory: what the process held in RAM, and what the framework's allocator handed out on the GPU."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["AllocatorPeak", "peak_resident_bytes"]


def peak_resident_bytes() -> tuple[int | None, str | None]:
    """Peak resident set of this process in bytes, or None and why there is no figure.

    Linux's VmHWM, and not getrusage's ru_maxrss: that is inherited across exec, so that a small child of a large
    parent reports the parent's.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError as error:
        return None, f"/proc/self/status can't be read: {error.strerror}"
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024, None
    return None, "this kernel keeps no VmHWM"


class AllocatorPeak:
    """The GPU allocator's peak over the windows. Costs two calls outside them, nothing within.

    `reset` starts the framework's peak anew; `read` gives bytes, or None and why.
    """

    def __init__(self, reset: Callable[[], None], read: Callable[[], tuple[int | None, str | None]]) -> None:
        self._reset, self._read = reset, read
        self.peak_bytes: int | None = None
        self.reason: str | None = "the windows were never reached"

    def __enter__(self) -> Self:
        self._reset()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.peak_bytes, self.reason = self._read()
