"""Looks at the machine, without TensorFlow."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.host.cpu import cpu_flags, cpu_name, memory_bytes, usable_cores
from bench.host.hardware import Hardware, Platform
from bench.system.nvml import Device, Nvml, open_nvml
from bench.system.procfs import kernel_text

__all__ = ["Hardware", "detect", "gpu_fields", "in_container", "machine_fields", "platform_of"]


def detect(environ: Mapping[str, str] | None = None, root: Path = Path("/")) -> Hardware:
    """What this machine is. `environ` is the environment of what will be measured (None: this process's own).

    Costs some ten milliseconds without a GPU; with one, what opening NVML takes. Never raises for lack of a device.
    """
    environ = os.environ if environ is None else environ
    with open_nvml() as nvml:
        shown = nvml.shown(environ)
        if shown.value is None:
            gpu: dict[str, Any] = {"kind": "cpu", "gpu_absent": shown.reason, "gpu_count": len(nvml.devices)}
        else:
            gpu = gpu_fields(nvml, shown.value[0]) | {"visible_gpus": len(shown.value)}
    return Hardware(**gpu, **machine_fields(environ, root))


def machine_fields(environ: Mapping[str, str], root: Path = Path("/")) -> dict[str, Any]:
    """What `Hardware` holds of the machine around what is measured."""
    return {
        "cpu": cpu_name(root),
        "cores": usable_cores(root),
        "memory_bytes": memory_bytes(root),
        "cpu_flags": cpu_flags(root),
        "platform": platform_of(environ),
        "system": platform.system().lower(),
        "container": in_container(environ, root),
        "wsl": "microsoft" in kernel_text(root / "proc/sys/kernel/osrelease").lower(),
    }


def gpu_fields(nvml: Nvml, device: Device) -> dict[str, Any]:
    """What `Hardware` holds of a GPU or a MIG slice."""
    return {
        "kind": "gpu",
        "gpu_driver": nvml.driver.value,
        "gpu_count": len(nvml.devices),
        "gpu_name": device.name().value or "unnamed NVIDIA GPU",
        "gpu_memory_bytes": device.memory_total_bytes().value,
        "compute_capability": device.compute_capability().value,
        "mig": device.is_slice,
    }


def platform_of(environ: Mapping[str, str]) -> Platform:
    """The hosted notebook service that this environment is one of, or `local`."""
    # Kaggle's image is built on Colab's and keeps COLAB_RELEASE_TAG (Kaggle/kagglehub#230), so Kaggle is asked first
    if "KAGGLE_KERNEL_RUN_TYPE" in environ or "KAGGLE_URL_BASE" in environ:
        return "kaggle"
    if "COLAB_RELEASE_TAG" in environ or "COLAB_GPU" in environ:
        return "colab"
    return "local"


def in_container(environ: Mapping[str, str], root: Path = Path("/")) -> bool:
    """Does this process run in a container?"""
    if environ.get("container") or "KUBERNETES_SERVICE_HOST" in environ:
        return True
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return True
    groups = kernel_text(root / "proc/self/cgroup")
    return any(word in groups for word in ("docker", "kubepods", "containerd", "libpod", "/lxc"))
