"""The whole chain: healthy machines, those without a GPU, and the choice of the GPU; then TensorFlow's own links."""

from dataclasses import replace

import pytest

from bench.host.doctor.check import Check
from bench.host.doctor.stack import Framework, Library, SeenGpu
from tests.gpu_machines import (
    BUILD,
    CARD,
    CPU_BUILD,
    CPU_PACKAGES,
    DOCKER,
    HEALTHY,
    LIBRARIES,
    NOTHING,
    PACKAGES,
    UBUNTU,
    UNSEEN,
    Bad,
    Machine,
    answers,
    card,
    judge,
    named,
    nvml,
    starts,
    without_library,
)

BUILD_NAME, LIBRARIES_NAME, CODE = "GPU: TensorFlow's build", "GPU: CUDA libraries", "GPU: code for it"
VISIBLE, MIG, MODE, SEEN = "GPU: CUDA_VISIBLE_DEVICES", "GPU: MIG, card 0", "GPU: compute mode", "GPU: TensorFlow"
WITH_CUDA = "pip install 'tensorflow[and-cuda]==2.21.0'"
SLICES = """[slice 0.0]
name = NVIDIA A100-SXM4-40GB MIG 1g.5gb
uuid = MIG-55555555-aaaa-bbbb-cccc-000000000006
[slice 0.1]
name = NVIDIA A100-SXM4-40GB MIG 2g.10gb
uuid = MIG-66666666-aaaa-bbbb-cccc-000000000007
"""
A100 = card(name="NVIDIA A100-SXM4-40GB", capability="8.0", more="mig_mode = 1\nmax_slices = 7\n")
NEW = replace(HEALTHY, driver=replace(HEALTHY.driver, version="13.0"))
H100 = nvml(card(name="NVIDIA H100 80GB HBM3", capability="9.0"), version="580.65.06")
AMPERE = answers(NEW, build=replace(BUILD, architectures=("sm_80", "compute_80")))
RTX_5090 = nvml(card(name="NVIDIA GeForce RTX 5090", capability="12.0"), version="580.65.06")


def lacking(*names, error="{}: cannot open shared object file: No such file or directory"):
    lost = [Library(name, error=error.format(name)) for name in names]
    return replace(UNSEEN, libraries=(*lost, *(one for one in HEALTHY.libraries if one.name not in names)))


def without_cuda(**packages):
    names = {name.replace("_", "-"): version for name, version in packages.items()}
    return replace(answers(build=CPU_BUILD), packages=names, libraries=())


FINE = {
    "T4": Machine(),
    **{
        name: Machine(nvml=nvml(card(name=name, capability=capability)))
        for name, capability in {"P100": "6.0", "V100": "7.0", "RTX 3090": "8.6", "L4": "8.9"}.items()
    },
    "a Jetson": Machine(files={}, nvml=nvml(card(name="Orin (nvgpu)", capability="8.7"), version="540.4.0")),
    "H100": Machine(nvml=H100, stack=NEW),
    "compiled code that is kept": Machine(nvml=H100, stack=AMPERE, environ={"CUDA_CACHE_MAXSIZE": "4294967296"}),
    "in a container": Machine(files={**CARD, **DOCKER, "dev/nvidia0": ""}),
    "libraries of the system": Machine(stack=replace(HEALTHY, packages={"tensorflow": "2.21.0"})),
    "one of two chosen": Machine(nvml=nvml(card(), card(1)), environ={"CUDA_VISIBLE_DEVICES": "1"}),
    "compute mode default": Machine(nvml=nvml(card(more="compute_mode = 0"))),
    "MIG": Machine(nvml=nvml(A100, SLICES), stack=answers(gpus=(SeenGpu("A100 MIG 1g.5gb", "8.0"),))),
    "MIG, one chosen": Machine(
        nvml=nvml(A100, SLICES),
        stack=answers(gpus=(SeenGpu("A100 MIG 2g.10gb", "8.0"),)),
        environ={"CUDA_VISIBLE_DEVICES": "MIG-66666666-aaaa-bbbb-cccc-000000000007"},
    ),
    "TensorFlow that can't be imported": Machine(stack=replace(HEALTHY, framework=Framework(None, failed="no"))),
    "no GPU": without_library(files={}),
    "no GPU, and tensorflow-cpu": without_library(files={}, stack=without_cuda(tensorflow_cpu="2.21.0")),
    "no GPU, in a container": without_library(files=DOCKER),
    "no GPU, on Colab": without_library(files=DOCKER, environ={"COLAB_RELEASE_TAG": "release-colab_20250101"}),
}
CHOICES = {
    **{
        f"hidden by {value!r}": Machine(
            Bad(VISIBLE, f"'{value}' hides the GPU: cells compute on the CPU", "unset CUDA_VISIBLE_DEVICES", "limited"),
            stack=starts(100),
            environ={"CUDA_VISIBLE_DEVICES": value},
        )
        for value in ("", "-1", "-1,0")
    },
    "hidden, where all else is broken": without_library(
        bad=Bad(BUILD_NAME, "built without CUDA", "pip uninstall -y tensorflow-cpu", "limited"),
        stack=replace(answers(NOTHING, build=CPU_BUILD), packages=CPU_PACKAGES),
        files=CARD,
        bound="nouveau",
        environ={"CUDA_VISIBLE_DEVICES": "-1"},
        also=("GPU: driver",),
    ),
    "a wrong index": Machine(
        Bad(VISIBLE, "'7' names no GPU that is here", "CUDA_VISIBLE_DEVICES=0  # 0 is Tesla T4"),
        stack=starts(100),
        environ={"CUDA_VISIBLE_DEVICES": "7"},
        also=(SEEN,),
    ),
    "a wrong UUID": Machine(
        Bad(VISIBLE, "'GPU-9999' names no GPU that is here", "export CUDA_VISIBLE_DEVICES=0"),
        stack=starts(100),
        environ={"CUDA_VISIBLE_DEVICES": "GPU-9999"},
        also=(SEEN,),
    ),
    "a wrong index after a right one": Machine(
        Bad(
            VISIBLE,
            "'0,7,1': '7' is no GPU that is here, and ends the list; T4 is left",
            "DEVICES=0,1  # 0 is T4",
            "limited",
        ),
        nvml=nvml(card(name="T4"), card(1, "P100", "6.0")),
        environ={"CUDA_VISIBLE_DEVICES": "0,7,1"},
    ),
    "MIG without a slice": Machine(
        Bad(MIG, "in MIG mode and has no slice", "sudo nvidia-smi mig -i 0 -cgi 0 -C"),
        stack=starts(100),
        nvml=nvml(A100),
        also=(SEEN,),
    ),
    "MIG without a slice on the other card": Machine(
        Bad("GPU: MIG, card 1", "in MIG mode and has no slice", "sudo nvidia-smi -i 1 -mig 0", "limited"),
        nvml=nvml(card(), A100.replace("gpu 0", "gpu 1")),
    ),
    "prohibited": Machine(
        Bad(MODE, "prohibited: no process may compute on it", "sudo nvidia-smi -i 0 -c DEFAULT"),
        nvml=nvml(card(more="compute_mode = 2")),
    ),
    "exclusive": Machine(
        Bad(MODE, "exclusive: one process at a time, and bench ab needs two", "-c DEFAULT", "limited"),
        nvml=nvml(card(more="compute_mode = 3\nprocesses =")),
    ),
    "exclusive, and taken": Machine(
        Bad(MODE, "exclusive, and process 77 has it", "-c DEFAULT"),
        nvml=nvml(card(more="compute_mode = 3\nprocesses = 77:1000")),
    ),
}
TENSORFLOWS = {
    "tensorflow-cpu": Machine(
        Bad(BUILD_NAME, "2.21.0, built without CUDA", "uninstall -y tensorflow-cpu && "),
        stack=without_cuda(tensorflow_cpu="2.21.0"),
        also=(SEEN,),
    ),
    "both": Machine(
        Bad(BUILD_NAME, "(installed: tensorflow 2.21.0 and tensorflow-cpu 2.21.0)", WITH_CUDA),
        stack=without_cuda(tensorflow="2.21.0", tensorflow_cpu="2.21.0"),
        also=(SEEN,),
    ),
    "built without CUDA by oneself": Machine(
        Bad(BUILD_NAME, "it computes on the CPU alone", "-m pip install 'tensorflow[and-cuda]==2.21.0'"),
        stack=without_cuda(),
        also=(SEEN,),
    ),
    "for AMD": Machine(
        Bad(BUILD_NAME, "built for AMD's GPUs (ROCm), not for NVIDIA's", "uninstall -y tensorflow-rocm && "),
        stack=answers(without_cuda(tensorflow_rocm="2.18.1"), build=replace(CPU_BUILD, rocm=True)),
        also=(SEEN,),
    ),
    "tensorflow-cpu, and no driver either": without_library(
        bad=Bad("GPU: driver", "NVIDIA's driver is not installed", "sudo ubuntu-drivers"),
        stack=replace(answers(NOTHING, build=CPU_BUILD), packages=CPU_PACKAGES),
        files={**CARD, **UBUNTU},
        bound=None,
        also=(BUILD_NAME, SEEN),
    ),
    "one library missing": Machine(
        Bad(LIBRARIES_NAME, "can't be loaded: libcudnn.so.9", WITH_CUDA), stack=lacking("libcudnn.so.9"), also=(SEEN,)
    ),
    "all libraries missing": Machine(
        Bad(LIBRARIES_NAME, f"can't be loaded: {', '.join(LIBRARIES)}", WITH_CUDA),
        stack=lacking(*LIBRARIES),
        also=(SEEN,),
    ),
    "a library that lacks another": Machine(
        Bad(LIBRARIES_NAME, "can't be loaded: libcusolver.so.11 (libnvJitLink.so.12: cannot open", WITH_CUDA),
        stack=lacking("libcusolver.so.11", error="libnvJitLink.so.12: cannot open shared object file"),
        also=(SEEN,),
    ),
    "a library that TensorFlow doesn't find": Machine(
        Bad(LIBRARIES_NAME, "TensorFlow doesn't find libcudnn.so.9", "export LD_LIBRARY_PATH=/v/nvidia/x/lib:$LD_LIB"),
        stack=answers(log=("I dso.cc:7] Could not load dynamic library 'libcudnn.so.9'; dlerror: libcudnn.so.9: no",)),
        also=(SEEN,),
    ),
    "another library before TensorFlow's own": Machine(
        Bad(
            LIBRARIES_NAME,
            "LD_LIBRARY_PATH sets those of /usr/local/cuda/lib64 before TensorFlow's own packages: libcudnn.so.9",
            "unset LD_LIBRARY_PATH",
            "limited",
        ),
        stack=replace(
            HEALTHY,
            libraries=(Library("libcudnn.so.9", "/usr/local/cuda/lib64/libcudnn.so.9", instead_of="/v/libcudnn.so.9"),),
        ),
    ),
    "cuDNN too old": Machine(
        Bad(LIBRARIES_NAME, "nvidia-cudnn-cu12 9.1.0.70, and TensorFlow wants <10.0,>=9.3.0.75", WITH_CUDA),
        stack=replace(HEALTHY, packages={**PACKAGES, "nvidia-cudnn-cu12": "9.1.0.70"}),
    ),
    "cuBLAS too old": Machine(
        Bad(LIBRARIES_NAME, "nvidia-cublas-cu12 12.1.3.1, and TensorFlow wants", WITH_CUDA, "limited"),
        stack=replace(HEALTHY, packages={**PACKAGES, "nvidia-cublas-cu12": "12.1.3.1"}),
    ),
    "no code for Maxwell": Machine(
        Bad(CODE, "begins at 6.0; TensorFlow 2.16 was the last that had", "export CUDA_VISIBLE_DEVICES=-1"),
        nvml=nvml(card(name="NVIDIA GeForce GTX 980", capability="5.2")),
    ),
    "no machine code": Machine(
        Bad(
            CODE, "compiles compute_80 at first use, which", "export CUDA_CACHE_MAXSIZE=4294967296  # keeps", "limited"
        ),
        nvml=H100,
        stack=AMPERE,
    ),
    "no machine code, in a container": Machine(
        Bad(CODE, "compiles compute_80 at first use", "CUDA_CACHE_PATH=FOLDER  # one that outlives", "limited"),
        files={**CARD, **DOCKER, "dev/nvidia0": ""},
        nvml=H100,
        stack=AMPERE,
    ),
    "no machine code for Blackwell": Machine(
        Bad(CODE, "users report that it then fails (CUDA_ERROR_INVALID_PTX)", "nvcr.io/nvidia/tensorflow", "limited"),
        nvml=RTX_5090,
        stack=NEW,
        environ={"CUDA_CACHE_MAXSIZE": "4294967296"},
    ),
    "nor a place to keep what is compiled": Machine(
        Bad(CODE, "and at every other: CUDA_CACHE_DISABLE is set", "unset CUDA_CACHE_DISABLE; export", "limited"),
        nvml=H100,
        stack=NEW,
        environ={"CUDA_CACHE_DISABLE": "1", "CUDA_CACHE_MAXSIZE": "4294967296"},
    ),
    "code that the driver can't compile": Machine(
        Bad(CODE, "only a part for compute capability 9.0, and the driver, which knows CUDA 12.4, can't", "nvidia.com"),
        nvml=nvml(card(name="NVIDIA H100", capability="9.0")),
        files={},
    ),
    "no code that the driver can compile": Machine(
        Bad(CODE, "none for compute capability 12.0, and the driver, which knows CUDA 12.4, can't", "nvidia.com"),
        nvml=RTX_5090,
        files={},
    ),
    "a small GPU ignored": Machine(
        Bad(
            SEEN,
            "sees 1 of the 2 that NVML shows (Tesla T4): it ignores one with 5",
            "TF_MIN_GPU_MULTIPROCESSOR_COUNT=5",
            "limited",
        ),
        nvml=nvml(card(), card(1, "Quadro P400", "6.1")),
        stack=answers(HEALTHY, log=("I gpu.cc:2] Ignoring visible gpu device (device: 1) with core count: 5. The mi",)),
    ),
    "a GPU that CUDA leaves out": Machine(
        Bad(SEEN, "sees 1 of the 2 that NVML shows (Tesla T4): CUDA itself counts 1", "sudo dmesg", "limited"),
        nvml=nvml(card(), card(1)),
        stack=HEALTHY,
    ),
    "CUDA fails in TensorFlow alone": Machine(
        Bad(SEEN, "sees none: CUDA did not start in its process (INTERNAL: out of memory)", "nvidia-smi"),
        stack=answers(log=("E cuda_platform.cc:51] failed call to cuInit: INTERNAL: out of memory",)),
    ),
    "TensorFlow sees none and says nothing": Machine(
        Bad(SEEN, "sees none: it doesn't say why", "TF_CPP_VMODULE="), stack=UNSEEN
    ),
}
MACHINES = named(fine=FINE, choice=CHOICES, TensorFlow=TENSORFLOWS)


@pytest.mark.parametrize("name", MACHINES)
def test_what_is_broken_is_named_with_what_mends_it_and_nothing_else(examined, name):
    judge(MACHINES[name], examined[name])


def test_a_healthy_machine_shows_each_link_of_the_chain(examined):
    assert [(check.what, check.found) for check in examined["fine: T4"]] == [
        ("GPU: device", "Tesla T4"),
        ("GPU: driver", "550.54.15"),
        ("GPU: NVML", "answers, with 1 GPU"),
        ("GPU: CUDA", "starts, and knows CUDA up to 12.4"),
        ("GPU: TensorFlow's build", "2.21.0, for CUDA 12.5.1 and cuDNN 9"),
        ("GPU: CUDA libraries", "all that it needs are opened"),
        ("GPU: code for it", "sm_70 runs on compute capability 7.5"),
        ("GPU: TensorFlow", "sees Tesla T4"),
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("no GPU", ""),
        ("no GPU, and tensorflow-cpu", ""),
        ("no GPU, on Colab", " (Colab gives one under Runtime, Change runtime type)"),
    ],
)
def test_a_machine_without_a_gpu_gets_one_line(examined, name, hint):
    found = f"no NVIDIA GPU: cells compute on the CPU{hint}"
    assert examined[f"fine: {name}"] == [Check("GPU: device", "fine", found)]


def test_a_slice_is_named_with_what_it_lacks(examined):
    found = {check.what: check.found for check in examined["fine: MIG, one chosen"]}
    both = "NVIDIA A100-SXM4-40GB MIG 1g.5gb, NVIDIA A100-SXM4-40GB MIG 2g.10gb"
    assert found[MIG].startswith(f"{both}; cells use NVIDIA A100-SXM4-40GB MIG 2g.10gb (CUDA_VISIBLE_DEVICES=MIG-…")
    assert "power, energy" in found[MIG]
    assert found[CODE] == "sm_80 runs on compute capability 8.0"


def test_where_the_cpu_is_wanted_nothing_of_the_gpu_is_broken(examined):
    found = {check.what: (check.state, check.found) for check in examined["choice: hidden, where all else is broken"]}
    assert {state for state, _ in found.values()} == {"fine", "limited"}
    assert found[SEEN] == ("fine", "sees none, as CUDA_VISIBLE_DEVICES has it")
