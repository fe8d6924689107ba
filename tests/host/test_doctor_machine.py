"""Machines that are too small, held back or odd, as trees of files; and what of the shell's limits is real here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.host.doctor.machine import has_avx, machine_checks
from bench.host.doctor.memory import Memory, memory, memory_checks
from bench.host.doctor.scratch import shared_check, temporary_check
from bench.host.doctor.variables import variable_checks
from bench.host.fitness import Unfit
from bench.host.hardware import Hardware
from tests.trees import tree

GIB = 2**30
PROCESSORS = os.cpu_count() or 1
"""Of this machine, really."""
MACHINE = Hardware(kind="cpu", cpu="a CPU", cores=2, memory_bytes=16 * GIB, system="linux")
X86 = os.uname().machine == "x86_64"
ROOMY = {
    "proc/cpuinfo": "model name : a CPU\nflags : fpu sse4_2 avx avx2 avx512_bf16\n",
    "proc/meminfo": "MemTotal: 16777216 kB\nMemAvailable: 12582912 kB\nSwapTotal: 2097152 kB\nSwapFree: 1048576 kB\n",
    "dev/shm/x": "",
}


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch):
    """However many this machine has, and this process may use."""
    monkeypatch.setattr("bench.host.doctor.machine.usable_cpus", lambda: frozenset({0, 1}))
    monkeypatch.setattr("os.cpu_count", lambda: 2)


def looked(root, hardware=MACHINE, unfit=(), temporary=Path("/")):
    return {one.what.removeprefix("machine: "): one for one in machine_checks(hardware, unfit, temporary, root)}


def test_a_machine_that_will_do(tmp_path):
    machine = MACHINE.model_copy(update={"cpu_flags": ("avx2", "avx512_bf16"), "wsl": True, "container": True})
    checks = looked(tree(tmp_path, ROOMY), machine)
    assert {one.state for one in checks.values()} == {"fine"}, checks
    assert checks["system"].found == "Linux under WSL in a container"
    assert checks["processor"].found == "a CPU, which multiplies bfloat16 itself (avx512_bf16)"
    assert checks["memory"].found == "16.0 GiB, 12.0 GiB free, 1.0 GiB of 2.0 GiB swap used"
    assert checks["just now"].found == "nothing else is at work"


@pytest.mark.skipif(not X86, reason="TensorFlow asks for AVX on x86 alone")
def test_a_processor_without_avx_runs_no_tensorflow(tmp_path):
    checks = looked(tree(tmp_path, ROOMY | {"proc/cpuinfo": "flags : fpu sse4_2\n"}))
    assert (checks["processor"].state, "no AVX" in checks["processor"].found) == ("broken", True)
    assert checks["processor"].mend
    assert looked(tree(tmp_path / "blind", {"proc/x": ""}))["processor"].state == "unknown"


def test_only_x86_is_asked_for_avx(tmp_path):
    root = tree(tmp_path, {"proc/cpuinfo": "Features : fp asimd\n"})
    assert (has_avx(root, "aarch64"), has_avx(root, "x86_64"), has_avx(tmp_path / "no", "x86_64")) == (
        True,
        False,
        None,
    )


@pytest.mark.parametrize(
    ("total", "now", "state", "words", "mend"),
    [
        (24 * GIB, Memory(19 * GIB, 0, 0, False), "fine", "24.0 GiB, 19.0 GiB free, no swap", None),
        (24 * GIB, Memory(None, 0, 0, False), "fine", "24.0 GiB, no swap", None),
        (4 * GIB, Memory(3 * GIB, 0, 0, False), "limited", "AI Benchmark's largest tests take 7.5 GiB", "with more"),
        (4 * GIB, Memory(3 * GIB, 0, 0, True), "limited", "4.0 GiB, as the container allows", "docker run --memory"),
        (1 * GIB, Memory(1 * GIB, 0, 0, True), "broken", "VGG16 and bench take 1.5 GiB", "docker run --memory"),
        (24 * GIB, Memory(1 * GIB, 0, 0, False), "broken", "1.0 GiB free", "ps aux --sort=-rss"),
    ],
)
def test_memory(total, now, state, words, mend):
    (check,) = memory_checks(total, now)
    assert (check.state, words in check.found) == (state, True), check
    assert (check.mend is None) if mend is None else (mend in check.mend)


def test_memory_is_what_a_container_leaves(tmp_path):
    group = {
        "proc/self/cgroup": "0::/job\n",
        "sys/fs/cgroup/job/memory.max": f"{4 * GIB}\n",
        "sys/fs/cgroup/job/memory.current": f"{3 * GIB}\n",
        "sys/fs/cgroup/job/memory.stat": "inactive_file 0\n",
    }
    assert memory(tree(tmp_path, ROOMY | group)) == Memory(GIB, 2 * GIB, GIB, limited=True)
    assert memory(tmp_path / "nothing") == Memory(None, 0, 0, limited=False)


def test_a_shell_that_limits_the_address_space():
    code = (
        "from bench.host.doctor.memory import address_space_limit, memory_checks, Memory\n"
        "for one in memory_checks(2**34, Memory(2**34, 0, 0, False), address_space_limit()): print(one.what, one.mend)"
    )
    done = subprocess.run(
        ["bash", "-c", 'ulimit -v 8000000 && exec "$0" -c "$1"', sys.executable, code], capture_output=True, text=True
    )
    assert "machine: address space ulimit -v unlimited" in done.stdout, done.stderr


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity") or PROCESSORS < 2, reason="one processor")
def test_a_process_that_may_use_one_processor_alone(tmp_path):
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from pathlib import Path\nfrom bench.host.detect import detect\n"
        "from bench.host.doctor.machine import machine_checks\n"
        "print([(one.state, one.found) for one in machine_checks(detect(), (), None) if one.what == 'machine: cores'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"('limited', \"1 of {PROCESSORS}, by this process's affinity" in done.stdout


def test_what_disturbs_is_named_now_or_always(tmp_path):
    now = Unfit("other processes take 40% of the processors (cc1plus 80% of one)", "stop them, or wait for their end")
    always = Unfit("the machine runs on its battery, which lowers clocks", "plug it in", lasting=True)
    checks = looked(tree(tmp_path, ROOMY), unfit=[now, always])
    assert (checks["just now"].state, checks["just now"].found, checks["just now"].mend) == (
        "limited",
        now.what,
        now.mend,
    )
    assert (checks["always"].state, checks["always"].mend) == ("limited", "plug it in")
    assert looked(tmp_path, unfit=[always])["just now"].state == "fine"


def test_no_folder_for_temporary_files():
    check = temporary_check(None)
    assert (check.state, "export TMPDIR" in check.mend) == ("broken", True)


@pytest.mark.parametrize(("megabytes", "state"), [(64, "broken"), (512, "limited"), (4096, "fine")])
def test_a_small_folder_for_temporary_files(small_disk, megabytes, state):
    check = temporary_check(small_disk(megabytes))
    assert (check.state, "which is memory" in check.found) == (state, True), check
    assert (check.mend is None) == (state == "fine")


def test_shared_memory_that_is_not_there(tmp_path):
    assert shared_check(tree(tmp_path, ROOMY)).state == "fine"
    check = shared_check(tmp_path / "bare")
    assert (check.state, "mount" in check.mend) == ("limited", True)


@pytest.mark.parametrize(
    ("name", "value", "gpu", "state"),
    [
        ("TF_USE_LEGACY_KERAS", "1", False, "limited"),
        ("TF_USE_LEGACY_KERAS", "0", False, None),
        ("TF_ENABLE_ONEDNN_OPTS", "0", False, "limited"),
        ("TF_ENABLE_ONEDNN_OPTS", "1", False, None),
        ("ONEDNN_DEFAULT_FPMATH_MODE", "BF16", False, "limited"),
        ("ONEDNN_DEFAULT_FPMATH_MODE", "STRICT", False, None),
        ("TF_XLA_FLAGS", "--tf_xla_auto_jit=2", False, "limited"),
        ("TF_NUM_INTRAOP_THREADS", "1", False, "limited"),
        ("TF_NUM_INTRAOP_THREADS", "0", False, None),
        ("OMP_NUM_THREADS", "1", False, "fine"),
        ("KERAS_BACKEND", "jax", False, "fine"),
        ("KERAS_BACKEND", "tensorflow", False, None),
        ("CUDA_LAUNCH_BLOCKING", "1", True, "limited"),
        ("CUDA_LAUNCH_BLOCKING", "1", False, None),
        ("NVIDIA_TF32_OVERRIDE", "0", True, "limited"),
        ("TF_GPU_ALLOCATOR", "cuda_malloc_async", True, "limited"),
        ("TF_FORCE_GPU_ALLOW_GROWTH", "true", True, None),
        ("TF_FORCE_GPU_ALLOW_GROWTH", "false", True, "limited"),
    ],
)
def test_variables_that_change_timings_are_told_where_they_do(name, value, gpu, state):
    found = {one.what: one for one in variable_checks({name: value, "HOME": "/"}, gpu)}
    check = found.get(f"software: {name}")
    assert (check and check.state) == state
    assert ("software: environment" in found) == (state != "limited")
    if state == "limited":
        assert check.mend == f"unset {name}"
        assert check.found.startswith(f"'{value}' ")


@pytest.fixture
def small_disk(tmp_path):
    """Makes file systems of a size, where this may mount any."""
    mounted = []

    def make(megabytes):
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("no right to mount a disk")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)
