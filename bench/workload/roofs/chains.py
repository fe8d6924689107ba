"""Chains of products that show how fast a device multiplies: their shapes and their operations. No TensorFlow here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from bench.host.measured import DataType
from bench.workload.roofs.plan import RoofPlan

__all__ = ["Chain", "chains"]

_LONGEST = 64


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


def chains(plan: RoofPlan, data_type: DataType) -> Iterator[Chain]:
    """What is tried with one data type.

    Convolutions too: on CPUs oneDNN's reach higher rates than TensorFlow's matrix product, and it is they that bound
    a convolutional network.
    """
    for shape in plan.product_shapes:
        length = int(plan.call_flops / Chain(data_type, shape).flops)
        yield Chain(data_type, shape, max(1, min(_LONGEST, length)))
