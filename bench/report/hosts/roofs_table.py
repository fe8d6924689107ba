"""A machine's roofs in words and figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tabulate import tabulate

from bench.host.datasheet_share import share_of_datasheet
from bench.host.measured import Peak, Roof, Unit
from bench.host.profile import HostProfile
from bench.host.roofs import VGG16_ROOFS, Name, roof_of, unit_of, value_of
from bench.results.metric import with_margin

__all__ = ["roof_text", "roof_title", "roofs_table"]

_TITLES: Final[dict[Name, str]] = {
    **{data_type: f"products in {data_type}" for data_type in VGG16_ROOFS},
    **{roof: f"VGG16's convolutions in {data_type}" for data_type, roof in VGG16_ROOFS.items()},
    "device_bandwidth": "the device's memory",
    "host_to_device_bandwidth": "host to device",
    "launch_latency": "a launch",
    "jpeg_decode": "JPEGs decoded",
    "map": "tf.data map",
    "file_read": "file read from disk",
}
_SHOWN: Final[dict[Unit, tuple[tuple[float, str], ...]]] = {
    "FLOP/s": ((1e12, "TFLOP/s"), (1e9, "GFLOP/s")),
    "B/s": ((1e12, "TB/s"), (1e9, "GB/s"), (1e6, "MB/s")),
    "s": ((1, "s"), (1e-3, "ms"), (1e-6, "µs")),
    "images/s": ((1, "images/s"),),
    "elements/s": ((1e6, "million/s"), (1e3, "thousand/s"), (1, "elements/s")),
}
"""What a unit is shown in: the largest that leaves a figure of 1 or more, else the last."""


def roof_title(name: Name) -> str:
    """What a roof is called."""
    return _TITLES[name]


def roof_text(name: Name, found: Peak | Roof) -> str:
    """Its figure and half its interval's width, with a unit: `224.1 ± 1.8 GFLOP/s`."""
    value = value_of(found)
    units = _SHOWN[unit_of(name)]
    scale, unit = next((one for one in units if value >= one[0]), units[-1])
    return f"{with_margin(value / scale, found.margin * value / scale)} {unit}"


def roofs_table(profile: HostProfile, measured: Iterable[Name]) -> str:
    """These roofs of the host, with their share of the datasheet's where its card is known; empty where there is none.

    What the machine hasn't, or couldn't be measured, stands below with its reason.
    """
    found = [(name, one) for name in measured if (one := roof_of(profile, name)) is not None]
    shares = [_share(profile, name) for name, _ in found]
    columns = [
        ("roof", "left", [roof_title(name) for name, _ in found]),
        ("measured", "right", [roof_text(name, one) for name, one in found]),
        *([("of datasheet", "right", shares)] if any(shares) else []),
        ("of what", "left", [one.reached_by if isinstance(one, Peak) else one.of for _, one in found]),
    ]
    headings, sides, texts = zip(*columns, strict=True)
    table = tabulate(list(zip(*texts, strict=True)), headings, "pipe", colalign=sides, disable_numparse=True)
    absent = [f"{roof_title(name)}: none, since {why}" for name, why in profile.roofs_absent.items()]
    return "\n\n".join(part for part in (table if found else "", "\n".join(absent)) if part)


def _share(profile: HostProfile, name: Name) -> str:
    share = share_of_datasheet(profile, name).value
    return "" if share is None else f"{share:.0%}"
