"""CUDA_VISIBLE_DEVICES, as the CUDA driver reads it.

What NVIDIA documents (*CUDA Programming Guide*, "CUDA Environment Variables"): the value lists indices, or UUIDs that
may be cut short where the beginning is one GPU's alone; the GPUs come in the list's order, up to the first entry that
is none. What it doesn't, and the driver does (PyTorch's tests of its own reader of this variable, held against driver
525.60.13): indices are read as C's strtoul reads them, so that blanks, a sign, leading zeros and whatever follows the
digits don't matter; an entry that names a GPU for the second time leaves none visible at all; and the first entry
decides whether the list is one of indices or of UUIDs.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["VISIBLE_DEVICES", "Visible", "visible"]

VISIBLE_DEVICES = "CUDA_VISIBLE_DEVICES"

T = TypeVar("T", bound=Hashable)

_KINDS = ("GPU-", "MIG-")
# how the driver reads a hexadecimal number isn't known, and such an entry is none here
_INDEX = re.compile(r"\s*(?![+-]?0x[0-9a-f])([+-]?)0*([0-9]+)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Visible(Generic[T]):
    """The devices that a value makes visible, in CUDA's order.

    `ended_by` is the entry that names no device and so ends the list, `repeated` the one that names a device again and
    so hides all of them; `like` are the identifiers that begin with `ended_by` where they are several.
    """

    devices: tuple[T, ...] = ()
    ended_by: str | None = None
    repeated: str | None = None
    like: tuple[str, ...] = ()


def visible(value: str, indices: Mapping[str, T], identifiers: Mapping[str, T]) -> Visible[T]:
    """The devices that the value names, each of them known by its index and by one or more identifiers.

    >>> visible("1, 0", {"0": "first", "1": "second"}, {}).devices
    ('second', 'first')
    >>> visible("GPU-5a", {}, {"GPU-5a01": "first", "GPU-5a02": "second"})
    Visible(devices=(), ended_by='GPU-5a', repeated=None, like=('GPU-5a01', 'GPU-5a02'))
    """
    entries = [entry.strip() for entry in value.split(",")]
    by_identifier = entries[0].startswith(_KINDS)
    found: list[T] = []
    for entry in entries:
        named = _identified(entry, identifiers) if by_identifier else _indexed(entry, indices)
        if len(named) != 1:
            like = tuple(name for name in identifiers if name.startswith(entry)) if named else ()
            return Visible(tuple(found), ended_by=entry, like=like)
        if named[0] in found:
            return Visible(repeated=entry)
        found += named
    return Visible(tuple(found))


def _indexed(entry: str, indices: Mapping[str, T]) -> list[T]:
    number = _INDEX.match(entry)
    if number is None or (number[1] == "-" and number[2] != "0") or number[2] not in indices:
        return []
    return [indices[number[2]]]


def _identified(entry: str, identifiers: Mapping[str, T]) -> list[T]:
    if entry in identifiers:
        return [identifiers[entry]]
    if not entry.startswith(_KINDS):
        return []
    return list(dict.fromkeys(device for name, device in identifiers.items() if name.startswith(entry)))
