"""Machines with an NVIDIA GPU, healthy and broken, and what the doctor says of them.

The driver is the stand-in for NVML, the machine a tree of files, TensorFlow what it answered. Many machines go through
one process, since the stand-in has to be there before Python starts.
"""

import pickle
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bench.host.doctor.check import Check
from bench.host.doctor.stack import Build, CudaDriver, Framework, Library, SeenGpu, Stack
from tests.trees import tree

LIBRARIES = (
    "libcudart.so.12 libcublas.so.12 libcublasLt.so.12 libcufft.so.11 libcusolver.so.11 libcusparse.so.12 libcudnn.so.9"
).split()
BUILD = Build(
    cuda=True,
    cuda_version="12.5.1",
    cudnn_version="9",
    architectures=("sm_60", "sm_70", "sm_80", "sm_89", "compute_90"),
)
CPU_BUILD = Build(cuda=False)
PACKAGES = {"tensorflow": "2.21.0", "nvidia-cudnn-cu12": "9.27.0.42", "nvidia-cublas-cu12": "12.9.3.13"}
CPU_PACKAGES = {"tensorflow-cpu": "2.21.0"}
HEALTHY = Stack(
    packages=PACKAGES,
    framework=Framework("2.21.0", build=BUILD, gpus=(SeenGpu("Tesla T4", "7.5"),), keras="3.15.1"),
    driver=CudaDriver("/usr/lib/libcuda.so.1", code=0, version="12.4", devices=1),
    libraries=tuple(Library(name, f"/v/nvidia/x/lib/{name}") for name in LIBRARIES),
    wanted=(
        "nvidia-cublas-cu12<13.0,>=12.5.3.2",
        "nvidia-cudnn-cu12<10.0,>=9.3.0.75",
        "nvidia-nccl-cu12<3.0,>=2.27.7",
    ),
)
UNSEEN = replace(HEALTHY, framework=replace(HEALTHY.framework, gpus=()))
"""TensorFlow sees no GPU, all else being well."""
NOT_FOUND = "libcuda.so.1: cannot open shared object file: No such file or directory"
NOTHING = replace(UNSEEN, driver=CudaDriver(error=NOT_FOUND))
"""Nor is there a library of the driver."""

MODULE = {"proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 2024\n"}
CARD = {"sys/bus/pci/devices/0000:01:00.0/vendor": "0x10de\n", "sys/bus/pci/devices/0000:01:00.0/class": "0x030200\n"}
SECOND = {name.replace("01:00", "02:00"): text for name, text in CARD.items()}
NODES = {"dev/nvidia0": "", "dev/nvidiactl": "", "dev/nvidia-uvm": ""}
UBUNTU = {"etc/os-release": "ID=ubuntu\nID_LIKE=debian\n"}
MACHINE = {**CARD, **NODES, **UBUNTU, **MODULE}
DOCKER = {".dockerenv": ""}
WSL = {
    "proc/sys/kernel/osrelease": "5.15.167.4-microsoft-standard-WSL2\n",
    "dev/dxg": "",
    "usr/lib/wsl/lib/libcuda.so.1": "",
}

_EXAMINE = """
import os, pickle, sys
from dataclasses import astuple
from pathlib import Path
from bench.host.doctor.gpu import gpu_checks
result = {}
for name, (trace, stack, root, environ) in pickle.loads(Path(sys.argv[1]).read_bytes()).items():
    os.environ["NVML_STANDIN_TRACE"] = trace
    result[name] = [astuple(check) for check in gpu_checks(stack, Path(root), environ)]
"""


def card(index=0, name="Tesla T4", capability="7.5", more=""):
    """A card as the stand-in reads it."""
    uuid = f"GPU-{index}1111111-aaaa-bbbb-cccc-00000000000{index}"
    return f"[gpu {index}]\nname = {name}\nuuid = {uuid}\ncompute_capability = {capability}\n{more}\n"


def nvml(*cards, version="550.54.15"):
    """A driver with these cards, as the stand-in reads it."""
    return f"[driver]\nversion = {version}\n" + "".join(cards)


def refusing(error):
    """A driver's library that can't start."""
    return f"[driver]\ninit = !{error}\n"


def answers(stack=UNSEEN, **changes):
    """The stack, with another word of TensorFlow's."""
    return replace(stack, framework=replace(stack.framework, **changes))


def starts(code):
    """CUDA starts with this error, and TensorFlow sees no GPU."""
    return replace(UNSEEN, driver=CudaDriver("/usr/lib/libcuda.so.1", code=code, version="12.4"))


@dataclass(frozen=True)
class Bad:
    """A check that isn't fine: parts of what it found and of what mends it."""

    what: str
    found: str
    mend: str
    state: str = "broken"


@dataclass(frozen=True)
class Machine:
    """A machine, and what the doctor should say: `bad`, or that all is fine (None).

    `also` names the other checks that aren't fine then. `library` is the state of NVML's library, `bound` the kernel's
    driver of the cards.
    """

    bad: Bad | None = None
    stack: Stack = HEALTHY
    files: dict = field(default_factory=lambda: MACHINE)
    nvml: str = nvml(card())
    environ: dict = field(default_factory=dict)
    library: str = "current"
    bound: str | None = "nvidia"
    also: tuple = ()


def without_library(**changes):
    """A machine on which NVML's library can't be loaded."""
    return Machine(**{"stack": NOTHING, "nvml": "", "library": "none", **changes})


def named(**groups):
    """The machines of several tables, each by its group and name there."""
    return {f"{group}: {name}": machine for group, machines in groups.items() for name, machine in machines.items()}


@pytest.fixture(scope="module")
def examined(request, nvml_standin, tmp_path_factory):
    """The checks of every one of the module's MACHINES, by its name."""
    machines, folder = request.module.MACHINES, tmp_path_factory.mktemp("machines")
    (folder / "pynvml.py").write_text("raise ImportError('as if it were not installed')\n")
    shadowed = {"PYTHONPATH": f"{folder}:{Path(__file__).parents[1]}"}
    numbers = {name: str(number) for number, name in enumerate(machines)}
    found = {}
    for library in {machine.library for machine in machines.values()}:
        wanted = {n: _built(folder / numbers[n], one) for n, one in machines.items() if one.library == library}
        (folder / "wanted").write_bytes(pickle.dumps(wanted))
        missing = library == "no package"
        state = "current" if missing else library
        found |= nvml_standin.run(
            "t4", _EXAMINE, str(folder / "wanted"), driver=state, env=shadowed if missing else None
        )
    return {name: [Check(*fields) for fields in checks] for name, checks in found.items()}


def judge(machine, checks):
    """Assert that the doctor says what it should, and no more."""
    bad = {check.what: check for check in checks if check.state != "fine"}
    assert checks
    assert all(check.mend for check in bad.values())
    assert not [check for check in checks if check.state == "fine" and check.mend]
    if machine.bad is None:
        assert not bad
        return
    assert set(bad) == {machine.bad.what, *machine.also}, checks
    assert bad[machine.bad.what].state == machine.bad.state
    assert machine.bad.found in bad[machine.bad.what].found
    assert machine.bad.mend in bad[machine.bad.what].mend


def _built(root, machine):
    trace = root.parent / f"{root.name}.ini"
    trace.write_text(machine.nvml)
    tree(root, {"tmp/nothing": "", **machine.files})
    for folder in (root / "sys/bus/pci/devices").glob("*"):
        if machine.bound:
            (folder / "driver").symlink_to(f"../../../../bus/pci/drivers/{machine.bound}")
    return str(trace), machine.stack, str(root), machine.environ
