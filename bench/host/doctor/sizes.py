"""Sizes in words."""

from __future__ import annotations

__all__ = ["size"]

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def size(count: float) -> str:
    """So many bytes.

    >>> size(512), size(3 * 2**29), size(2**38)
    ('512 bytes', '1.5 GiB', '256 GiB')
    """
    power = 0
    while count >= 1024 and power < len(_UNITS) - 1:
        count, power = count / 1024, power + 1
    return f"{count:.0f} {_UNITS[power]}" if power == 0 or count >= 100 else f"{count:.1f} {_UNITS[power]}"
