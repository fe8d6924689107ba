"""What a step of the handout's two networks takes, counted from their layers by hand: no TensorFlow here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = ["WORK", "Work"]

_FLOAT_BYTES = 4
_ACTIVATION_PASSES = 5
_PARAMETER_PASSES = 7


@dataclass(frozen=True)
class Work:
    """One image's multiply-adds and what its layers hand on, and the network's parameters.

    `macs` are of the forward pass, `first_macs` those of the first layer, whose input needs no gradient; `activations`
    are numbers that convolutions, pools and dense layers give.
    """

    macs: int
    first_macs: int
    activations: int
    parameters: int

    def step_flops(self, batch_size: int) -> float:
        """Floating-point operations that a training step can't do without, a multiply-add being two.

        Backward is twice forward (Chowdhery et al. 2022, *PaLM*, appendix B) less the gradient of the images, which
        nobody asks for.
        """
        return 2.0 * batch_size * (3 * self.macs - self.first_macs)

    def step_bytes(self, batch_size: int) -> float:
        """Bytes that pass through memory where nothing stays in caches, in float32.

        What a layer gives is written and read going forward, read again and its gradient written and read going back
        (5 passes); Adam reads gradient, weight and two moments, and writes the latter three (7).
        """
        passed = _ACTIVATION_PASSES * batch_size * self.activations + _PARAMETER_PASSES * self.parameters
        return float(_FLOAT_BYTES * passed)


@dataclass(frozen=True)
class _Layer:
    """`places` outputs of `width` channels, each made of `taps` numbers; a pool has no taps."""

    places: int
    width: int
    taps: int = 0

    @property
    def macs(self) -> int:
        return self.places * self.width * self.taps

    @property
    def parameters(self) -> int:
        return self.width * (self.taps + 1) if self.taps else 0


def _work(*layers: _Layer) -> Work:
    return Work(
        macs=sum(layer.macs for layer in layers),
        first_macs=layers[0].macs,
        activations=sum(layer.places * layer.width for layer in layers),
        parameters=sum(layer.parameters for layer in layers),
    )


def _vgg16() -> Work:
    layers, channels = [], 3
    for side, width, depth in ((32, 64, 2), (16, 128, 2), (8, 256, 3), (4, 512, 3), (2, 512, 3)):
        for _ in range(depth):
            layers.append(_Layer(side * side, width, 9 * channels))
            channels = width
        layers.append(_Layer(side * side // 4, width))
    return _work(*layers, _Layer(1, 100, 512))


def _simple_cnn() -> Work:
    convolutions = (_Layer(30 * 30, 32, 9 * 3), _Layer(13 * 13, 64, 9 * 32), _Layer(4 * 4, 64, 9 * 64))
    pools = (_Layer(15 * 15, 32), _Layer(6 * 6, 64))
    return _work(*convolutions, *pools, _Layer(1, 64, 4 * 4 * 64), _Layer(1, 100, 64))


WORK: Final[Mapping[str, Work]] = MappingProxyType({"simple_cnn": _simple_cnn(), "vgg16": _vgg16()})
"""By the names that suites and published times have for them, for images of 32×32×3 and a head of 100 classes."""
