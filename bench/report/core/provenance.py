"""One line on what records were measured with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.results.record import DataInfo, Record

__all__ = ["machine"]

_PACKAGES = {"tensorflow": "TensorFlow", "keras": "Keras"}


def machine(records: Sequence[Record]) -> str:
    """Device, software and data of the records; where they differ, each that occurs.

    >>> machine(records)
    'Tesla T4; TensorFlow 2.21.0, Keras 3.15.1; cifar100: 8,500 images of 32×32×3'
    """
    software = (
        ", ".join(f"{shown} {record.software[name]}" for name, shown in _PACKAGES.items() if name in record.software)
        for record in records
    )
    parts = (
        _each(str(record.device.name or "unknown device") for record in records),
        _each(software),
        _each(_data(record.data) for record in records if record.data is not None),
    )
    return "; ".join(part for part in parts if part)


def _data(data: DataInfo) -> str:
    name = data.name if data.name == data.requested else f"{data.name} in place of {data.requested}"
    if data.shape is None:
        count = f"{data.train_images:,} examples, " if data.train_images is not None else ""
        return f"{name}: {count}{data.pipeline.element if data.pipeline else 'elements of its own'}"
    return f"{name}: {data.train_images:,} images of {'×'.join(map(str, data.shape))}"


def _each(texts: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(text for text in texts if text))
