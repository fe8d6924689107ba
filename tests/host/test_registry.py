import json
import os
import shutil
import subprocess
import sys

import pytest

from bench.errors import InputError
from bench.host.hardware import Hardware
from bench.host.registry import differences, profiles, recognise, recognise_all, remember
from bench.support.resources import shipped_folder


def gpu(name, gib=16.0, platform="local", **more):
    return Hardware(
        **{
            "kind": "gpu",
            "gpu_name": name,
            "gpu_memory_bytes": int(gib * 2**30),
            "gpu_driver": "550.54",
            "gpu_count": 1,
        }
        | {"cpu": "Xeon", "cores": 2, "memory_bytes": 2**33, "system": "linux", "platform": platform}
        | more
    )


def cpu(name="AMD EPYC", cores=2):
    return Hardware(kind="cpu", cpu=name, cores=cores, memory_bytes=2**33, system="linux")


def settle(root, hardware, wanted=None):
    found = recognise(root, hardware, wanted)
    remember(root, found.profile)
    return found


def test_an_empty_root_knows_the_shipped_hosts_and_stays_empty(tmp_path):
    assert [profile.id for profile in profiles(tmp_path)] == ["colab-t4", "kaggle-p100", "rtx-2080-ti"]
    assert recognise(tmp_path, cpu()).is_new
    assert list(tmp_path.iterdir()) == []


def test_a_host_measured_in_a_checkout_is_no_other_trees(tmp_path, checkout):
    here = tmp_path / "checkout"
    here.mkdir()
    (here / "bench").symlink_to(checkout / "bench")
    for folder in ("hosts", "suites"):
        shutil.copytree(checkout / folder, here / folder)
    settle(here, cpu("A Processor"), "measured-here")

    def bench(*arguments):
        command = [sys.executable, "-m", "bench", *arguments]
        environ = os.environ | {"PYTHONPATH": str(here)}
        return subprocess.run(command, cwd=here, env=environ, capture_output=True, text=True, check=True).stdout

    def listed(root):
        return [host["id"] for host in json.loads(bench("hosts", "--json", "--root", root)) if not host["this_machine"]]

    bench("init", "new")
    laid_out = [path.stem for path in sorted((here / "new" / "hosts").iterdir())]
    assert laid_out == listed("new") == ["colab-t4", "kaggle-p100", "rtx-2080-ti"]
    assert "measured-here" in listed(".")


def test_a_machine_is_new_once(tmp_path):
    first = settle(tmp_path, cpu())
    assert (first.profile.id, first.is_new, first.replaced) == ("cpu-amd-epyc-2c", True, None)
    assert first.profile.published is None
    again = recognise(tmp_path, cpu())
    assert (again.profile, again.is_new, again.replaced) == (first.profile, False, None)


@pytest.mark.parametrize(
    ("hardware", "name"),
    [
        (gpu("Tesla T4", 15, "colab"), "colab-t4"),
        (gpu("Tesla P100-PCIE-16GB", 16, "kaggle"), "kaggle-p100"),
        (gpu("NVIDIA GeForce RTX 2080 Ti", 11), "rtx-2080-ti"),
    ],
)
def test_a_reference_host_takes_the_hardware_of_such_a_card_and_keeps_its_times(tmp_path, hardware, name):
    found = settle(tmp_path, hardware)
    assert (found.profile.id, found.is_new, found.replaced) == (name, True, None)
    kept = next(profile for profile in profiles(tmp_path) if profile.id == name)
    assert kept.hardware == hardware
    assert [time.model for time in kept.published.times] == ["simple_cnn", "vgg16"]
    assert not recognise(tmp_path, hardware).is_new


def test_another_card_behind_an_id_gets_the_next_one_and_keeps_it(tmp_path):
    settle(tmp_path, gpu("Tesla T4", 15, "colab"), "colab")
    p100, v100 = gpu("Tesla P100-PCIE-16GB", 16, "colab"), gpu("Tesla V100-SXM2-16GB", 16, "colab")
    found = settle(tmp_path, p100, "colab")
    assert (found.profile.id, found.is_new) == ("colab-2", True)
    message = "the card behind colab has changed: Tesla T4 → Tesla P100-PCIE-16GB; results go under colab-2"
    assert found.replaced == message
    assert settle(tmp_path, v100, "colab").profile.id == "colab-3"
    again = recognise(tmp_path, p100, "colab")
    assert (again.profile.id, again.is_new, again.replaced) == ("colab-2", False, message)
    assert recognise(tmp_path, gpu("Tesla T4", 15, "colab"), "colab").replaced is None


def test_a_reference_host_is_not_given_to_another_card(tmp_path):
    found = recognise(tmp_path, gpu("Tesla P100-PCIE-16GB"), "colab-t4")
    assert found.profile.id == "colab-t4-2"
    assert found.profile.published is None
    assert found.replaced.startswith("the card behind colab-t4 has changed: Tesla T4 → Tesla P100-PCIE-16GB; ")
    assert recognise(tmp_path, cpu(), "colab-t4").profile.id == "colab-t4-2"


@pytest.mark.parametrize(
    ("after", "same"),
    [
        (gpu("NVIDIA A100-SXM4-40GB", 40), True),
        (gpu("A100-SXM4-40GB", 40), True),  # drivers have put brands in and left them out
        (gpu("NVIDIA A100-SXM4-40GB", 40, gpu_driver="535.1"), True),
        (gpu("NVIDIA A100-SXM4-40GB", 40, cpu="another", cores=64), True),
        (gpu("NVIDIA A100-SXM4-40GB", 39.5), True),
        (gpu("NVIDIA A100-SXM4-40GB", 39.0), False),
        (gpu("NVIDIA A100-SXM4-80GB", 80), False),
        (gpu("NVIDIA A100-PCIE-40GB", 40), False),
        (gpu("NVIDIA A100-SXM4-40GB", 40, mig=True), False),
        (gpu("NVIDIA A100-SXM4-40GB", 40, gpu_memory_bytes=None), False),
        (gpu("NVIDIA A100-SXM4-40GB", 40, "colab"), False),
        (cpu(), False),
    ],
)
def test_what_makes_another_machine(tmp_path, after, same):
    settle(tmp_path, gpu("NVIDIA A100-SXM4-40GB", 40), "box")
    found = recognise(tmp_path, after, "box")
    assert (found.profile.id == "box") == same
    assert (found.replaced is None) == same


def test_memory_alone_may_tell_cards_apart(tmp_path):
    settle(tmp_path, gpu("NVIDIA A100", 40))
    found = recognise(tmp_path, gpu("NVIDIA A100", 80))
    assert found.profile.id == "a100-2"
    assert "A100 with 40.0 GiB → A100 with 80.0 GiB" in found.replaced


def test_a_card_at_home_is_not_the_one_of_a_hosted_notebook(tmp_path):
    assert settle(tmp_path, gpu("Tesla T4", 15, "colab")).profile.id == "colab-t4"
    assert settle(tmp_path, gpu("Tesla T4", 15)).profile.id == "t4"
    found = recognise(tmp_path, gpu("Tesla T4", 15), "colab-t4")
    assert found.profile.id == "colab-t4-2"
    assert "has changed: Tesla T4 (colab) → Tesla T4 (local); " in found.replaced


def test_what_differs_is_named():
    card = gpu("NVIDIA A100-SXM4-40GB", 40)
    assert differences(card, gpu("A100-SXM4-40GB", 39.5, cpu="another", gpu_driver=None)) == ()
    assert differences(card, gpu("NVIDIA A100", 80, "colab", mig=True)) == (
        "local and colab",
        "A100-SXM4-40GB and A100",
        "a whole GPU and a MIG slice",
        "40.0 GiB and 80.0 GiB",
    )
    assert differences(card, cpu()) == ("A100-SXM4-40GB and AMD EPYC, 2 cores",)
    assert differences(cpu(), cpu("Intel Xeon", 4)) == ("AMD EPYC and Intel Xeon", "2 cores and 4 cores")
    assert differences(gpu("A", gpu_memory_bytes=None), gpu("A", gpu_memory_bytes=None)) == ()


def test_all_that_a_machine_has_get_the_ids_that_they_get_one_by_one(tmp_path):
    machines = [gpu("NVIDIA A100", 40), gpu("NVIDIA A100", 80), gpu("NVIDIA A100", 40), cpu()]
    found = recognise_all(tmp_path, machines)
    assert [one.profile.id for one in found] == ["a100", "a100-2", "a100", "cpu-amd-epyc-2c"]
    assert [one.is_new for one in found] == [True] * 4
    assert [settle(tmp_path, one).profile for one in machines] == [one.profile for one in found]


@pytest.mark.parametrize("after", [cpu("Intel Xeon"), cpu(cores=4), gpu("Tesla T4")])
def test_a_cpu_is_its_model_and_cores(tmp_path, after):
    settle(tmp_path, cpu(), "box")
    found = recognise(tmp_path, after, "box")
    assert found.profile.id == "box-2"
    assert "box has changed: AMD EPYC, 2 cores → " in found.replaced


def test_a_long_id_leaves_room_for_a_number(tmp_path):
    settle(tmp_path, cpu(), "x" * 64)
    assert settle(tmp_path, cpu(cores=4), "x" * 64).profile.id == "x" * 64 + "-2"


@pytest.mark.parametrize("wanted", ["", "a b", "../up", "Upper", "-x", "a/b", "x" * 65])
def test_an_id_that_could_not_name_a_file_is_refused(tmp_path, wanted):
    with pytest.raises(InputError, match="can't be a host's id"):
        recognise(tmp_path, cpu(), wanted)


def test_the_users_file_wins_over_the_shipped_one_and_broken_files_cost_their_hosts_alone(tmp_path):
    folder = tmp_path / "hosts"
    shutil.copytree(shipped_folder("hosts"), folder)
    text = (folder / "colab-t4.yaml").read_text().replace("14248", "15000")
    (folder / "colab-t4.yaml").write_text(text)
    assert [p.published.ai_score for p in profiles(tmp_path) if p.id == "colab-t4"] == [15000]
    (folder / "a.yaml").write_text("id: a\n")
    (folder / "b.yaml").write_text("[]\n")
    told = []
    known = {path.stem for path in shipped_folder("hosts").glob("*.yaml")}
    assert {one.id for one in profiles(tmp_path, told.append)} == known
    assert [text.partition("; the host ")[2] for text in told] == ["a is left out", "b is left out"]
    assert "a.yaml:1: label is missing" in told[0]


def test_remembering_twice_leaves_the_file_alone(tmp_path):
    profile = recognise(tmp_path, cpu()).profile
    path = remember(tmp_path, profile)
    path.write_text("# a note of mine\n" + path.read_text())
    remember(tmp_path, profile)
    assert path.read_text().startswith("# a note of mine\n")
