"""Which kind of container this is, and how that kind is given a GPU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.host.detect import in_container

__all__ = ["Container", "container"]

_TOOLKIT = (
    "the host needs NVIDIA's Container Toolkit: https://docs.nvidia.com/datacenter/cloud-native/container-toolkit"
)


@dataclass(frozen=True)
class Container:
    """`kind` in words, and how to start one that has the GPU."""

    kind: str
    with_gpu: str


def container(environ: Mapping[str, str], root: Path = Path("/")) -> Container | None:
    """The container that this process runs in; None outside of any."""
    if "APPTAINER_CONTAINER" in environ or "SINGULARITY_CONTAINER" in environ:
        return Container("Apptainer", "start it with: apptainer exec --nv IMAGE …")
    if not in_container(environ, root):
        return None
    if "KUBERNETES_SERVICE_HOST" in environ:
        asked = "let the pod ask for a GPU (resources: limits: nvidia.com/gpu: 1)"
        return Container("Kubernetes", f"{asked}; its node needs NVIDIA's device plugin")
    if environ.get("container") == "podman" or (root / "run/.containerenv").exists():
        return Container("Podman", f"start it with: podman run --device nvidia.com/gpu=all …; {_TOOLKIT}")
    if environ.get("container") == "lxc":
        return Container("LXC", "on the host: lxc config device add NAME gpu gpu")
    return Container("Docker", f"start it with: docker run --gpus all …; {_TOOLKIT}")
