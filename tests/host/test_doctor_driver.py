"""The chain's first links, broken in every way: card, driver, NVML, CUDA's start."""

from dataclasses import replace

import pytest

from bench.host.doctor.stack import CudaDriver
from tests.gpu_machines import (
    BUILD,
    CARD,
    DOCKER,
    HEALTHY,
    MACHINE,
    MODULE,
    NODES,
    NOT_FOUND,
    NOTHING,
    SECOND,
    UBUNTU,
    UNSEEN,
    WSL,
    Bad,
    Machine,
    answers,
    card,
    judge,
    named,
    nvml,
    refusing,
    starts,
    without_library,
)

DEVICE, DRIVER, NVML, CUDA = "GPU: device", "GPU: driver", "GPU: NVML", "GPU: CUDA"
SEEN = ("GPU: TensorFlow",)
OLD = "is too old for CUDA 12.5.1, which TensorFlow was built with: 525.60.13 or newer"
DRIVERLESS = {"files": {**CARD, **UBUNTU}, "also": SEEN}
WSL_CUDA = CudaDriver("/usr/lib/wsl/lib/libcuda.so.1", code=0, version="12.4", devices=1)
LINUX_CUDA = CudaDriver("/usr/lib/x86_64-linux-gnu/libcuda.so.1", code=100, version="12.4")
OF_ITS_DAY = replace(UNSEEN, driver=CudaDriver("/usr/lib/libcuda.so.1", code=0, version="11.4", devices=1))
FOR_CUDA_13 = replace(BUILD, cuda_version="13.0")
T4_WITH_COMPAT = replace(
    answers(HEALTHY, build=FOR_CUDA_13),
    driver=CudaDriver("/usr/local/cuda-13.0/compat/libcuda.so.1", code=0, version="13.0", devices=1),
)
HOSTED_LIBRARIES = "export LD_LIBRARY_PATH=/usr/lib64-nvidia:$LD_LIBRARY_PATH"
NO_NVML = "the driver's library can't be loaded: libnvidia-ml.so.1"

DRIVERS = {
    "none installed": without_library(
        bad=Bad(DRIVER, "NVIDIA's driver is not installed", "sudo ubuntu-drivers install"), bound=None, **DRIVERLESS
    ),
    "nouveau": without_library(
        bad=Bad(DRIVER, "NVIDIA's driver is not installed: nouveau drives the card", "sudo ubuntu-drivers install"),
        bound="nouveau",
        **DRIVERLESS,
    ),
    "handed through": without_library(
        bad=Bad(DRIVER, "handed through to virtual machines (vfio-pci)", "run this in the one that has it"),
        bound="vfio-pci",
        **DRIVERLESS,
    ),
    "not loaded": Machine(
        Bad(DRIVER, "installed, but its kernel module is not loaded", "sudo modprobe nvidia"),
        stack=NOTHING,
        nvml=refusing(9),
        bound=None,
        **DRIVERLESS,
    ),
    "not loaded, and no card": Machine(
        Bad(DEVICE, "no card found, though a driver for one is installed", "sudo modprobe nvidia", "unknown"),
        stack=NOTHING,
        files=UBUNTU,
        nvml=refusing(9),
    ),
    "too old": Machine(
        Bad(DRIVER, f"470.57.02 {OLD}", "sudo ubuntu-drivers install"),
        stack=OF_ITS_DAY,
        nvml=nvml(card(), version="470.57.02"),
        also=SEEN,
    ),
    "too old by a little, in a container": Machine(
        Bad(DRIVER, f"525.60.11 {OLD}", "on the container's host: "),
        stack=OF_ITS_DAY,
        files={**MACHINE, **DOCKER},
        nvml=nvml(card(), version="525.60.11"),
        also=SEEN,
    ),
    "too old for CUDA 13": Machine(
        Bad(DRIVER, "570.86.10 is too old for CUDA 13.0", "sudo ubuntu-drivers install"),
        stack=answers(build=FOR_CUDA_13),
        nvml=nvml(card(), version="570.86.10"),
        also=SEEN,
    ),
    "too old, seen without NVML": without_library(
        bad=Bad(DRIVER, f"470.57.02 {OLD}", "sudo ubuntu-drivers install"),
        stack=OF_ITS_DAY,
        files={**MACHINE, **{name: text.replace("550.54.15", "470.57.02") for name, text in MODULE.items()}},
        also=SEEN,
    ),
    "too old, though TensorFlow lists the card": Machine(
        Bad(DRIVER, f"470.57.02 {OLD}", "sudo ubuntu-drivers install"),
        stack=replace(HEALTHY, driver=OF_ITS_DAY.driver),
        nvml=nvml(card(), version="470.57.02"),
    ),
    "too old, and its card not one for a compatibility library": Machine(
        Bad(DRIVER, "535.104.05 is too old for CUDA 13.0", "sudo ubuntu-drivers install"),
        stack=replace(answers(build=FOR_CUDA_13), driver=replace(T4_WITH_COMPAT.driver, code=804, devices=None)),
        nvml=nvml(card(), version="535.104.05"),
        also=SEEN,
    ),
    "older than CUDA 13, with a compatibility library": Machine(
        stack=T4_WITH_COMPAT, nvml=nvml(card(), version="535.104.05")
    ),
    "just new enough": Machine(nvml=nvml(card(), version="525.60.13")),
}
NVMLS = {
    "mismatch": Machine(
        Bad(NVML, "its kernel module differ in version (the module is 550.54.15)", "sudo reboot"),
        stack=starts(803),
        nvml=refusing(18),
        also=SEEN,
    ),
    "mismatch, in a container": Machine(
        Bad(NVML, "its kernel module differ in version", "restart the container; on the host, sudo reboot"),
        stack=starts(803),
        files={**MACHINE, **DOCKER},
        nvml=refusing(18),
        also=SEEN,
    ),
    "no library": without_library(
        bad=Bad(NVML, f"{NO_NVML}; power, energy", "sudo ubuntu-drivers install", "limited"), stack=HEALTHY
    ),
    "no library, and TensorFlow blind for it": without_library(
        bad=Bad(NVML, f"{NO_NVML}; TensorFlow finds no GPU", "sudo ubuntu-drivers install"),
        stack=answers(log=("I dso.cc:1] Could not load dynamic library 'libnvidia-ml.so.1'; dlerror: no",)),
        also=SEEN,
    ),
    "no library of the driver at all": without_library(
        bad=Bad(NVML, f"{NO_NVML} and libcuda.so.1; TensorFlow finds no GPU", "sudo ubuntu-drivers install"), also=SEEN
    ),
    "no library in the container": without_library(
        bad=Bad(
            NVML,
            f"{NO_NVML}; NVIDIA_DRIVER_CAPABILITIES=compute leaves it out",
            "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility …",
            "limited",
        ),
        stack=HEALTHY,
        files={**MACHINE, **DOCKER},
        environ={"NVIDIA_DRIVER_CAPABILITIES": "compute"},
    ),
    "no package": Machine(
        Bad(NVML, "the package nvidia-ml-py is not installed", "pip install nvidia-ml-py", "limited"),
        library="no package",
    ),
    "no permission": Machine(
        Bad(NVML, "it sees no GPU (NVML: no permission to read it)", "sudo dmesg | grep NVRM"),
        stack=starts(100),
        nvml=refusing(4),
        also=SEEN,
    ),
    "a container that lost its files": Machine(
        Bad(NVML, "it sees no GPU (NVML: ", "docker run --gpus all …"),
        stack=starts(100),
        files={**MACHINE, **DOCKER},
        nvml=refusing(999),
        also=SEEN,
    ),
    "lost": Machine(
        Bad(NVML, "the GPU is lost", "sudo reboot"),
        stack=starts(100),
        nvml=nvml("[gpu 0]\nhandle = !15\n"),
        also=SEEN,
    ),
    "refused by the driver": Machine(
        Bad(NVML, "it sees no GPU (no NVIDIA device)", "sudo dmesg | grep NVRM"),
        stack=starts(100),
        nvml=nvml(),
        also=SEEN,
    ),
    "one of two refused": Machine(
        Bad(NVML, "1 GPU of 2 on the PCI bus: the driver refuses the others", "sudo dmesg | grep NVRM", "limited"),
        files={**MACHINE, **SECOND},
    ),
    "one of two given to the container": Machine(files={**MACHINE, **SECOND, **DOCKER}),
    "shut, though TensorFlow computes": Machine(
        Bad(NVML, "power, energy, memory and clocks of the GPU will be missing", "nvidia-smi", "limited"),
        nvml=refusing(999),
    ),
}
CONTAINERS = {
    "without the runtime": without_library(
        bad=Bad(
            DRIVER,
            "no /dev/nvidia0; the host's driver is 550.54.15; its host needs NVIDIA's Container Toolkit",
            "docker run --gpus all …",
        ),
        files={**CARD, **MODULE, **DOCKER},
        also=SEEN,
    ),
    "given none on purpose": without_library(
        bad=Bad(
            DRIVER, "without the GPU of its host: NVIDIA_VISIBLE_DEVICES=void", "podman run --device nvidia.com/gpu=all"
        ),
        files={**CARD, "run/.containerenv": ""},
        environ={"NVIDIA_VISIBLE_DEVICES": "void"},
        also=SEEN,
    ),
    "without the driver's libraries": without_library(
        bad=Bad(DRIVER, "the GPU's files under /dev, but no library of the driver", "docker run --gpus all"),
        files={**CARD, **NODES, **DOCKER},
        also=SEEN,
    ),
    "that has the GPU all the same": without_library(
        bad=Bad(NVML, NO_NVML, "docker run --gpus all", "limited"), stack=HEALTHY, files={**CARD, **DOCKER}
    ),
    "without CUDA's part of them": Machine(
        Bad(
            CUDA,
            f"({NOT_FOUND}); NVIDIA_DRIVER_CAPABILITIES=utility leaves it out",
            "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility …",
        ),
        stack=NOTHING,
        files={**MACHINE, **DOCKER},
        environ={"NVIDIA_DRIVER_CAPABILITIES": "utility"},
        also=SEEN,
    ),
    **{
        f"without CUDA's part of them, {place}": Machine(
            Bad(CUDA, f"libcuda.so.1 can't be loaded ({NOT_FOUND})", mend),
            stack=NOTHING,
            files={**MACHINE, **DOCKER},
            environ=environ,
            also=SEEN,
        )
        for place, environ, mend in (
            ("in Docker", {}, "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility …"),
            ("in a pod", {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "NVIDIA_DRIVER_CAPABILITIES=compute,utility"),
            ("on Colab", {"COLAB_GPU": "1"}, f"{HOSTED_LIBRARIES}  # or Runtime → Disconnect and delete"),
            ("on Kaggle", {"KAGGLE_URL_BASE": "x"}, f"{HOSTED_LIBRARIES}  # or stop the session"),
        )
    },
}
STARTS = {
    "no library": Machine(
        Bad(CUDA, f"libcuda.so.1 can't be loaded ({NOT_FOUND})", "sudo ubuntu-drivers install"),
        stack=answers(
            NOTHING, log=(f"I dso.cc:1] Could not load dynamic library 'libcuda.so.1'; dlerror: {NOT_FOUND}",)
        ),
        also=SEEN,
    ),
    "a library that kills": Machine(
        Bad(CUDA, "the driver's library gave no answer (killed by SIGSEGV)", "nvidia-smi"),
        stack=replace(UNSEEN, driver=CudaDriver(failed="killed by SIGSEGV")),
        also=SEEN,
    ),
    **{
        f"error {code}": Machine(Bad(CUDA, f"{name} from cuInit", mend), stack=starts(code), also=SEEN)
        for code, name, mend in (
            (34, "CUDA_ERROR_STUB_LIBRARY", "LD_LIBRARY_PATH"),
            (802, "CUDA_ERROR_SYSTEM_NOT_READY", "sudo systemctl enable --now nvidia-fabricmanager"),
            (803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "sudo reboot"),
            (804, "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE", "cuda/compat"),
            (999, "CUDA_ERROR_UNKNOWN", "sudo modprobe nvidia_uvm"),
            (7, "error 7", "sudo dmesg"),
        )
    },
}
WINDOWS = {
    "WSL 1": without_library(
        bad=Bad(DEVICE, "WSL 1 shows no GPU to Linux", "wsl --set-version DISTRIBUTION 2", "unknown"),
        files={"proc/sys/kernel/osrelease": "4.4.0-19041-Microsoft\n"},
    ),
    "no NVIDIA driver in Windows": without_library(
        bad=Bad(DEVICE, "Windows hands over a GPU, and it has no NVIDIA driver", "wsl --shutdown", "unknown"),
        files={name: text for name, text in WSL.items() if "libcuda" not in name},
    ),
    "its libraries not found": without_library(
        bad=Bad(NVML, f"{NO_NVML} and libcuda.so.1", "export LD_LIBRARY_PATH=/usr/lib/wsl/lib:$LD_LIBRARY_PATH"),
        files=WSL,
        also=SEEN,
    ),
    "a driver for Linux before it": Machine(
        Bad(CUDA, f"a driver for Linux lies before Windows' own ({LINUX_CUDA.file})", "sudo apt purge"),
        stack=replace(UNSEEN, driver=LINUX_CUDA),
        files=WSL,
        nvml=nvml(card(), version="552.22"),
        also=SEEN,
    ),
    "too old": Machine(
        Bad(DRIVER, "511.23 is too old for CUDA 12.5.1", "install NVIDIA's driver in Windows"),
        stack=OF_ITS_DAY,
        files=WSL,
        nvml=nvml(card(), version="511.23"),
        also=SEEN,
    ),
    "healthy": Machine(files=WSL, nvml=nvml(card(), version="552.22"), stack=replace(HEALTHY, driver=WSL_CUDA)),
}
MACHINES = named(driver=DRIVERS, NVML=NVMLS, container=CONTAINERS, CUDA=STARTS, WSL=WINDOWS)


@pytest.mark.parametrize("name", MACHINES)
def test_the_broken_link_is_named_with_what_mends_it(examined, name):
    judge(MACHINES[name], examined[name])


def test_what_hangs_on_a_broken_link_is_not_looked_at(examined):
    assert [check.what for check in examined["driver: none installed"]] == [
        DEVICE,
        DRIVER,
        "GPU: TensorFlow's build",
        "GPU: CUDA libraries",
        *SEEN,
    ]
    last = examined["driver: none installed"][-1]
    assert last.found == "sees none, for want of what is broken above (driver)"
    assert "CUDA_VISIBLE_DEVICES=-1" in last.mend


def test_an_old_driver_that_a_library_makes_up_for_is_called_so(examined):
    found = {check.what: check.found for check in examined["driver: older than CUDA 13, with a compatibility library"]}
    makes_up = "which a CUDA compatibility library makes up for"
    assert found[DRIVER] == f"535.104.05, older than CUDA 13.0 asks for, {makes_up}"


def test_a_driver_of_windows_is_called_so(examined):
    found = {check.what: check.found for check in examined["WSL: healthy"]}
    assert found[DRIVER] == "552.22, in Windows"
