"""What a machine is, as far as timings depend on it: nothing that names its owner or itself."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from bench.support.frozen import Frozen

__all__ = ["Hardware", "Platform"]

Platform = Literal["colab", "kaggle", "local"]

# Turing without tensor cores: the TU116 and TU117 chips, which carry compute capability 7.5 all the same
_NO_TENSOR_CORES = re.compile(r"\bGTX 16\d\d|\bMX[45]50\b|\bT(400|500|550|600|1000|1200|2000)\b", re.IGNORECASE)

_HALF_FLOAT64 = {(6, 0), (7, 0), (8, 0), (9, 0), (10, 0)}


class Hardware(Frozen):
    """One machine: the GPU (or MIG slice) that TensorFlow will use, or none, and the processor beside it.

    `kind` is what is measured; sizes are in bytes. For each `supports_…` there is a reason, None where it does.
    """

    kind: Literal["gpu", "cpu"]
    gpu_name: str | None = None
    gpu_memory_bytes: PositiveInt | None = None
    gpu_driver: str | None = None
    compute_capability: str | None = Field(None, pattern=r"^\d+\.\d+$")
    mig: bool = Field(False, description="is the GPU a MIG slice?")
    gpu_count: NonNegativeInt = Field(0, description="GPUs that NVML sees, chosen or not")
    visible_gpus: NonNegativeInt = Field(
        1, exclude=True, description="GPUs that one process can compute on together; the environment's, no profile's"
    )
    gpu_absent: str | None = Field(None, description="why no GPU is measured")
    cpu: str = Field(description="the processor's model")
    cores: PositiveInt = Field(description="processors that the process may use")
    memory_bytes: PositiveInt
    cpu_flags: tuple[str, ...] = ()
    platform: Platform = "local"
    system: str
    container: bool = False
    wsl: bool = False

    def as_cpu(self, reason: str = "TensorFlow computes on the CPU") -> Hardware:
        """The same machine without its GPU; `reason` says why it isn't used."""
        without: dict[str, object] = dict.fromkeys(("gpu_name", "gpu_memory_bytes", "gpu_driver", "compute_capability"))
        return self.model_copy(update=without | {"kind": "cpu", "mig": False, "gpu_absent": reason})

    @property
    def supports_float16(self) -> bool:
        """Is mixed float16 likely to pay here? It wants tensor cores."""
        return self.float16_reason is None

    @property
    def supports_bfloat16(self) -> bool:
        """Does the device multiply bfloat16 natively?"""
        return self.bfloat16_reason is None

    @property
    def supports_tf32(self) -> bool:
        """Does the GPU have TF32?"""
        return self.tf32_reason is None

    @property
    def float16_reason(self) -> str | None:
        """Why mixed float16 makes no sense here."""
        if self.kind == "cpu":
            return "mixed float16 needs a GPU with tensor cores; this machine measures its CPU"
        if self._capability is None:
            return f"mixed float16 needs tensor cores; whether {self.gpu_name} has them is not known"
        if self._capability < (7, 0) or _NO_TENSOR_CORES.search(self.gpu_name or ""):
            return f"mixed float16 needs tensor cores; {self.gpu_name} has none"
        return None

    @property
    def bfloat16_reason(self) -> str | None:
        """Why mixed bfloat16 makes no sense here."""
        if self.kind == "gpu":
            return self._lacks_ampere("mixed bfloat16")
        if {"avx512_bf16", "amx_bf16"} & set(self.cpu_flags):
            return None
        return f"mixed bfloat16 needs a CPU with avx512_bf16 or amx_bf16; {self.cpu} has neither"

    @property
    def float64_reason(self) -> str | None:
        """Why float64 makes no sense here: all but the largest GPUs have next to no units for it.

        Those of compute capability x.0 from 6.0 on have half as many as for float32, others a 32nd or a 64th (CUDA C
        Programming Guide, throughput of native arithmetic instructions); 12.0 is none of them.
        """
        if self.kind == "cpu" or self._capability is None or self._capability in _HALF_FLOAT64:
            return None
        return f"{self.gpu_name} computes float64 at a 32nd of its float32 speed or less"

    @property
    def unsuited(self) -> dict[str, str]:
        """Why a type of number makes no sense on what is measured here, by the type's name."""
        reasons = {"float16": self.float16_reason, "bfloat16": self.bfloat16_reason, "float64": self.float64_reason}
        return {name: reason for name, reason in reasons.items() if reason is not None}

    @property
    def tf32_reason(self) -> str | None:
        """Why TF32 can't be switched here."""
        return "TF32 needs a GPU; this machine measures its CPU" if self.kind == "cpu" else self._lacks_ampere("TF32")

    def _lacks_ampere(self, what: str) -> str | None:
        if self._capability is not None and self._capability >= (8, 0):
            return None
        has = f"has {self.compute_capability}" if self.compute_capability else "does not tell its own"
        return f"{what} needs compute capability 8.0 or higher; {self.gpu_name} {has}"

    @property
    def _capability(self) -> tuple[int, int] | None:
        if self.compute_capability is None:
            return None
        major, minor = self.compute_capability.split(".")
        return int(major), int(minor)
