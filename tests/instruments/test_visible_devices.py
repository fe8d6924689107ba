"""The GPU or MIG slice that CUDA_VISIBLE_DEVICES chooses among those that NVML shows."""

import json

import pytest

CHOSEN = """
import sys
from bench.system.nvml import open_nvml
with open_nvml() as nvml:
    result = []
    for value in json.loads(sys.argv[1]):
        chosen = nvml.chosen({"CUDA_VISIBLE_DEVICES": value}).value
        result.append(chosen and chosen.name().value)
"""
UNLIKE = "".join(
    f"[gpu {index}]\nname = {name}\nuuid = GPU-5a000000-0000-0000-0000-00000000000{letter}\n"
    for index, name, letter in ((0, "RTX 3090", "a"), (1, "RTX 4090", "b"))
)
WHOLE = "GPU-44444444-aaaa-bbbb-cccc-000000000005"
MIG = f"[gpu 0]\nname = A100\nuuid = {WHOLE}\nmig_mode = 1\nmax_slices = 7\n"
SLICES = ((2, "1g.5gb", 9, "MIG-55555555-aaaa-bbbb-cccc-000000000006"), (3, "2g.10gb", 3, "MIG-66666666-aaaa"))


def mig(old):
    """Its slices as drivers before R470 name them, or since."""
    return MIG + "".join(
        f"[slice 0.{index}]\nname = {name}\nuuid = {f'MIG-{WHOLE}/{instance}/0' if old else uuid}\n"
        f"gpu_instance = {instance}\ncompute_instance = 0\n"
        for index, name, instance, uuid in SLICES
    )


def chosen(nvml_standin, folder, machine, *values):
    trace = folder / "machine.ini"
    trace.write_text(machine)
    return dict(zip(values, nvml_standin.run(trace, CHOSEN, json.dumps(values)), strict=True))


def test_of_two_cards_whose_uuids_begin_alike(nvml_standin, tmp_path):
    first = ("0", "0,-1", "0,7", "GPU-5a000000-0000-0000-0000-00000000000a")
    second = ("1", "01", " 1", "+1", "1x", "1,0", "GPU-5a000000-0000-0000-0000-00000000000b")
    none = ("0,0", "1,1", "GPU-5a", "gpu-5a000000-0000-0000-0000-00000000000b", "5a000000-0000-0000-0000-00000000000b")
    none += ("-1", "", "2", "NoDevFiles", "void", "all", "-1,0")
    found = chosen(nvml_standin, tmp_path, UNLIKE, *first, *second, *none)
    assert found == dict.fromkeys(first, "RTX 3090") | dict.fromkeys(second, "RTX 4090") | dict.fromkeys(none)


@pytest.mark.parametrize("old", [False, True], ids=["R470 and later", "before R470"])
def test_a_slice_is_named_by_its_gpu_and_instances_whatever_the_driver_calls_it(nvml_standin, tmp_path, old):
    values = (f"MIG-{WHOLE}/9/0", f"MIG-{WHOLE}/3/0", f"MIG-{WHOLE}/5/0", f"MIG-{WHOLE}", "0", "GPU-4444", "0,0", "1")
    found = chosen(nvml_standin, tmp_path, mig(old), *values)
    assert list(found.values()) == ["1g.5gb", "2g.10gb", None, None, "1g.5gb", "1g.5gb", None, None]


def test_a_slice_is_named_by_its_own_uuid(nvml_standin, tmp_path):
    found = chosen(nvml_standin, tmp_path, mig(old=False), SLICES[0][3], "MIG-6", "MIG-", "MIG-7")
    assert list(found.values()) == ["1g.5gb", "2g.10gb", None, None]


def test_a_driver_that_knows_no_instances_still_tells_slices_by_their_uuids(nvml_standin, tmp_path):
    machine = "\n".join(line for line in mig(old=False).splitlines() if "instance" not in line)
    assert chosen(nvml_standin, tmp_path, machine, "MIG-66666666-aaaa") == {"MIG-66666666-aaaa": "2g.10gb"}


SHOWN = """
import sys
from bench.system.nvml import open_nvml
with open_nvml() as nvml:
    result = [[one.name().value for one in nvml.shown(env).value] for env in json.loads(sys.argv[1])]
"""


def test_a_process_sees_all_cards_or_a_single_slice(nvml_standin, tmp_path):
    trace = tmp_path / "machine.ini"
    asked = json.dumps([{}, {"CUDA_VISIBLE_DEVICES": "1,0"}, {"CUDA_VISIBLE_DEVICES": "1"}])
    trace.write_text(UNLIKE)
    assert nvml_standin.run(trace, SHOWN, asked) == [["RTX 3090", "RTX 4090"], ["RTX 4090", "RTX 3090"], ["RTX 4090"]]
    trace.write_text(mig(old=False) + "[gpu 1]\nname = B\n")
    assert nvml_standin.run(trace, SHOWN, json.dumps([{}])) == [["1g.5gb"]]
