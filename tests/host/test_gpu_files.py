import pytest

from bench.host.doctor.gpu_container import container
from bench.host.doctor.gpu_files import GpuFiles, PciCard, driver_installation, gpu_files
from tests.trees import tree

WSL = "usr/lib/wsl/lib/libcuda.so.1"


def pci(root, address, vendor, kind, driver=None):
    folder = tree(
        root, {f"sys/bus/pci/devices/{address}/{n}": f"{v}\n" for n, v in (("vendor", vendor), ("class", kind))}
    )
    if driver:
        (folder / f"sys/bus/pci/devices/{address}/driver").symlink_to(f"../../../../bus/pci/drivers/{driver}")


def test_nvidias_cards_on_the_bus_and_what_drives_them(tmp_path):
    pci(tmp_path, "0000:01:00.0", "0x10de", "0x030000", "nvidia")
    pci(tmp_path, "0000:01:00.1", "0x10de", "0x040300", "snd_hda_intel")  # the same card's sound
    pci(tmp_path, "0000:02:00.0", "0x10de", "0x030200", "nouveau")
    pci(tmp_path, "0000:03:00.0", "0x10de", "0x030200")
    pci(tmp_path, "0000:04:00.0", "0x1002", "0x030000", "amdgpu")
    pci(tmp_path, "0000:05:00.0", "0x10de", "0x068000")  # NVSwitch
    assert gpu_files(tmp_path).cards == (
        PciCard("0000:01:00.0", "nvidia"),
        PciCard("0000:02:00.0", "nouveau"),
        PciCard("0000:03:00.0", None),
    )


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (
            "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 2024\nGCC version: 12.3.0",
            "550.54.15",
        ),
        (
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (dvs-builder)",
            "580.65.06",
        ),
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  525.105  now", "525.105"),
        ("something else", "of an unknown version"),
    ],
)
def test_the_loaded_module(tmp_path, text, version):
    assert gpu_files(tree(tmp_path, {"proc/driver/nvidia/version": text})).module == version


def test_an_empty_machine_shows_nothing(tmp_path):
    assert gpu_files(tmp_path) == GpuFiles()
    assert not GpuFiles().any


@pytest.mark.parametrize(
    ("release", "files", "expected"),
    [
        ("4.4.0-19041-Microsoft", {}, (1, False, False)),
        ("5.15.167.4-microsoft-standard-WSL2", {"dev/dxg": ""}, (2, True, False)),
        ("5.15.167.4-microsoft-standard-WSL2", {"dev/dxg": "", WSL: ""}, (2, True, True)),
        ("6.8.0-45-generic", {}, (0, False, False)),
    ],
)
def test_windows_linux(tmp_path, release, files, expected):
    found = gpu_files(tree(tmp_path, {"proc/sys/kernel/osrelease": release + "\n", **files}))
    assert (found.wsl, found.windows_gpu, found.windows_driver) == expected


@pytest.mark.parametrize(
    ("release", "command"),
    [
        ('ID=ubuntu\nID_LIKE=debian\nNAME="Ubuntu"', "sudo ubuntu-drivers install"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"', "sudo ubuntu-drivers install"),
        ("ID=debian", "sudo apt install nvidia-driver"),
        ("ID=fedora", "sudo dnf install akmod-nvidia"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', "install NVIDIA's driver from https://www.nvidia.com/drivers"),
        ("ID=arch", "sudo pacman -S nvidia"),
        ("", "install NVIDIA's driver from https://www.nvidia.com/drivers"),
    ],
)
def test_how_a_driver_is_installed(tmp_path, release, command):
    assert driver_installation(tree(tmp_path, {"etc/os-release": release})).startswith(command)


def test_the_distribution_of_a_containers_host_is_not_known(tmp_path):
    tree(tmp_path, {"etc/os-release": "ID=ubuntu"})
    assert driver_installation(tmp_path, container=True).startswith("on the container's host: install NVIDIA's driver")


@pytest.mark.parametrize(
    ("environ", "files", "kind", "words"),
    [
        ({}, {".dockerenv": ""}, "Docker", "docker run --gpus all"),
        ({}, {"run/.containerenv": ""}, "Podman", "podman run --device nvidia.com/gpu=all"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, {}, "Kubernetes", "nvidia.com/gpu: 1"),
        ({"APPTAINER_CONTAINER": "/images/tf.sif"}, {}, "Apptainer", "apptainer exec --nv"),
        ({"container": "lxc"}, {}, "LXC", "lxc config device add"),
    ],
)
def test_containers_and_how_they_are_given_a_gpu(tmp_path, environ, files, kind, words):
    found = container(environ, tree(tmp_path, files))
    assert found.kind == kind
    assert words in found.with_gpu


def test_outside_of_containers(tmp_path):
    assert container({}, tmp_path) is None
