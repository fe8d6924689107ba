"""How roofs are measured: which, how large, how long. And what the process that measures them says. No TensorFlow
here: the parent reads these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.host.roofs import Name

__all__ = ["NOT_COLD", "Began", "Missing", "NoRoofError", "Probe", "RoofPlan", "Task", "Timed", "roof_plan"]

NOT_COLD = "not cold"
"""What a roof of files says of itself where the page cache had a hand in it."""


@dataclass(frozen=True)
class RoofPlan:
    """Sizes and lengths of what is measured.

    Every roof is timed in each round, once or a few times, for at least `window_seconds`, so that a machine whose speed
    wanders shows its best to all of them. Rounds end after `rounds` of them or `seconds`, and not before each roof that
    can has `fewest` windows, without which none is kept.
    """

    product_shapes: tuple[tuple[int, ...], ...]
    """Of `bench.workload.roofs.chains.Chain`: matrices [side, side], images [N, H, W, C]."""
    call_flops: float
    """About what one call of a chain of products takes: enough to hide what a call costs."""
    passes: int
    """Over the arrays in one call, when the device's memory is measured."""
    batch_size: int = 128
    array_bytes: int = 2**28
    """Each of two arrays in the device's memory, and the one that is copied there: caches hold a fraction of that."""
    jpeg_size: tuple[int, int] = (375, 500)
    """Height and width: ImageNet's most frequent."""
    file_bytes: int = 2**27
    rounds: int = 24
    seconds: float = 45.0
    """Of rounds, without what comes before them; where several processes measure, they share it."""
    preparation_seconds: float = 12.0
    """About what it takes a process until its rounds begin; what goes beyond that is taken from theirs."""
    fewest: int = 5
    window_seconds: float = 0.1
    settling_seconds: float = 0.2
    """Each is run that long before the rounds: clocks rise, libraries choose their kernels, tf.data its threads."""


def roof_plan(kind: str) -> RoofPlan:
    """What suits a `cpu` or a `gpu`: large enough to keep it busy, and no larger."""
    if kind == "gpu":
        return RoofPlan(((4096, 4096), (8192, 8192), (128, 56, 56, 256)), call_flops=2e12, passes=16)
    return RoofPlan(((1024, 1024), (2048, 2048), (32, 16, 16, 256), (128, 8, 8, 256)), call_flops=1e10, passes=1)


@dataclass(frozen=True)
class Task:
    """What one process measures: these roofs, on a device of that kind (`cpu` or `gpu`).

    `folder` is an empty one on the disk whose files are read, or why there is none.
    """

    names: tuple[Name, ...]
    kind: str
    plan: RoofPlan
    folder: Path | str


@dataclass(frozen=True)
class Began:
    """It is this roof's turn, in that round; 0 while it is being prepared."""

    name: Name
    round: int


@dataclass(frozen=True)
class Timed:
    """A window of one roof: so much `work` in so many seconds, device-synchronised at both ends.

    `of` says in words what was done; where one roof can be reached by several kinds of work, these differ in it.
    """

    name: Name
    of: str
    work: float
    seconds: float


@dataclass(frozen=True)
class Missing:
    """Why there is no such roof, or none of that kind of work (`of`; None: of any)."""

    name: Name
    reason: str
    of: str | None = None


class NoRoofError(Exception):
    """Says in words why a roof can't be measured here."""


@dataclass(frozen=True)
class Probe:
    """One kind of work, ready to be timed: `window` does some of it, and gives (work, seconds).

    `turns` are its windows in a round: what is disturbed more easily gets more of them, so that as many go well.
    """

    name: Name
    of: str
    window: Callable[[], tuple[float, float]]
    turns: int = 1
