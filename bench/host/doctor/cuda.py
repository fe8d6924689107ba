"""Facts about CUDA that no library tells: which driver and which files a build asks for, what start-up errors mean."""

from __future__ import annotations

from bench.host.doctor.stack import Build

__all__ = ["START_ERRORS", "library_names", "minimum_driver", "number"]

# docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html: any toolkit of a major version runs on the
# drivers that came with its first one; their exact numbers are in the release notes of CUDA 11.0, 12.0 and 13.0.
# Windows numbers its drivers otherwise, and WSL has Windows' driver.
_MINIMUM_DRIVER = {11: ("450.80.02", "452.39"), 12: ("525.60.13", "527.41"), 13: ("580.65.06", "580.65")}

# What TensorFlow opens before it registers a GPU (xla/tsl/platform/default/dlopen_checker.cc), by CUDA's major version,
# with the numbers that the files of that toolkit have: cuFFT, cuSOLVER and cuSPARSE count for themselves
_LIBRARIES = {
    11: "libcudart.so.11.0 libcublas.so.11 libcublasLt.so.11 libcufft.so.10 libcusolver.so.11 libcusparse.so.11",
    12: "libcudart.so.12 libcublas.so.12 libcublasLt.so.12 libcufft.so.11 libcusolver.so.11 libcusparse.so.12",
    13: "libcudart.so.13 libcublas.so.13 libcublasLt.so.13 libcufft.so.12 libcusolver.so.12 libcusparse.so.12",
}

# cuda.h, enum cudaError_enum: its number -> name, what it means here, what mends it
START_ERRORS = {
    34: (
        "CUDA_ERROR_STUB_LIBRARY",
        "the libcuda.so.1 that is found is the toolkit's empty stand-in, and not the driver's",
        "take the toolkit's folder lib64/stubs out of LD_LIBRARY_PATH",
    ),
    46: (
        "CUDA_ERROR_DEVICE_UNAVAILABLE",
        "the GPU is taken, or its compute mode forbids its use",
        "nvidia-smi names who is on it; sudo nvidia-smi -c DEFAULT lets several in",
    ),
    100: (
        "CUDA_ERROR_NO_DEVICE",
        "the driver gives this process no GPU",
        "nvidia-smi -L shows what the driver sees, and sudo dmesg | grep NVRM why it refuses a card",
    ),
    101: (
        "CUDA_ERROR_INVALID_DEVICE",
        "the chosen GPU or MIG slice is not one that CUDA can use",
        "nvidia-smi -L lists those to choose from",
    ),
    102: (
        "CUDA_ERROR_DEVICE_NOT_LICENSED",
        "the virtual GPU has no licence",
        "nvidia-smi -q | grep -i licen shows its state; it comes from the owner of the virtual machine",
    ),
    802: (
        "CUDA_ERROR_SYSTEM_NOT_READY",
        "the GPUs' interconnect is not up: machines with NVSwitch need NVIDIA's fabric manager",
        "sudo systemctl enable --now nvidia-fabricmanager",
    ),
    803: (
        "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
        "the driver's library and its kernel module are of different versions, as after an update",
        "sudo reboot",
    ),
    804: (
        "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
        "a CUDA compatibility library stands before the driver's own, and this card is not one that may use it",
        "take the folder cuda/compat out of LD_LIBRARY_PATH and /etc/ld.so.conf.d",
    ),
    999: (
        "CUDA_ERROR_UNKNOWN",
        "the driver could not start; most often its module nvidia_uvm is missing, or stale after a suspend",
        "sudo modprobe -r nvidia_uvm; sudo modprobe nvidia_uvm && sudo nvidia-modprobe -u -c=0",
    ),
}


def minimum_driver(build: Build, windows: bool = False) -> str | None:
    """The oldest driver that the build's CUDA runs on, None where that isn't known; `windows`: one of Windows."""
    numbers = _MINIMUM_DRIVER.get(build.cuda_major or 0)
    return numbers[windows] if numbers else None


def library_names(build: Build) -> tuple[str, ...]:
    """The files that the build opens; none where that isn't known. The driver's libcuda.so.1 is not among them."""
    names = _LIBRARIES.get(build.cuda_major or 0, "").split()
    cudnn = (build.cudnn_version or "").partition(".")[0]
    return (*names, f"libcudnn.so.{cudnn}") if names and cudnn else tuple(names)


def number(version: str) -> tuple[int, ...]:
    """A version to compare by: `550.54.15` as (550, 54, 15), and nothing of what is no number."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())
