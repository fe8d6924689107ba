"""What lies between the driver and a network: the installed packages, TensorFlow, its CUDA libraries, as they answered.

Values alone: `bench.run.stack` asks, each in a process of its own, and the checks beside this file judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["PATIENCE_SECONDS", "Build", "CudaDriver", "Framework", "Library", "SeenGpu", "Stack"]

PATIENCE_SECONDS: Final = 600.0
"""How long TensorFlow is waited for: its 2 GB are read from a slow disk in minutes, the first time."""


@dataclass(frozen=True)
class Build:
    """How this TensorFlow was built: versions as it writes them (`12.5.1`, `9`), None where it doesn't say.

    `architectures` are those that it holds GPU code for: `sm_80` is machine code, `compute_90` code that the driver
    compiles.
    """

    cuda: bool
    rocm: bool = False
    cuda_version: str | None = None
    cudnn_version: str | None = None
    architectures: tuple[str, ...] = ()

    @property
    def cuda_major(self) -> int | None:
        """`12`, of a build for CUDA 12.5.1."""
        head = (self.cuda_version or "").partition(".")[0]
        return int(head) if self.cuda and head.isdigit() else None


@dataclass(frozen=True)
class SeenGpu:
    """A GPU as TensorFlow lists it: its name and compute capability (`7.5`) where the driver gave them."""

    name: str | None
    compute_capability: str | None


@dataclass(frozen=True)
class Framework:
    """What TensorFlow, and then Keras, said in a process of their own.

    `version` and `keras` are None where they could not be imported, and `failed` and `keras_failed` say why in the last
    words of that process; `late`: it had none, being given up while still at it. `file` and `keras_file` are where they
    were, or would have been, imported from. `log` is all that TensorFlow and the libraries under it wrote meanwhile, at
    the level that hides nothing.
    """

    version: str | None
    failed: str | None = None
    late: bool = False
    file: str | None = None
    build: Build | None = None
    gpus: tuple[SeenGpu, ...] = ()
    keras: str | None = None
    keras_failed: str | None = None
    keras_file: str | None = None
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Library:
    """A shared library that TensorFlow opens, and the `file` that it gets; else `error` is the loader's word.

    `instead_of` is the file of NVIDIA's packages that `LD_LIBRARY_PATH` sets another before.
    """

    name: str
    file: str | None = None
    error: str | None = None
    instead_of: str | None = None


@dataclass(frozen=True)
class CudaDriver:
    """The driver's library `libcuda.so.1`, opened and started as a CUDA program does.

    `error` is the loader's word where it could not be opened, `failed` why the process that tried gave no answer.
    `code` is what `cuInit` gave (0: success; None: not asked), `version` the newest CUDA that the driver knows
    (`12.4`), `devices` what CUDA counts with this environment.
    """

    file: str | None = None
    error: str | None = None
    failed: str | None = None
    code: int | None = None
    version: str | None = None
    devices: int | None = None


@dataclass(frozen=True)
class Stack:
    """All of it. `packages` are the versions of all that is installed, by canonical names (`nvidia-cudnn-cu12`).

    `wanted` are the requirements of `tensorflow[and-cuda]` as the installed TensorFlow states them, such as
    `nvidia-cudnn-cu12<10.0,>=9.3.0.75`; `libraries` are those that this build opens, empty where it opens none.
    """

    packages: Mapping[str, str]
    framework: Framework
    driver: CudaDriver = CudaDriver()
    libraries: tuple[Library, ...] = ()
    wanted: tuple[str, ...] = ()
