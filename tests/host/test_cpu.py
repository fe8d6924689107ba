import os

import pytest

from bench.host.cpu import cpu_flags, cpu_name, memory_bytes, usable_cores


def cpuinfo(root, text):
    (root / "proc").mkdir(exist_ok=True)
    (root / "proc/cpuinfo").write_text(text)
    return root


def test_an_x86_processor(tmp_path):
    text = "processor\t: 0\nmodel name\t: Intel(R) Xeon(R)  CPU @ 2.20GHz\nflags\t\t: fpu avx2 sse amx_bf16 avx512f\n"
    root = cpuinfo(tmp_path, text)
    assert cpu_name(root) == "Intel(R) Xeon(R) CPU @ 2.20GHz"
    assert cpu_flags(root) == ("avx2", "avx512f", "amx_bf16")


def test_an_arm_processor_has_features_and_no_model(tmp_path):
    root = cpuinfo(tmp_path, "processor\t: 0\nFeatures\t: fp asimd sve bf16\nCPU part\t: 0xd40\n")
    assert cpu_name(root)
    assert cpu_flags(root) == ("asimd", "bf16", "sve")


def test_a_system_without_proc(tmp_path):
    assert cpu_name(tmp_path)
    assert cpu_flags(tmp_path) == ()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="affinity is Linux's")
def test_cores_follow_affinity_and_quota(tmp_path):
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cores(tmp_path) == 1
    finally:
        os.sched_setaffinity(0, before)
    assert usable_cores(tmp_path) == len(before)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/\n")
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/cpu.max").write_text("30000 100000\n")
    assert usable_cores(tmp_path) == 1
    (tmp_path / "sys/fs/cgroup/memory.max").write_text("123456789\n")
    assert memory_bytes(tmp_path) == 123456789


def test_memory_is_at_most_the_machines(tmp_path):
    assert 0 < memory_bytes() <= memory_bytes(tmp_path)
