"""VGG16 beside its own convolutions: what a step's other work costs."""

from __future__ import annotations

from bench.host.peaks import counted_type
from bench.host.profile import HostProfile
from bench.host.roofs import VGG16_ROOFS, reason_of
from bench.nvml import Reading
from bench.results.record import Record

__all__ = ["convolution_share"]

_NETWORKS = {"vgg16", "VGG16"}
_SHAPE = (32, 32, 3)
_BATCH_SIZE = 128


def convolution_share(
    record: Record, profile: HostProfile | None, achieved_flops_per_second: Reading[float]
) -> Reading[float]:
    """The share (0..1) of the rate measured for VGG16's convolutions alone (`bench calibrate`) that a cell reaches.

    Only a cell whose convolutions have the shapes that were measured can be set beside them.
    """
    if not _is_alike(record):
        return Reading(None, "its convolutions are not those that bench calibrate measures")
    if profile is None:
        return Reading(None, "the host has no profile, and so no roofs")
    name = VGG16_ROOFS[counted_type(record.device, record.options, record.environment)]
    roof = profile.roofs.get(name)
    if roof is None:
        return Reading(None, reason_of(profile, name))
    return achieved_flops_per_second.then(lambda flops: flops / roof.value)


def _is_alike(record: Record) -> bool:
    model = record.workload.model
    return (
        model.network in _NETWORKS
        and not model.freeze
        and record.options.image_size is None
        and record.workload.data.shape == _SHAPE
        and record.batch_size == _BATCH_SIZE
    )
