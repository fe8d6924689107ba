"""The view of hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.database.column import Column, View
from bench.host.profile import HostProfile

__all__ = ["HOSTS"]


def _hardware(name: str) -> Callable[[HostProfile], Any]:
    return lambda profile: getattr(profile.hardware, name, None)


def _published(name: str) -> Callable[[HostProfile], Any]:
    return lambda profile: getattr(profile.published, name, None)


def _price(name: str) -> Callable[[HostProfile], Any]:
    return lambda profile: getattr(profile.price, name, None)


def _quota(name: str) -> Callable[[HostProfile], Any]:
    return lambda profile: getattr(profile.quota, name, None)


HOSTS: View[HostProfile] = View(
    "hosts",
    "a machine: measured, or published",
    (
        Column("host", "VARCHAR", "its id, as records name it", lambda profile: profile.id),
        Column("label", "VARCHAR", "what tables call it", lambda profile: profile.label),
        Column("device_name", "VARCHAR", "what computes: its GPU or its processor", lambda profile: profile.device),
        Column("kind", "VARCHAR", "gpu or cpu; null: it was never measured", _hardware("kind")),
        Column("gpu_memory_bytes", "BIGINT", "memory of the GPU", _hardware("gpu_memory_bytes"), "bytes"),
        Column("gpu_driver", "VARCHAR", "version of the GPU's driver", _hardware("gpu_driver")),
        Column("compute_capability", "VARCHAR", "CUDA's, of the GPU", _hardware("compute_capability")),
        Column("cpu", "VARCHAR", "the processor", _hardware("cpu")),
        Column("cores", "BIGINT", "processors that a process may use", _hardware("cores")),
        Column("memory_bytes", "BIGINT", "main memory", _hardware("memory_bytes"), "bytes"),
        Column("platform", "VARCHAR", "colab, kaggle or local", _hardware("platform")),
        Column(
            "ai_score", "BIGINT", "AI Benchmark's score: measured, else published", lambda profile: profile.ai_score
        ),
        Column("is_published", "BOOLEAN", "is it a reference?", lambda profile: profile.published is not None),
        Column("source", "VARCHAR", "where its figures were published", _published("source")),
        Column("price_per_hour", "DOUBLE", "what an hour of it costs, in currency", _price("per_hour")),
        Column("currency", "VARCHAR", "of the price", _price("currency")),
        Column(
            "kg_co2_per_kwh",
            "DOUBLE",
            "what its electricity emits",
            lambda profile: getattr(profile.grid, "kg_co2_per_kwh", None),
            "kg/kWh",
        ),
        Column("quota_hours", "DOUBLE", "hours that a hosted notebook's service gives", _quota("hours"), "h"),
        Column("quota_per", "VARCHAR", "in which time: session, day, week or month", _quota("per")),
    ),
)
