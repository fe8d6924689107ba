import pytest

ALL = """
import sys
from bench.host.candidates import candidates
result = [
    [one.where, one.hardware.gpu_name, one.environment, one.is_chosen, one.hardware.mig, one.unusable]
    for one in candidates()
]
"""
SAME = """
import json, os, sys
from bench.host.candidates import candidates
from bench.host.detect import detect
result = []
for one in candidates():
    os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    found = detect(os.environ | one.environment)
    result.append(found.model_copy(update={"gpu_absent": None}) == one.hardware.model_copy(update={"gpu_absent": None}))
"""
TWO_ALIKE = """
[gpu 0]
name = NVIDIA GeForce RTX 2080 Ti
memory_total = 11811160064
[gpu 1]
name = NVIDIA GeForce RTX 2080 Ti
memory_total = 11811160064
"""


def test_each_gpu_and_the_processor(nvml_standin):
    in_order = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    assert nvml_standin.run("rtx-2080-ti", ALL) == [
        ["GPU 0", "NVIDIA GeForce RTX 2080 Ti", in_order | {"CUDA_VISIBLE_DEVICES": "0"}, True, False, None],
        ["GPU 1", "NVIDIA GeForce GTX 1660 Ti", in_order | {"CUDA_VISIBLE_DEVICES": "1"}, False, False, None],
        ["CPU", None, {"CUDA_VISIBLE_DEVICES": "-1"}, False, False, None],
    ]


def test_cards_that_are_alike_need_no_order(nvml_standin, tmp_path):
    trace = tmp_path / "two.ini"
    trace.write_text(TWO_ALIKE)
    assert [one[2] for one in nvml_standin.run(trace, ALL)[:2]] == [
        {"CUDA_VISIBLE_DEVICES": "0"},
        {"CUDA_VISIBLE_DEVICES": "1"},
    ]


def test_slices_by_their_uuid(nvml_standin):
    assert nvml_standin.run("a100-mig", ALL)[:2] == [
        [
            "GPU 0, slice 2",
            "NVIDIA A100-SXM4-40GB MIG 1g.5gb",
            {"CUDA_VISIBLE_DEVICES": "MIG-55555555-aaaa-bbbb-cccc-000000000006"},
            *(True, True, None),
        ],
        [
            "GPU 0, slice 3",
            "NVIDIA A100-SXM4-40GB MIG 2g.10gb",
            {"CUDA_VISIBLE_DEVICES": "MIG-66666666-aaaa-bbbb-cccc-000000000007"},
            *(False, True, None),
        ],
    ]


def test_a_whole_gpu_beside_a_divided_one_goes_by_its_uuid(nvml_standin, tmp_path):
    trace = tmp_path / "beside.ini"
    trace.write_text(
        "[gpu 0]\nname = NVIDIA A100-SXM4-40GB\nuuid = GPU-1\nmig_mode = 1\nmax_slices = 7\n"
        "[gpu 1]\nname = NVIDIA A100-SXM4-40GB\nuuid = GPU-2\n"
    )
    divided, whole, _ = nvml_standin.run(trace, ALL)
    assert divided[2:] == [{}, False, False, "GPU 0 is in MIG mode and has no slice"]
    assert whole[2] == {"CUDA_VISIBLE_DEVICES": "GPU-2"}


@pytest.mark.parametrize(
    ("visible", "chosen"), [(None, "GPU 0"), ("1", "GPU 1"), ("", "CPU"), ("-1", "CPU"), ("GPU-3333", "GPU 1")]
)
def test_what_is_chosen_is_what_would_be_measured(nvml_standin, visible, chosen):
    env = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    assert [one[0] for one in nvml_standin.run("rtx-2080-ti", ALL, env=env) if one[3]] == [chosen]


@pytest.mark.parametrize("trace", ["rtx-2080-ti", "a100-mig", "t4", "jetson", "driver-not-loaded"])
def test_their_environments_have_just_them_detected(nvml_standin, trace):
    assert set(nvml_standin.run(trace, SAME)) == {True}


def test_without_a_gpu_there_is_the_processor_and_nothing_to_choose(nvml_standin):
    assert nvml_standin.run("driver-not-loaded", ALL) == [["CPU", None, {}, True, False, None]]
