"""What several devices made of a step, as metrics."""

from __future__ import annotations

from collections.abc import Callable

from bench.results.metric_kinds import count_metric, lower_share_metric
from bench.results.record import Record
from bench.results.replication import Replication
from bench.results.window_stats import step_seconds

__all__ = ["REPLICATION_METRICS", "all_reduce_share"]


def all_reduce_share(record: Record) -> float | None:
    """The share (0..1) of a step that summing gradients over the devices takes; noise can make it negative."""
    windows = record.replication.all_reduce if record.replication is not None else None
    if windows is None:
        return None
    reducing, local = step_seconds(windows.reducing), step_seconds(windows.local)
    return None if reducing is None or local is None else 1 - local / reducing


def _of(read: Callable[[Replication], float]) -> Callable[[Record], float | None]:
    return lambda record: None if record.replication is None else read(record.replication)


REPLICATION_METRICS = (
    count_metric("devices", "devices", None, "devices that share a step", _of(lambda told: len(told.devices))),
    count_metric(
        "global_batch_size",
        "global batch size",
        None,
        "examples in a step of all devices together",
        _of(lambda told: told.global_batch_size),
    ),
    count_metric(
        "replica_batch_size",
        "batch size of a device",
        None,
        "examples of a step that each device has",
        _of(lambda told: told.replica_batch_size),
    ),
    lower_share_metric(
        "all_reduce_share",
        "all-reduce",
        "share of a step that summing the gradients over the devices takes: what the same step lasts less without it, "
        "in turns in one process",
        all_reduce_share,
    ),
)
"""In the order in which they are shown."""
