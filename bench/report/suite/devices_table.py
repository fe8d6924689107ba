"""What each of several devices took: peak memory and energy, and their sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.report.core.table import Heading, Note, Table
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS
from bench.results.record import Record
from bench.results.replication import DeviceUse

__all__ = ["devices_table"]

_FIGURES = ("peak_gpu_allocator_bytes", "peak_gpu_nvml_bytes", "gpu_energy_joules")


def devices_table(records: Sequence[Record], host: str) -> Table | None:
    """The devices of one suite's cells that share a step, on the host of this label; None where none was a GPU."""
    shared = [record for record in records if record.replication is not None and not record.replication.logical]
    if not shared:
        return None
    every = [device for record in shared if record.replication for device in record.replication.devices]
    why = {name: device.absent[name] for device in every for name in _FIGURES if name in device.absent}
    return Table(
        title=f"Memory and energy of each device — {host}",
        columns=(Heading("cell"), Heading("device"), *(Heading(METRICS[name].heading, "right") for name in _FIGURES)),
        rows=tuple(row for record in shared for row in _rows(record)),
        notes=tuple(Note(f"no {METRICS[name].title}: {reason}") for name, reason in why.items()),
    )


def _rows(record: Record) -> Iterator[tuple[str, ...]]:
    assert record.replication is not None
    devices = record.replication.devices
    for place, device in enumerate(devices):
        yield (record.cell if place == 0 else "", device.name, *(_text(name, _of(device, name)) for name in _FIGURES))
    if len(devices) > 1:
        yield ("", "together", *(_text(name, _sum(devices, name)) for name in _FIGURES))


def _of(device: DeviceUse, name: str) -> float | None:
    value: float | None = getattr(device, name)
    return value


def _sum(devices: Sequence[DeviceUse], name: str) -> float | None:
    values = [_of(device, name) for device in devices]
    return None if None in values else sum(value or 0.0 for value in values)


def _text(name: str, value: float | None) -> str:
    return ABSENT if value is None else METRICS[name].text(value)
