"""Times shorter than the card's own datasheet allows."""

from __future__ import annotations

from bench.analyse.efficiency import FLOPS_A_MAC
from bench.host.datasheets import datasheet_of
from bench.host.peaks import counted_type
from bench.results.record import Record
from bench.results.window_stats import mean_step_seconds

__all__ = ["beyond_datasheet"]

_OF_FLOAT32 = 2.0
"""Convolutions of 3×3 kernels by Winograd's algorithm multiply 2.25 times less often than they are counted for (Lavin &
Gray 2016, arXiv:1509.09308): the step of a whole network gains less."""
_OF_OTHERS = 1.25
"""No network fills tensor cores; but makers of cards set higher clocks than the datasheet's."""


def beyond_datasheet(record: Record) -> str | None:
    """By how much the step's arithmetic in its time would exceed the datasheet of its card, and what that means; None
    where it doesn't, or can't be determined."""
    macs = record.values.get("training_macs_per_image")
    sheet = datasheet_of(record.device.gpu_name) if record.device.is_gpu and record.device.gpu_name else None
    if sheet is None or not macs or not (seconds := mean_step_seconds(record.timed)):
        return None
    devices = record.options.devices
    data_type = counted_type(record.device, record.options, record.environment)
    peak: float | None = getattr(sheet, data_type)
    times = None if peak is None else FLOPS_A_MAC * macs * record.global_batch_size / seconds / (peak * 1e12 * devices)
    if times is None or times <= (_OF_FLOAT32 if data_type == "float32" else _OF_OTHERS):
        return None
    return (
        f"its step would run at {times:.1f} times the {data_type} peak of a {sheet.card} ({sheet.source}): it was "
        "measured on another card, or without waiting for the device, or its file was edited"
    )
