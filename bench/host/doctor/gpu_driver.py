"""The chain's first links: the card, NVIDIA's driver for it, NVML, and CUDA's own start."""

from __future__ import annotations

import re

from bench.host.doctor.check import Check
from bench.host.doctor.cuda import START_ERRORS, minimum_driver, number
from bench.host.doctor.gpu_view import Link, View
from bench.host.doctor.stack import Build, CudaDriver
from bench.system.nvml import DRIVER_MISMATCH, DRIVER_NOT_LOADED, NO_DRIVER_LIBRARY, NO_PACKAGE

__all__ = ["cuda_link", "device_link", "driver_link", "nvml_link"]

_GPU_NODE = re.compile(r"/dev/nvidia\d+")
_WINDOWS = "install NVIDIA's driver in Windows (https://www.nvidia.com/drivers), then there: wsl --shutdown"
_HOSTED = {
    "colab": " (Colab gives one under Runtime, Change runtime type)",
    "kaggle": " (Kaggle gives one under Settings, Accelerator)",
}


def device_link(view: View) -> Link:
    """Is there a card at all? None is as good as one: cells then compute on the CPU."""
    what, files = "GPU: device", view.files
    if view.nvml.devices:
        return Link(Check(what, "fine", ", ".join(one.name().value or "unnamed" for one in view.nvml.devices)))
    if files.cards:
        places = ", ".join(card.address for card in files.cards)
        return Link(Check(what, "fine", f"{_count(len(files.cards), 'NVIDIA card')} on the PCI bus ({places})"))
    if view.has_gpu:
        return Link(Check(what, "fine", "an NVIDIA GPU, by the driver's traces"))
    if files.wsl == 1:
        anew = "where the PC has an NVIDIA card, in Windows: wsl --set-version DISTRIBUTION 2"
        return Link(Check(what, "unknown", "WSL 1 shows no GPU to Linux", anew), holds=False)
    if files.windows_gpu:
        found = "Windows hands over a GPU, and it has no NVIDIA driver: cells compute on the CPU"
        return Link(Check(what, "unknown", found, f"where the PC has an NVIDIA card: {_WINDOWS}"), holds=False)
    if view.nvml.reason and view.nvml.reason.startswith("NVML: "):
        found = f"no card found, though a driver for one is installed ({view.nvml.reason})"
        return Link(Check(what, "unknown", found, "where there is a card: sudo modprobe nvidia"), holds=False)
    hint = _HOSTED.get(view.platform, "")
    return Link(Check(what, "fine", f"no NVIDIA GPU: cells compute on the CPU{hint}"), holds=False)


def driver_link(view: View) -> Link:
    """Is NVIDIA's driver there, for this process, and new enough for the CUDA that TensorFlow was built with?"""
    what = "GPU: driver"
    broken = _shut_out(view) or _no_driver(view)
    if broken is not None:
        return Link.torn(what, *broken)
    version = view.nvml.driver.value or view.files.module
    loaded, build = version or "of an unknown version", view.stack.framework.build
    least = minimum_driver(build, windows=view.files.wsl == 2) if build else None
    if build and least and version and number(version) and number(version) < number(least):
        if not _is_made_up_for(view.stack.driver, build):
            older = f"is too old for CUDA {build.cuda_version}, which TensorFlow was built with: {least} or newer"
            return Link.torn(what, f"{version} {older}", _WINDOWS if view.files.wsl else view.installation)
        loaded += f", older than CUDA {build.cuda_version} asks for, which a CUDA compatibility library makes up for"
    return Link(Check(what, "fine", f"{loaded}, in Windows" if view.files.wsl else loaded))


def nvml_link(view: View) -> Link:
    """Does NVML answer? It reads power, memory and clocks; without it TensorFlow 2.21 finds no GPU and says nothing."""
    what, reason = "GPU: NVML", view.nvml.reason or ""
    if view.nvml.devices:
        count, cards = len(view.nvml.devices), [card for card in view.files.cards if card.driver == "nvidia"]
        if view.container is None and count < len(cards):
            found = f"{_count(count, 'GPU')} of {len(cards)} on the PCI bus: the driver refuses the others"
            return Link(Check(what, "limited", found, "sudo dmesg | grep NVRM  # says why"))
        return Link(Check(what, "fine", f"answers, with {_count(count, 'GPU')}"))
    if reason == DRIVER_MISMATCH:
        again = "restart the container; on the host, sudo reboot" if view.container else "sudo reboot"
        loaded = f" (the module is {view.files.module})" if view.files.module else ""
        return Link.torn(what, f"the driver's library and its kernel module differ in version{loaded}", again)
    lacking = "power, energy, memory and clocks of the GPU will be missing"
    if reason == NO_PACKAGE:
        return Link(Check(what, "limited", f"{reason}: {lacking}", view.pip.install("nvidia-ml-py")))
    if reason == NO_DRIVER_LIBRARY:
        names = "libnvidia-ml.so.1 and libcuda.so.1" if view.stack.driver.error else "libnvidia-ml.so.1"
        found, mend = f"the driver's library can't be loaded: {names}{_left_out(view, 'utility')}", _library(view)
        if view.stack.framework.gpus:
            return Link(Check(what, "limited", f"{found}; {lacking}", mend))
        return Link.torn(what, f"{found}; TensorFlow finds no GPU without", mend)
    if view.stack.framework.gpus:
        return Link(Check(what, "limited", f"{reason}: {lacking}", "nvidia-smi  # says more"))
    mend = "sudo dmesg | grep NVRM  # says why: cards want a driver that is neither too old nor too new for them"
    if "lost" in reason:
        mend = "sudo reboot  # and if it comes again, look at the card's power: sudo dmesg | grep Xid"
    if view.container and "no NVIDIA device" not in reason:
        reason += "; a reload of systemd on the host takes the GPU from containers that run: start it anew"
        mend = view.container.with_gpu
    return Link.torn(what, f"it sees no GPU ({reason})", mend)


def cuda_link(view: View) -> Link:
    """Does CUDA start: the driver's library libcuda.so.1?"""
    what, driver = "GPU: CUDA", view.stack.driver
    stray = view.files.wsl == 2 and driver.file is not None and "/wsl/" not in driver.file
    if driver.code == 0:
        knows = f", and knows CUDA up to {driver.version}" if driver.version else ""
        return Link(Check(what, "fine", f"starts{knows}"))
    if driver.error is not None:
        found = f"the driver's library libcuda.so.1 can't be loaded ({driver.error}){_left_out(view, 'compute')}"
        return Link.torn(what, found, _library(view))
    if stray:
        found = f"a driver for Linux lies before Windows' own ({driver.file})"
        return Link.torn(what, found, "sudo apt purge 'nvidia-driver-*' 'libnvidia-compute-*', then: wsl --shutdown")
    if driver.code is None:
        found = f"the driver's library gave no answer ({driver.failed or 'it was not asked'})"
        return Link.torn(what, found, "nvidia-smi  # if that hangs too: sudo reboot")
    name, meaning, mend = START_ERRORS.get(driver.code, (f"error {driver.code}", "the driver could not start", ""))
    return Link.torn(what, f"{meaning} ({name} from cuInit)", mend or "sudo dmesg | grep NVRM  # may say why")


def _shut_out(view: View) -> tuple[str, str] | None:
    """A container that was started without the GPU, or without the driver's libraries."""
    if view.container is None or view.files.wsl or view.nvml.devices or view.stack.driver.code == 0:
        return None
    kind = view.container.kind
    if not any(map(_GPU_NODE.fullmatch, view.files.nodes)):
        asked = view.environ.get("NVIDIA_VISIBLE_DEVICES")
        why = f"NVIDIA_VISIBLE_DEVICES={asked}" if asked in ("", "none", "void") else "no /dev/nvidia0"
        module = f"; the host's driver is {view.files.module}" if view.files.module else ""
        needs = f"; its host needs {view.container.needs}" if view.container.needs else ""
        found = f"this container ({kind}) was started without the GPU of its host: {why}{module}{needs}"
        return found, view.container.with_gpu
    if view.stack.driver.error and view.nvml.reason in (NO_DRIVER_LIBRARY, NO_PACKAGE):
        found = f"this container ({kind}) has the GPU's files under /dev, but no library of the driver"
        return found, view.container.with_libraries
    return None


def _is_made_up_for(driver: CudaDriver, build: Build) -> bool:
    """Has an old driver a newer libcuda.so.1 before its own (package cuda-compat), and does that start on this card?

    TensorFlow's list of GPUs is no proof: it is made before CUDA's runtime, which refuses an old driver, is called.
    """
    return driver.code == 0 and number(driver.version or "")[:1] >= (build.cuda_major or 0,)


def _no_driver(view: View) -> tuple[str, str] | None:
    if view.files.wsl or view.files.module or view.nvml.devices or view.stack.driver.code is not None:
        return None
    held = next((card.driver for card in view.files.cards if card.driver not in (None, "nvidia")), None)
    if held == "vfio-pci":
        return "the card is handed through to virtual machines (vfio-pci)", "run this in the one that has it"
    if view.nvml.reason == DRIVER_NOT_LOADED:
        rebuilt = "sudo dkms autoinstall builds it for this kernel; mokutil --sb-state tells of Secure Boot"
        return "installed, but its kernel module is not loaded", f"sudo modprobe nvidia  # if it is refused: {rebuilt}"
    instead = f": {held} drives the card" if held else ""
    return f"NVIDIA's driver is not installed{instead}", view.installation


def _left_out(view: View, capability: str) -> str:
    """Why a container lacks a library of the driver; `capability` is the containers' word for its kind."""
    asked = view.environ.get("NVIDIA_DRIVER_CAPABILITIES", "")
    is_asked = not asked or capability in asked or "all" in asked
    return "" if view.container is None or is_asked else f"; NVIDIA_DRIVER_CAPABILITIES={asked} leaves it out"


def _library(view: View) -> str:
    """How a library of the driver gets to where it is found."""
    if view.files.wsl and view.files.windows_driver:
        return "export LD_LIBRARY_PATH=/usr/lib/wsl/lib:$LD_LIBRARY_PATH"
    if view.files.wsl:
        return _WINDOWS
    if view.container is not None:
        return view.container.with_libraries
    return f"{view.installation}  # the driver's libraries are missing or of another system"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
