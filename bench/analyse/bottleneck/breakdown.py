"""What holds a cell's step back: shares of its time, from the loops that were run beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from bench.analyse.comparable import unfit
from bench.analyse.stats.ratio import Ratio, Refusal, ratio
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.instruments.stats import Estimate, estimate
from bench.results.record import Attribution, Record
from bench.results.window_stats import impossible

__all__ = ["Attributed", "Bound", "attribute"]

Bound = Literal["input-bound", "host-bound", "compute-bound", "balanced", "not distinguishable"]

_WORTH_A_WORD = 0.10
_CHANGED = 1.1
_MOSTLY = 0.75
_HALF = 0.5
_SLOWEST_COPY = 1e9
"""Bytes a second. PCIe 3.0 ×16 carries 16e9, a copy from pageable memory a third of that; virtual machines get less."""


@dataclass(frozen=True)
class Attributed:
    """A step's time apart. `together` is the cell as it was measured, the others its loops alone, each in seconds a
    step; `device` is None where its loop would have shown nothing, `execution` the steps an execution that it had.

    The shares are of `together`, 0..1, and add up to 1. One that isn't distinguishable from nothing is 0 there, and its
    `…_at_most` is what it could be all the same; None where the share is known, or wasn't looked for. `unexplained` is
    what `together` takes beyond the step alone and all that the pipeline could have cost it.

    `late`: the pipeline alone is clearly slower than the step alone. `in_turn`: nothing is prefetched, so that the two
    follow each other.
    """

    together: Estimate
    pipeline: Estimate
    step: Estimate
    device: Estimate | None
    execution: int
    compute_share: float
    host_share: float
    input_share: float
    unexplained_share: float
    host_at_most: float | None
    input_at_most: float | None
    unexplained_at_most: float | None
    late: bool
    in_turn: bool
    on_gpu: bool

    @property
    def verdict(self) -> Bound:
        """What to work on: the input where the pipeline is late or the wait for it the largest share (10 % at least),
        dispatch where that is the largest, the computation where it is three quarters of the step; else nothing
        alone. Not distinguishable where the loops show nothing else, and leave open whether half of the step is
        computation."""
        largest = max(self.compute_share, self.host_share, self.input_share)
        if self.input_share > 0 and (self.late or self.input_share == largest >= _WORTH_A_WORD):
            return "input-bound"
        if self.host_share == largest:
            return "host-bound"
        lost = self.host_share + self.input_share
        if lost < _WORTH_A_WORD and self.compute_at_least < _HALF:
            return "not distinguishable"
        return "compute-bound" if self.compute_share >= _MOSTLY else "balanced"

    @property
    def compute_at_least(self) -> float:
        """The share of computation if all that isn't distinguishable were there."""
        elsewhere = (self.host_at_most, self.input_at_most, self.unexplained_at_most)
        return max(0.0, self.compute_share - sum(share or 0.0 for share in elsewhere))

    @property
    def without_input_seconds(self) -> float:
        """Seconds that a step would take whose batch is there already."""
        return self.together.step_seconds * (1 - self.input_share)

    @property
    def without_host_seconds(self) -> float:
        """Seconds that a step would take that costs no dispatch."""
        return self.together.step_seconds * (1 - self.host_share)


def attribute(record: Record, spread: Spread = UNMEASURED) -> Attributed | Refusal:
    """The shares of the record's step: the computation D / B, host overhead (S − D) / B, waiting for input (B − S) / B,
    with B the cell's own seconds a step, S those of the step on a batch that lies on the device, and D those of the
    same with many steps in each execution (S where that loop is empty).

    What pipeline and step cost each other, as on a CPU whose cores they share, is in B and not in S, and so counts as
    waiting for input: as much as the pipeline takes alone, and on a GPU its copy there, at most, for no step can wait
    longer. The rest is unexplained.

    The loops run one after the other, while the machine's speed changes: what is within their intervals and `spread`,
    by which equal processes measured one after another differ, is no difference. Where a loop is slower than the cell
    by a tenth more than that, or on a CPU the cell slower than both loops one after the other (as it could have run
    them), the machine has changed, and nothing can be said.
    """
    loops = record.attribution
    if not record.ok or loops is None:
        why = unfit(record) if not record.ok else record.absent.get("attribution")
        return Refusal((why or "was measured without --attribute",))
    together, pipeline, step, device = map(estimate, (record.windows, loops.pipeline, loops.step, loops.device))
    if together is None or pipeline is None or step is None or (loops.device and device is None):
        return Refusal((unfit(record) or _short(loops),))

    def by(one: Estimate, other: Estimate) -> Ratio:
        return ratio(one, other, spread)

    for name, loop in (("pipeline", pipeline), ("step", step)):
        if by(loop, together).low > _CHANGED:
            return Refusal((f"the machine's speed changed meanwhile: its {name} alone took longer than all together",))
    on_gpu = record.device.is_gpu
    if not on_gpu and by(together, _sum(pipeline, step)).low > _CHANGED:
        why = (
            "the machine's speed changed meanwhile: all together took longer than pipeline and step one after the other"
        )
        return Refusal((why,))
    waits, dispatched = by(together, step), None if device is None else by(step, device)
    total = together.step_seconds
    without_input = computing = step.step_seconds if waits.low > 1 else total
    if device is not None and dispatched is not None and dispatched.low > 1:
        computing = min(device.step_seconds, without_input)
    in_turn = record.options.prefetch == 0
    if in_turn and by(_sum(pipeline, step), together).low > _CHANGED:
        why = "the machine's speed changed meanwhile: pipeline and step, which follow each other, took less together"
        return Refusal((why,))
    waited = (total - without_input) / total
    most = by(pipeline, together).high + _copy_seconds(record) / total
    unclear = _at_most(waits)
    return Attributed(
        together=together,
        pipeline=pipeline,
        step=step,
        device=device,
        execution=loops.execution,
        compute_share=computing / total,
        host_share=(without_input - computing) / total,
        input_share=min(waited, most),
        unexplained_share=max(0.0, waited - most),
        host_at_most=None if dispatched is None else _at_most(dispatched),
        input_at_most=None if unclear is None else min(unclear, most),
        unexplained_at_most=None if unclear is None else max(0.0, unclear - most),
        late=by(pipeline, step).low > 1,
        in_turn=in_turn,
        on_gpu=on_gpu,
    )


def _copy_seconds(record: Record) -> float:
    """Seconds that copying a batch to a GPU takes at most."""
    if not record.device.is_gpu or record.options.source == "device":
        return 0.0
    shape = record.workload.data.shape
    if shape is not None:
        pixel_bytes = {"float64": 8, "float32": 4, "uint8": 1}[record.options.pixels]
        return pixel_bytes * record.batch_size * math.prod(shape) / _SLOWEST_COPY
    own = record.data.pipeline if record.data is not None else None
    # what varies isn't known, and may be any share of the rest
    return (
        math.inf if own is None or own.element_bytes is None else own.element_bytes * record.batch_size / _SLOWEST_COPY
    )


def _at_most(more: Ratio) -> float | None:
    """The share of a time that isn't clearly `more` than another, and could be beyond it all the same."""
    return None if more.low > 1 else max(0.0, 1 - 1 / more.high)


def _sum(one: Estimate, other: Estimate) -> Estimate:
    seconds, low, high = one.step_seconds + other.step_seconds, one.low + other.low, one.high + other.high
    return Estimate(seconds, low, high, 0, 0, 0.0)


def _short(loops: Attribution) -> str:
    for name in ("pipeline", "step", "device"):
        windows = getattr(loops, name)
        if what := impossible(windows):
            return f"its {name} alone has {what}"
        if len(windows) < 2 and (windows or name != "device"):
            return f"its {name} alone has fewer than two windows"
    raise AssertionError("every loop has an estimate")
