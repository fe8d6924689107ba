"""What the kernel shows of NVIDIA's cards and driver, under /sys, /proc and /dev: nothing is loaded or asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.system.procfs import kernel_text

__all__ = ["GpuFiles", "PciCard", "driver_installation", "gpu_files"]

_NVIDIA = "0x10de"
_DISPLAY = "0x03"  # PCI class codes: VGA and 3D controllers; a card's sound and bridges are others
_ANYWHERE = "install NVIDIA's driver from https://www.nvidia.com/drivers and restart"
_VERSION = re.compile(r"\b\d{3,}\.\d+(?:\.\d+)?\b")


@dataclass(frozen=True)
class PciCard:
    """An NVIDIA card on the PCI bus: its address there, and the kernel driver that holds it."""

    address: str
    driver: str | None


@dataclass(frozen=True)
class GpuFiles:
    """`cards` lie on the PCI bus; `module` is the version of the loaded driver; `nodes` are its files under /dev.

    `wsl` is 0 outside of Windows' Linux, else 1 or 2; there `windows_gpu` says whether Windows hands a GPU over, and
    `windows_driver` whether it has NVIDIA's driver.
    """

    cards: tuple[PciCard, ...] = ()
    module: str | None = None
    nodes: tuple[str, ...] = ()
    wsl: Literal[0, 1, 2] = 0
    windows_gpu: bool = False
    windows_driver: bool = False

    @property
    def any(self) -> bool:
        """Is there a trace of an NVIDIA card?"""
        return bool(self.cards or self.module or self.nodes or self.windows_driver)


def gpu_files(root: Path = Path("/")) -> GpuFiles:
    """Look under `root`."""
    wsl_libraries = root / "usr/lib/wsl/lib"
    return GpuFiles(
        cards=tuple(_cards(root)),
        module=_module(root),
        nodes=tuple(sorted(f"/dev/{node.name}" for node in (root / "dev").glob("nvidia*"))),
        wsl=_wsl(root),
        windows_gpu=(root / "dev/dxg").exists(),
        windows_driver=any((wsl_libraries / name).exists() for name in ("libcuda.so.1", "libnvidia-ml.so.1")),
    )


def driver_installation(root: Path = Path("/"), container: bool = False) -> str:
    """How NVIDIA's driver is installed on this distribution, or renewed; a container's host may be any."""
    if container:
        return f"on the container's host: {_ANYWHERE}"
    words = set(re.findall(r"^(?:ID|ID_LIKE)=\"?([^\"\n]*)", kernel_text(root / "etc/os-release"), re.MULTILINE))
    names = {name for line in words for name in line.split()}
    if "ubuntu" in names:
        return "sudo ubuntu-drivers install && sudo reboot"
    if "debian" in names:
        return "sudo apt install nvidia-driver && sudo reboot  # from Debian's sections contrib and non-free"
    if "fedora" in names and "rhel" not in names:
        return "sudo dnf install akmod-nvidia && sudo reboot  # from RPM Fusion"
    if "arch" in names:
        return "sudo pacman -S nvidia && sudo reboot"
    return _ANYWHERE


def _cards(root: Path) -> list[PciCard]:
    found = []
    for folder in sorted((root / "sys/bus/pci/devices").glob("*")):
        if kernel_text(folder / "vendor").strip() == _NVIDIA and kernel_text(folder / "class").startswith(_DISPLAY):
            driver = folder / "driver"
            found.append(PciCard(folder.name, driver.readlink().name if driver.is_symlink() else None))
    return found


def _module(root: Path) -> str | None:
    # "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build"
    text = kernel_text(root / "proc/driver/nvidia/version")
    if not text:
        return None
    match = _VERSION.search(text)
    return match[0] if match else "of an unknown version"


def _wsl(root: Path) -> Literal[0, 1, 2]:
    release = kernel_text(root / "proc/sys/kernel/osrelease")
    if "microsoft" not in release.lower():
        return 0
    # WSL 1 writes 4.4.0-19041-Microsoft, WSL 2 has a kernel of its own: 5.15.167.4-microsoft-standard-WSL2
    return 1 if "Microsoft" in release else 2
