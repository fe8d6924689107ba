import getpass
import platform

import pytest

from bench.host.detect import detect

DETECT = "from bench.host.detect import detect\nresult = detect().model_dump()"


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        (
            "t4",
            {
                "kind": "gpu",
                "gpu_name": "Tesla T4",
                "gpu_memory_bytes": 15 * 2**30,
                "gpu_driver": "550.54.15",
                "compute_capability": "7.5",
                "mig": False,
                "gpu_count": 1,
                "gpu_absent": None,
            },
        ),
        ("p100", {"gpu_name": "Tesla P100-PCIE-16GB", "compute_capability": "6.0", "gpu_memory_bytes": 2**34}),
        ("rtx-2080-ti", {"gpu_name": "NVIDIA GeForce RTX 2080 Ti", "gpu_count": 2, "mig": False}),
        (
            "a100-mig",
            {
                "kind": "gpu",
                "gpu_name": "NVIDIA A100-SXM4-40GB MIG 1g.5gb",
                "gpu_memory_bytes": 5_100_273_664,
                "compute_capability": "8.0",
                "mig": True,
            },
        ),
        ("jetson", {"kind": "gpu", "gpu_name": "Orin (nvgpu)", "gpu_memory_bytes": None, "compute_capability": "8.7"}),
        ("wsl", {"kind": "gpu", "gpu_name": "NVIDIA GeForce RTX 3070", "gpu_memory_bytes": 2**33}),
        (
            "driver-not-loaded",
            {"kind": "cpu", "gpu_name": None, "gpu_count": 0, "gpu_absent": "NVML: the NVIDIA driver is not loaded"},
        ),
    ],
)
def test_gpus(nvml_standin, trace, expected):
    found = nvml_standin.run(trace, DETECT)
    assert {key: found[key] for key in expected} == expected
    assert found["cores"] >= 1
    assert found["memory_bytes"] > 0


def test_a_hidden_gpu_is_not_measured(nvml_standin):
    found = nvml_standin.run("t4", DETECT, env={"CUDA_VISIBLE_DEVICES": "-1"})
    assert (found["kind"], found["gpu_name"], found["gpu_count"]) == ("cpu", None, 1)
    assert found["gpu_absent"] == "CUDA_VISIBLE_DEVICES leaves no GPU visible"


def test_a_gpu_that_tells_nothing_is_still_a_gpu(nvml_standin, tmp_path):
    trace = tmp_path / "mute.ini"
    trace.write_text("[gpu 0]\nname = !4\n")
    found = nvml_standin.run(trace, DETECT)
    assert (found["kind"], found["gpu_name"], found["gpu_driver"]) == ("gpu", "unnamed NVIDIA GPU", None)


def test_nothing_names_the_machine_or_its_user(nvml_standin):
    found = nvml_standin.run("t4", DETECT, env={"USER": "ada-l", "LOGNAME": "ada-l", "HOSTNAME": "analytical-engine"})
    values = [str(value) for value in found.values()]
    secrets = (platform.node(), getpass.getuser(), "ada-l", "analytical-engine", "GPU-11111111")
    assert not [secret for secret in secrets if any(secret in value for value in values)]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "local"),
        ({"COLAB_RELEASE_TAG": "release-colab_20250101"}, "colab"),
        ({"COLAB_GPU": "0"}, "colab"),
        ({"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, "kaggle"),
        ({"KAGGLE_KERNEL_RUN_TYPE": "Batch", "COLAB_RELEASE_TAG": "release-colab_20250101"}, "kaggle"),
    ],
)
def test_hosted_notebooks_are_known_by_their_environment(tmp_path, environ, expected):
    assert detect(environ | {"CUDA_VISIBLE_DEVICES": ""}, tmp_path).platform == expected


def test_containers_and_wsl(tmp_path):
    nothing = detect({}, tmp_path)
    assert (nothing.container, nothing.wsl, nothing.system) == (False, False, platform.system().lower())
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/osrelease").write_text("5.15.167.4-microsoft-standard-WSL2\n")
    assert detect({}, tmp_path).wsl
    (tmp_path / ".dockerenv").touch()
    assert detect({}, tmp_path).container
    (tmp_path / ".dockerenv").unlink()
    assert detect({"container": "podman"}, tmp_path).container
    (tmp_path / "proc/self").mkdir()
    (tmp_path / "proc/self/cgroup").write_text("0::/kubepods/besteffort/pod1\n")
    assert detect({}, tmp_path).container
