"""The one option to try next, and what it should bring."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.analyse.bottleneck.breakdown import Attributed
from bench.analyse.options.applicable import not_applicable
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.ratio import Ratio
from bench.host.hardware import Hardware
from bench.results.query import when
from bench.results.record import Record

__all__ = ["Advice", "advice"]

_LEAST_GAIN = 1.02
_LEAST_SHARE = 0.05
_FITS = 0.5
_PIXEL_BYTES = {"float64": 8, "float32": 4, "uint8": 1}


@dataclass(frozen=True)
class Advice:
    """An option to set, as a suite has it, and how many times as fast the step should then be.

    `gain` follows from the loops, and is the most that the option can bring, or was `measured` elsewhere; `source` says
    where. None where neither tells.
    """

    option: str
    value: str
    gain: float | None
    source: str
    measured: bool = False

    def __str__(self) -> str:
        if self.gain is None:
            return f"next, try {self.option}: {self.value} (its gain is not known: measure it with bench ab)"
        most = "" if self.measured else " at most"
        return f"next, try {self.option}: {self.value} ({self.gain:.2f} times as fast{most}, {self.source})"


def advice(
    record: Record,
    found: Attributed,
    hardware: Hardware | None,
    others: Sequence[Record] = (),
    standings: Standings | None = None,
) -> Advice | None:
    """What to try next on the `hardware` (None: not known) that `record` was measured on; None where there is nothing
    left that its loops would show.

    First against what holds the step back, then against the other shares, the largest first. What an option takes off
    input or dispatch follows from the loops. What precision and XLA bring doesn't: it is taken from `others`, the
    newest records, where two of the same host and network differ in nothing else, and an option that brought nothing
    there isn't advised; `standings` are theirs.
    """
    standings = standings or Standings(others, {})
    against: dict[str, Callable[[], Iterator[Advice]]] = {
        "input": lambda: _input(record, found, hardware),
        "host": lambda: _host(record, found),
        "compute": lambda: _compute(record, hardware, others, standings),
    }
    for part in _order(found):
        for one in against[part]():
            if not_applicable(one.option, record.data, batch_map=record.options.batch_map is not None):
                continue
            if one.gain is None or one.gain >= _LEAST_GAIN:
                return one
    return None


def _order(found: Attributed) -> list[str]:
    shares = {"input": found.input_share, "host": found.host_share, "compute": found.compute_share}
    if found.verdict == "input-bound" and found.late and not found.in_turn:
        return ["input"]  # the step waits anyhow: what makes it shorter makes it wait longer
    if found.verdict == "not distinguishable":
        return []
    parts = sorted((part for part in shares if shares[part] >= _LEAST_SHARE), key=lambda part: -shares[part])
    first = found.verdict.removesuffix("-bound")
    if found.verdict == "balanced":
        parts.sort(key=lambda part: part == "compute")  # what is lost beside it is easier to be had
    return sorted(parts, key=lambda part: part != first)


def _input(record: Record, found: Attributed, hardware: Hardware | None) -> Iterator[Advice]:
    options, total = record.options, found.together.step_seconds
    if found.in_turn:
        slower = max(found.pipeline.step_seconds, found.without_input_seconds)
        shared = "" if found.on_gpu else " and less where both want the processor's cores"
        yield Advice("prefetch", "autotune", total / slower, f"as the slower of the two takes alone{shared}")
    gain, source = total / found.without_input_seconds, "as the step alone takes"
    own = record.data.pipeline if record.data is not None else None
    per_batch = (
        options.batch_map is not None or options.augment == "pipeline" or (own is not None and "map" in own.seams)
    )
    if options.source != "device" and not per_batch and _fits(record, _device_bytes(hardware)):
        yield Advice("source", "device", gain, source)
    if options.map != "autotune" and (per_batch or options.map != "none"):
        yield Advice("map", "autotune", gain, source)
    decodes = options.source == "tfrecord" or options.map != "none" or own is not None
    if options.cache == "none" and decodes and _fits(record, hardware.memory_bytes if hardware else None):
        yield Advice("cache", "memory", gain, source)
    if options.pixels != "uint8" and options.batch_map is None and options.source != "device":
        yield Advice("pixels", "uint8", gain, source)


def _host(record: Record, found: Attributed) -> Iterator[Advice]:
    if found.execution > record.options.steps_per_execution:
        gain = found.together.step_seconds / found.without_host_seconds
        yield Advice("steps_per_execution", str(found.execution), gain, "as so many steps an execution took alone")


def _compute(
    record: Record, hardware: Hardware | None, others: Sequence[Record], standings: Standings
) -> Iterator[Advice]:
    gpu = record.device.is_gpu
    if record.options.precision == "float32":
        able = hardware is not None and (hardware.supports_bfloat16 or hardware.supports_float16)
        yield from _brought(record, "precision", ("mixed_bfloat16", "mixed_float16"), "auto", able, others, standings)
    if record.options.xla is False and gpu:
        yield from _brought(record, "xla", (True,), "on", True, others, standings)


def _brought(
    record: Record,
    option: str,
    wanted: tuple[Any, ...],
    value: str,
    able: bool,
    others: Sequence[Record],
    standings: Standings,
) -> Iterator[Advice]:
    """What `option` brought this network on this host: where this very cell was its other side, else where it was
    measured last. Not known where it never was and the device is `able`."""
    ratios = ((on, standings.of(on, off).ratio) for on, off in _pairs(record, option, wanted, others))
    on, ratio = next(((on, ratio) for on, ratio in ratios if isinstance(ratio, Ratio)), (None, None))
    if on is not None and ratio is not None and ratio.verdict == "faster":
        yield Advice(option, value, ratio.value, f"as it was in {on.cell}", measured=True)
    elif ratio is None and able:
        yield Advice(option, value, None, "no record tells")


def _pairs(
    record: Record, option: str, wanted: tuple[Any, ...], others: Iterable[Record]
) -> Iterator[tuple[Record, Record]]:
    """Records with `option` on and off that differ in nothing else: those beside `record` itself first, then the
    newest."""
    alike = [one for one in others if one.ok and one.counts and _same_network(one, record)]
    offs = {_rest(one, option): one for one in (*sorted(alike, key=when), record) if _value(one, option) not in wanted}
    ons = [one for one in alike if _value(one, option) in wanted and _rest(one, option) in offs]
    own = _rest(record, option)
    for on in sorted(ons, key=lambda one: (_rest(one, option) == own, when(one)), reverse=True):
        yield on, offs[_rest(on, option)]


def _same_network(one: Record, other: Record) -> bool:
    return one.host == other.host and all(
        getattr(one.workload, name) == getattr(other.workload, name)
        for name in ("model", "batch_size", "data", "software")
    )


def _value(record: Record, option: str) -> Any:
    return record.options.plain.get(option)


def _rest(record: Record, option: str) -> str:
    return repr(sorted((name, repr(value)) for name, value in record.options.plain.items() if name != option))


def _fits(record: Record, memory_bytes: int | None) -> bool:
    """Do the training images take no more than half of that memory, in the variant's pixels?"""
    data = record.data
    if memory_bytes is None or data is None or data.train_images is None:
        return False
    size = data.images(record.options.image_size)
    own = data.pipeline.element_bytes if data.pipeline is not None else None
    each = own if size is None else math.prod(size) * _PIXEL_BYTES.get(record.options.pixels, 8)
    return each is not None and data.train_images * each <= _FITS * memory_bytes


def _device_bytes(hardware: Hardware | None) -> int | None:
    """What holds images for `source: device`: the GPU's memory, or main memory where there is none."""
    if hardware is None:
        return None
    return hardware.gpu_memory_bytes if hardware.kind == "gpu" else hardware.memory_bytes
