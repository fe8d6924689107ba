"""What NVIDIA publishes of its cards: peak rates by data type and memory bandwidth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bench.host.names import brandless

__all__ = ["DATASHEETS", "Datasheet", "datasheet_of"]

_GIB = 2**30


@dataclass(frozen=True)
class Datasheet:
    """A card's published peaks in TFLOP/s, dense (no structured sparsity), and its memory's GB/s (10⁹ bytes).

    `names` are a regular expression for what NVML calls it, without brands; where two cards share a name,
    `memory_gib` tells them apart. `float32` is without TF32. `tf32`, `float16` and `bfloat16` are the tensor cores',
    with sums in float32 as training has them: GeForce cards of the generations Turing to Blackwell do those at half
    the rate of float16 sums, and NVIDIA's Tesla and data-centre cards at the full one. None: the card has no such
    product.
    """

    card: str
    names: str
    float32: float
    tf32: float | None
    float16: float | None
    bfloat16: float | None
    memory_gb_per_second: float
    source: str
    memory_gib: int | None = None


_P100 = "NVIDIA Tesla P100 datasheet"
_V100 = "NVIDIA V100 datasheet"
_A100 = "NVIDIA A100 datasheet"
_H100 = "NVIDIA H100 architecture whitepaper and datasheet"
_TURING = "NVIDIA Turing architecture whitepaper, reference board, float32 sums"
_QUADRO = "NVIDIA Turing architecture whitepaper"
_GA102 = "NVIDIA Ampere GA102 architecture whitepaper, float32 sums"
_ADA = "NVIDIA Ada architecture whitepaper, float32 sums"
_BLACKWELL = "NVIDIA RTX Blackwell architecture whitepaper, float32 sums"

DATASHEETS: Final = (
    Datasheet("Tesla P100 PCIe", r"P100-PCIE-16GB", 9.3, None, None, None, 732, _P100),
    Datasheet("Tesla P100 PCIe 12 GB", r"P100-PCIE-12GB", 9.3, None, None, None, 549, _P100),
    Datasheet("Tesla P100 SXM2", r"P100-SXM2-16GB", 10.6, None, None, None, 732, _P100),
    Datasheet("Tesla V100 PCIe", r"V100-PCIE-(16|32)GB", 14, None, 112, None, 900, _V100),
    Datasheet("Tesla V100 SXM2", r"V100-SXM2-(16|32)GB", 15.7, None, 125, None, 900, _V100),
    Datasheet("Tesla V100S PCIe", r"V100S-PCIE-32GB", 16.4, None, 130, None, 1134, _V100),
    Datasheet("Tesla T4", r"T4", 8.1, None, 65, None, 320, "NVIDIA T4 datasheet"),
    Datasheet("RTX 2070", r"RTX 2070", 7.5, None, 29.9, None, 448, _TURING),
    Datasheet("RTX 2080", r"RTX 2080", 10, None, 40.3, None, 448, _TURING),
    Datasheet("RTX 2080 Ti", r"RTX 2080 Ti", 13.4, None, 53.8, None, 616, _TURING),
    Datasheet("Quadro RTX 6000", r"Quadro RTX 6000", 16.3, None, 130.5, None, 672, _QUADRO),
    Datasheet("A30", r"A30", 10.3, 82, 165, 165, 933, "NVIDIA A30 datasheet"),
    Datasheet("A100 PCIe 40 GB", r"A100-PCIE-40GB", 19.5, 156, 312, 312, 1555, _A100),
    Datasheet("A100 PCIe 80 GB", r"A100 80GB PCIe|A100-PCIE-80GB", 19.5, 156, 312, 312, 1935, _A100),
    Datasheet("A100 SXM 40 GB", r"A100-SXM4-40GB", 19.5, 156, 312, 312, 1555, _A100),
    Datasheet("A100 SXM 80 GB", r"A100-SXM4-80GB", 19.5, 156, 312, 312, 2039, _A100),
    Datasheet("A10", r"A10", 31.2, 62.5, 125, 125, 600, "NVIDIA A10 datasheet"),
    Datasheet("RTX 3070", r"RTX 3070", 20.3, 20.3, 40.6, 40.6, 448, _GA102),
    Datasheet("RTX 3080 10 GB", r"RTX 3080", 29.8, 29.8, 59.5, 59.5, 760, _GA102, memory_gib=10),
    Datasheet("RTX 3090", r"RTX 3090", 35.6, 35.6, 71, 71, 936, _GA102),
    Datasheet("RTX A6000", r"RTX A6000", 38.7, 77.4, 154.8, 154.8, 768, "NVIDIA Ampere GA102 architecture whitepaper"),
    Datasheet("L4", r"L4", 30.3, 60, 121, 121, 300, "NVIDIA L4 datasheet, halved where it counts sparsity"),
    Datasheet("A40", r"A40", 37.4, 74.8, 149.7, 149.7, 696, "NVIDIA A40 datasheet"),
    Datasheet("L40", r"L40", 90.5, 90.5, 181, 181, 864, "NVIDIA L40 datasheet"),
    Datasheet("L40S", r"L40S", 91.6, 183, 362, 362, 864, "NVIDIA L40S datasheet"),
    Datasheet("RTX 4070 Ti", r"RTX 4070 Ti", 40.1, 40.1, 80.2, 80.2, 504, _ADA),
    Datasheet("RTX 4080", r"RTX 4080", 48.7, 48.7, 97.5, 97.5, 716.8, _ADA),
    Datasheet("RTX 4090", r"RTX 4090", 82.6, 82.6, 165.2, 165.2, 1008, _ADA),
    Datasheet("H100 PCIe", r"H100 PCIe", 51, 378, 756, 756, 2000, _H100),
    Datasheet("H100 SXM", r"H100 80GB HBM3", 67, 494.7, 989.4, 989.4, 3350, _H100),
    Datasheet("H100 NVL", r"H100 NVL", 60, 417.5, 835.5, 835.5, 3900, f"{_H100}, halved for sparsity"),
    Datasheet("GH200", r"GH200 480GB", 67, 494, 990, 990, 4000, "NVIDIA GH200 datasheet"),
    Datasheet("H200 NVL", r"H200 NVL", 60, 417.5, 835.5, 835.5, 4800, "NVIDIA H200 datasheet, halved for sparsity"),
    Datasheet("H200 SXM", r"H200", 67, 494.7, 989.4, 989.4, 4800, "NVIDIA H200 datasheet, halved for sparsity"),
    Datasheet("B200", r"B200", 75, 1130, 2250, 2250, 8000, "NVIDIA Blackwell datasheet, halved for sparsity"),
    Datasheet("RTX 5070", r"RTX 5070", 30.9, 30.9, 61.7, 61.7, 672, _BLACKWELL),
    Datasheet("RTX 5070 Ti", r"RTX 5070 Ti", 43.9, 43.9, 87.9, 87.9, 896, _BLACKWELL),
    Datasheet("RTX 5080", r"RTX 5080", 56.3, 56.3, 112.6, 112.6, 960, _BLACKWELL),
    Datasheet("RTX 5090", r"RTX 5090", 104.8, 104.8, 209.5, 209.5, 1792, _BLACKWELL),
)
"""The cards whose peaks are known, none of them guessed. The P100's float16 has no tensor cores and no float32 sums."""


@lru_cache(maxsize=256)
def datasheet_of(gpu_name: str, memory_bytes: int | None = None) -> Datasheet | None:
    """The datasheet of the card with this NVML name; None where none is known. Laptops' cards and slices have none.

    `memory_bytes` is wanted for the cards that come with several sizes under one name.
    """
    name = brandless(gpu_name)
    for sheet in DATASHEETS:
        of_that_size = sheet.memory_gib is None or (memory_bytes and round(memory_bytes / _GIB) == sheet.memory_gib)
        if of_that_size and re.fullmatch(sheet.names, name, re.IGNORECASE):
            return sheet
    return None
