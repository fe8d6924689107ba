"""All that the checks of the GPU look at, gathered once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bench.host.doctor.check import Check
from bench.host.doctor.gpu_container import Container
from bench.host.doctor.gpu_files import GpuFiles
from bench.host.doctor.installer import Installer
from bench.host.doctor.stack import Stack
from bench.host.hardware import Platform
from bench.system.nvml import Device, Nvml, Reading

__all__ = ["Link", "View"]


@dataclass(frozen=True)
class View:
    """The machine from the driver up: its files, NVML's opened door, TensorFlow's word, and where all of it runs.

    `environ` is the environment of what will be measured; `installation` says how a driver is installed here, `pip`
    how a package is.
    """

    files: GpuFiles
    nvml: Nvml
    stack: Stack
    environ: Mapping[str, str]
    installation: str
    pip: Installer
    container: Container | None = None
    platform: Platform = "local"

    @property
    def has_gpu(self) -> bool:
        """Is there an NVIDIA GPU, by anyone's word?"""
        return bool(self.files.any or self.nvml.devices or self.stack.framework.gpus)

    @property
    def chosen(self) -> Reading[Device]:
        """The GPU or MIG slice that a cell would compute on."""
        return self.nvml.chosen(self.environ)


@dataclass(frozen=True)
class Link:
    """A check as a link of the chain: where it `holds`, what follows it is worth a look."""

    check: Check
    holds: bool = True

    @classmethod
    def torn(cls, what: str, found: str, mend: str) -> Link:
        """One where the chain breaks."""
        return cls(Check(what, "broken", found, mend), holds=False)

    def as_limited(self) -> Link:
        """The same where no GPU is wanted: cells on the CPU don't need it."""
        return replace(self, check=replace(self.check, state="limited")) if self.check.state == "broken" else self
