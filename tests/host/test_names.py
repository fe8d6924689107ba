import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.host.hardware import Hardware
from bench.host.names import host_id, host_label
from bench.host.profile import ID_PATTERN


def gpu(name, platform="local"):
    return Hardware(
        kind="gpu", gpu_name=name, cpu="Xeon", cores=2, memory_bytes=2**33, system="linux", platform=platform
    )


def cpu(name, cores, platform="local"):
    return Hardware(kind="cpu", cpu=name, cores=cores, memory_bytes=2**33, system="linux", platform=platform)


@pytest.mark.parametrize(
    ("hardware", "name", "label"),
    [
        (gpu("Tesla T4", "colab"), "colab-t4", "Colab (Tesla T4)"),
        (gpu("Tesla P100-PCIE-16GB", "kaggle"), "kaggle-p100", "Kaggle (Tesla P100-PCIE-16GB)"),
        (gpu("NVIDIA A100-SXM4-40GB", "colab"), "colab-a100", "Colab (A100-SXM4-40GB)"),
        (gpu("NVIDIA L4", "colab"), "colab-l4", "Colab (L4)"),
        (gpu("NVIDIA GeForce RTX 2080 Ti"), "rtx-2080-ti", "RTX 2080 Ti"),
        (gpu("GeForce RTX 2080 Ti"), "rtx-2080-ti", "RTX 2080 Ti"),
        (gpu("NVIDIA H200"), "h200", "H200"),
        (gpu("NVIDIA H100 80GB HBM3"), "h100", "H100 80GB HBM3"),
        (gpu("Tesla T4"), "t4", "Tesla T4"),
        (gpu("NVIDIA RTX A6000"), "rtx-a6000", "RTX A6000"),
        (gpu("NVIDIA GeForce GTX 1060 6GB"), "gtx-1060", "GTX 1060 6GB"),
        (gpu("NVIDIA A100-SXM4-40GB MIG 1g.5gb"), "a100-mig-1g-5gb", "A100-SXM4-40GB MIG 1g.5gb"),
        (gpu("Orin (nvgpu)"), "orin-nvgpu", "Orin (nvgpu)"),
        (cpu("AMD EPYC", 2), "cpu-amd-epyc-2c", "AMD EPYC, 2 cores"),
        (cpu("Intel(R) Xeon(R) CPU @ 2.20GHz", 1, "colab"), "colab-cpu-intel-xeon-1c", "Colab (Intel Xeon, 1 core)"),
        (cpu("AMD Ryzen 9 5950X 16-Core Processor", 32), "cpu-amd-ryzen-9-5950x-32c", "AMD Ryzen 9 5950X, 32 cores"),
        (
            cpu("13th Gen Intel(R) Core(TM) i7-13700K", 24),
            "cpu-intel-core-i7-13700k-24c",
            "Intel Core i7-13700K, 24 cores",
        ),
        (cpu("AMD Ryzen 7 5800U with Radeon Graphics", 16), "cpu-amd-ryzen-7-5800u-16c", "AMD Ryzen 7 5800U, 16 cores"),
    ],
)
def test_ids_and_labels(hardware, name, label):
    assert host_id(hardware) == name
    assert host_label(hardware) == label


@given(st.text(max_size=200), st.sampled_from(["local", "colab"]))
def test_any_name_gives_an_id_that_can_name_a_file(text, platform):
    for hardware in (gpu(text, platform), cpu(text, 2, platform)):
        assert re.fullmatch(ID_PATTERN, host_id(hardware))
        assert host_label(hardware)
