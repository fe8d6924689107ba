"""Looks at the machine, without TensorFlow."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.host.cpu import cpu_flags, cpu_name, memory_bytes, usable_cores
from bench.host.hardware import Hardware, Platform
from bench.nvml import Device, open_nvml

__all__ = ["Hardware", "detect"]


def detect(environ: Mapping[str, str] | None = None, root: Path = Path("/")) -> Hardware:
    """What this machine is. `environ` is the environment of what will be measured (None: this process's own).

    Costs some ten milliseconds without a GPU; with one, what opening NVML takes. Never raises for lack of a device.
    """
    environ = os.environ if environ is None else environ
    with open_nvml() as nvml:
        chosen = nvml.chosen(environ)
        gpu: dict[str, Any] = {"kind": "cpu", "gpu_absent": chosen.reason}
        if chosen.value is not None:
            gpu = {"kind": "gpu", "gpu_driver": nvml.driver.value, **_gpu(chosen.value)}
        gpu["gpu_count"] = len(nvml.devices)
    return Hardware(
        **gpu,
        cpu=cpu_name(root),
        cores=usable_cores(root),
        memory_bytes=memory_bytes(root),
        cpu_flags=cpu_flags(root),
        platform=_platform(environ),
        system=platform.system().lower(),
        container=_in_container(environ, root),
        wsl="microsoft" in _text(root / "proc/sys/kernel/osrelease").lower(),
    )


def _gpu(device: Device) -> dict[str, Any]:
    return {
        "gpu_name": device.name().value or "unnamed NVIDIA GPU",
        "gpu_memory_bytes": device.memory_total_bytes().value,
        "compute_capability": device.compute_capability().value,
        "mig": device.is_slice,
    }


def _platform(environ: Mapping[str, str]) -> Platform:
    # Kaggle's image is built on Colab's and keeps COLAB_RELEASE_TAG (Kaggle/kagglehub#230), so Kaggle is asked first
    if "KAGGLE_KERNEL_RUN_TYPE" in environ or "KAGGLE_URL_BASE" in environ:
        return "kaggle"
    if "COLAB_RELEASE_TAG" in environ or "COLAB_GPU" in environ:
        return "colab"
    return "local"


def _in_container(environ: Mapping[str, str], root: Path) -> bool:
    if environ.get("container") or "KUBERNETES_SERVICE_HOST" in environ:
        return True
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return True
    groups = _text(root / "proc/self/cgroup")
    return any(word in groups for word in ("docker", "kubepods", "containerd", "libpod", "/lxc"))


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
