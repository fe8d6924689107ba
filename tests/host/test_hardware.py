import pytest
from pydantic import ValidationError

from bench.host.hardware import Hardware


def gpu(name, capability):
    return Hardware(
        kind="gpu",
        gpu_name=name,
        gpu_memory_bytes=2**34,
        gpu_driver="550.54.15",
        compute_capability=capability,
        gpu_count=1,
        cpu="Xeon",
        cores=2,
        memory_bytes=2**33,
        system="linux",
    )


def cpu(*flags):
    return Hardware(kind="cpu", cpu="AMD EPYC", cores=2, memory_bytes=2**33, cpu_flags=flags, system="linux")


@pytest.mark.parametrize(
    ("name", "capability", "float16", "bfloat16", "tf32"),
    [
        ("Tesla P100-PCIE-16GB", "6.0", False, False, False),
        ("Tesla V100-SXM2-16GB", "7.0", True, False, False),
        ("Tesla T4", "7.5", True, False, False),
        ("NVIDIA GeForce RTX 2080 Ti", "7.5", True, False, False),
        ("NVIDIA GeForce GTX 1660 Ti", "7.5", False, False, False),
        ("GeForce GTX 1650", "7.5", False, False, False),
        ("NVIDIA GeForce MX450", "7.5", False, False, False),
        ("NVIDIA T1000 8GB", "7.5", False, False, False),
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "8.0", True, True, True),
        ("NVIDIA H200", "9.0", True, True, True),
        ("NVIDIA B200", "10.0", True, True, True),
    ],
)
def test_what_gpus_can(name, capability, float16, bfloat16, tf32):
    found = gpu(name, capability)
    assert (found.supports_float16, found.supports_bfloat16, found.supports_tf32) == (float16, bfloat16, tf32)
    for supported, reason in (
        (float16, found.float16_reason),
        (bfloat16, found.bfloat16_reason),
        (tf32, found.tf32_reason),
    ):
        assert (reason is None) == supported
        assert supported or name in reason


def test_the_reasons_say_what_is_missing():
    assert gpu("Tesla P100", "6.0").float16_reason == "mixed float16 needs tensor cores; Tesla P100 has none"
    expected = "mixed bfloat16 needs compute capability 8.0 or higher; Tesla T4 has 7.5"
    assert gpu("Tesla T4", "7.5").bfloat16_reason == expected
    assert "not known" in gpu("X", None).float16_reason
    assert not gpu("X", None).supports_tf32


def test_what_cpus_can():
    assert cpu("avx2", "avx512_bf16").supports_bfloat16
    assert cpu("amx_bf16").supports_bfloat16
    assert cpu("avx2").bfloat16_reason.endswith("AMD EPYC has neither")
    assert not cpu("amx_bf16").supports_float16
    assert not cpu("amx_bf16").supports_tf32


@pytest.mark.parametrize(
    ("hardware", "unsuited"),
    [
        (gpu("Tesla P100-PCIE-16GB", "6.0"), {"float16", "bfloat16"}),
        (gpu("Tesla T4", "7.5"), {"bfloat16", "float64"}),
        (gpu("NVIDIA A100", "8.0"), set()),
        (gpu("NVIDIA GeForce RTX 4090", "8.9"), {"float64"}),
        (gpu("NVIDIA H100", "9.0"), set()),
        (cpu("avx512_bf16"), {"float16"}),
        (cpu(), {"float16", "bfloat16"}),
    ],
)
def test_types_of_number_that_make_no_sense_are_named_with_their_reason(hardware, unsuited):
    assert set(hardware.unsuited) == unsuited
    assert all(hardware.unsuited.values())


def test_a_gpu_that_is_not_used_leaves_a_cpu():
    found = gpu("Tesla T4", "7.5").as_cpu()
    assert found.kind == "cpu"
    assert found.gpu_name is found.gpu_memory_bytes is found.gpu_driver is found.compute_capability is None
    assert found.gpu_absent == "TensorFlow computes on the CPU"
    assert Hardware.model_validate(found.model_dump()) == found


def test_hardware_has_no_room_for_names():
    with pytest.raises(ValidationError):
        Hardware(kind="cpu", cpu="x", cores=1, memory_bytes=1, system="linux", hostname="x")
