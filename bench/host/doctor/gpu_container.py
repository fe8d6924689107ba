"""Which kind of container this is, and how that kind is given a GPU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.host.detect import in_container, platform_of

__all__ = ["Container", "container"]

_TOOLKIT = "NVIDIA's Container Toolkit (https://docs.nvidia.com/datacenter/cloud-native/container-toolkit)"
_LIBRARIES = "NVIDIA_DRIVER_CAPABILITIES=compute,utility"
_COLABS_LIBRARIES = "export LD_LIBRARY_PATH=/usr/lib64-nvidia:$LD_LIBRARY_PATH"
_ANEW_ON_COLAB = "Runtime → Disconnect and delete runtime, then connect to one with a GPU"
_ANEW_ON_KAGGLE = "stop the session, and start it with the accelerator (Settings → Accelerator)"


@dataclass(frozen=True)
class Container:
    """`kind` in words, how to start one that has the GPU, and one that has all libraries of the driver too.

    `needs` is what its host must have for that.
    """

    kind: str
    with_gpu: str
    with_libraries: str
    needs: str | None = None


# nobody starts a container or installs a driver there; a machine given anew is in order
_HOSTED = {
    "colab": Container("Colab", _ANEW_ON_COLAB, f"{_COLABS_LIBRARIES}  # or {_ANEW_ON_COLAB}"),
    "kaggle": Container("Kaggle", _ANEW_ON_KAGGLE, f"{_COLABS_LIBRARIES}  # or {_ANEW_ON_KAGGLE}"),
}


def container(environ: Mapping[str, str], root: Path = Path("/")) -> Container | None:
    """The container that this process runs in, or the hosted notebook; None outside of any."""
    if hosted := _HOSTED.get(platform_of(environ)):
        return hosted
    if "APPTAINER_CONTAINER" in environ or "SINGULARITY_CONTAINER" in environ:
        return Container("Apptainer", "apptainer exec --nv IMAGE …", "apptainer exec --nv IMAGE …")
    if not in_container(environ, root):
        return None
    if "KUBERNETES_SERVICE_HOST" in environ:
        asked = "let the pod ask for a GPU (resources: limits: nvidia.com/gpu: 1)"
        return Container("Kubernetes", asked, f"{asked}, and set its env {_LIBRARIES}", "NVIDIA's device plugin")
    if environ.get("container") == "podman" or (root / "run/.containerenv").exists():
        return _started("Podman", "podman run --device nvidia.com/gpu=all")
    if environ.get("container") == "lxc":
        libraries = "nvidia.runtime=true nvidia.driver.capabilities=compute,utility"
        return Container("LXC", "lxc config device add NAME gpu gpu", f"lxc config set NAME {libraries}")
    return _started("Docker", "docker run --gpus all")


def _started(kind: str, command: str) -> Container:
    return Container(kind, f"{command} …", f"{command} -e {_LIBRARIES} …", _TOOLKIT)
