"""Chains of products that show how fast a device multiplies: their shapes, and what they reached. No TensorFlow here:
the parent reads these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from bench.host.measured import DataType

__all__ = ["Chain", "Rate", "chains"]

_LONGEST = 64
_CALL_FLOPS = {"cpu": 1e10, "gpu": 2e12}
_SIDES = {"cpu": (1024, 2048), "gpu": (4096, 8192)}
_IMAGES = {"cpu": ((32, 16, 16, 256), (128, 8, 8, 256)), "gpu": ((128, 56, 56, 256),)}


@dataclass(frozen=True)
class Chain:
    """`length` products of one data type in one call of a compiled function, each taking what the one before gave.

    `shape` is that of matrices [side, side], or of images [N, H, W, C] that pass 3×3 kernels with as many channels out
    as in. `flops` are one product's; a multiply-add is two.
    """

    data_type: DataType
    shape: tuple[int, ...]
    length: int = 1

    @property
    def flops(self) -> int:
        return 2 * prod(self.shape) * (self.shape[-1] if self.is_matrix else 9 * self.shape[-1])

    @property
    def is_matrix(self) -> bool:
        return len(self.shape) == 2

    @property
    def name(self) -> str:
        """What is multiplied, in words."""
        size = "×".join(map(str, self.shape))
        return f"matrices of {size}" if self.is_matrix else f"3×3 convolutions of {size}"


@dataclass(frozen=True)
class Rate:
    """What a chain reached: `windows` are (products, seconds), device-synchronised at both ends."""

    chain: Chain
    windows: tuple[tuple[int, float], ...]

    @property
    def flops_per_second(self) -> float:
        """All of the windows' operations over all of their seconds."""
        seconds = sum(seconds for _, seconds in self.windows)
        return self.chain.flops * sum(products for products, _ in self.windows) / seconds


def chains(device_kind: str, data_type: DataType) -> Iterator[Chain]:
    """What is tried with one data type: large enough to keep the device busy, and no larger.

    Convolutions too: on CPUs oneDNN's reach higher rates than TensorFlow's matrix product, and it is they that bound
    a convolutional network.
    """
    for shape in [*((side, side) for side in _SIDES[device_kind]), *_IMAGES[device_kind]]:
        length = int(_CALL_FLOPS[device_kind] / Chain(data_type, shape).flops)
        yield Chain(data_type, shape, max(1, min(_LONGEST, length)))
