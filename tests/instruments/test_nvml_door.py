"""The door to NVML: the real nvidia-ml-py, on a stand-in for the driver's library."""

import json
import textwrap

import pytest

READ_ALL = """
import os
from bench.instruments.gpu_processes import process_memory
from bench.system.nvml import open_nvml
METHODS = ("name", "uuid", "compute_capability", "memory_used_bytes", "memory_total_bytes", "utilization",
           "power_watts", "energy_joules", "sm_clock_hz", "memory_clock_hz", "temperature_celsius", "event_reasons")
def read_all(device):
    found = {m: getattr(device, m)() for m in METHODS} | {"process": process_memory(device.processes(), os.getpid())}
    return {name: (reading.value, reading.reason) for name, reading in found.items()}
"""
CHOSEN = """
import sys
from bench.system.nvml import open_nvml
with open_nvml() as nvml:
    result = []
    for visible in json.loads(sys.argv[1]):
        chosen = nvml.chosen({} if visible is None else {"CUDA_VISIBLE_DEVICES": visible})
        result.append(chosen.value.name().value if chosen.value else "! " + chosen.reason)
"""


def test_every_reading_of_a_card_that_gives_all(nvml_standin):
    result = nvml_standin.run("rtx-2080-ti", READ_ALL + "with open_nvml() as n: result = read_all(n.devices[0])")
    assert {name: value for name, (value, _) in result.items()} == {
        "name": "NVIDIA GeForce RTX 2080 Ti",
        "uuid": "GPU-22222222-aaaa-bbbb-cccc-000000000003",
        "compute_capability": "7.5",
        "memory_total_bytes": 11 * 2**30,
        "memory_used_bytes": 700_000_000,
        "utilization": 0.03,
        "power_watts": 60.0,
        "energy_joules": 900_000.0,
        "sm_clock_hz": 1.35e9,
        "memory_clock_hz": 7e9,
        "temperature_celsius": 50.0,
        "event_reasons": 0,
        "process": 10_100_000_000,
    }
    assert {reason for _, reason in result.values()} == {None}


@pytest.mark.parametrize(
    ("trace", "absent"),
    [
        ("p100", {"energy_joules"}),
        ("wsl", {"energy_joules", "event_reasons", "process"}),
        (
            "jetson",
            {"memory_total_bytes", "memory_used_bytes", "utilization", "power_watts", "energy_joules", "sm_clock_hz"}
            | {"memory_clock_hz", "temperature_celsius", "event_reasons", "process"},
        ),
    ],
)
def test_what_a_card_lacks_is_none_with_a_reason(nvml_standin, trace, absent):
    result = nvml_standin.run(trace, READ_ALL + "with open_nvml() as n: result = read_all(n.devices[0])")
    assert {name for name, (value, _) in result.items() if value is None} == absent
    assert all(reason for value, reason in result.values() if value is None)


def test_a_driver_without_the_newer_functions_is_read_through_the_older_ones(nvml_standin):
    result = nvml_standin.run("t4", READ_ALL + "with open_nvml() as n: result = read_all(n.devices[0])", driver="R450")
    assert result["event_reasons"] == [1, None]
    assert result["memory_used_bytes"] == [1_400_000_000, None]  # the older call counts the driver's reserve as used
    result = nvml_standin.run(
        "p100", READ_ALL + "with open_nvml() as n: result = read_all(n.devices[0])", driver="R450"
    )
    assert result["process"] == [15_300_000_000, None]


def test_a_mig_slice_gives_its_name_and_memory_and_says_that_it_lacks_the_rest(nvml_standin):
    code = "with open_nvml() as n: device = n.chosen({}).value; result = [device.is_slice, read_all(device)]"
    is_slice, result = nvml_standin.run("a100-mig", READ_ALL + code)
    assert is_slice
    assert result["name"][0] == "NVIDIA A100-SXM4-40GB MIG 1g.5gb"
    assert result["memory_total_bytes"][0] == 5_100_273_664
    assert result["compute_capability"][0] == "8.0"
    assert result["process"][0] == 4_200_000_000
    for name in ("utilization", "power_watts", "energy_joules", "sm_clock_hz", "temperature_celsius", "event_reasons"):
        assert result[name] == [None, "NVML does not give it for a MIG slice"]


def test_no_error_of_the_driver_becomes_an_exception_or_a_number(nvml_standin, tmp_path):
    keys = ("name", "uuid", "memory_total", "utilization", "power_mw", "energy_mj", "sm_clock_mhz", "memory_clock_mhz")
    keys += ("temperature", "event_reasons", "processes", "mig_mode", "max_slices")
    code = f"""
    import os, pathlib, sys
    result = {{}}
    for error in (*range(1, 31), 77, 999):
        lines = ["[gpu 0]"] + [f"{{key}} = !{{error}}" for key in {keys!r}]
        pathlib.Path(sys.argv[1]).write_text("\\n".join(lines))
        with open_nvml() as nvml:
            result[error] = read_all(nvml.chosen({{}}).value)
    """
    trace = tmp_path / "errors.ini"
    trace.write_text("[gpu 0]")
    result = nvml_standin.run(trace, READ_ALL + textwrap.dedent(code), str(trace))
    assert len(result) == 32
    for error, readings in result.items():
        for name, (value, reason) in readings.items():
            assert value is None, (error, name)
            assert reason, (error, name)
    assert result["3"]["power_watts"][1] == "NVML: not supported by this GPU or driver"
    assert result["4"]["process"][1] == "NVML: no permission to read it"


def test_a_sensor_at_zero_is_no_sensor(nvml_standin, tmp_path):
    trace = tmp_path / "zero.ini"
    keys = ("memory_total", "memory_used", "power_mw", "energy_mj", "sm_clock_mhz", "memory_clock_mhz", "temperature")
    trace.write_text("[gpu 0]\n" + "".join(f"{key} = 0\n" for key in (*keys, "utilization", "event_reasons")))
    result = nvml_standin.run(trace, READ_ALL + "with open_nvml() as n: result = read_all(n.devices[0])")
    assert {name for name, (value, _) in result.items() if value is not None} == {"utilization", "event_reasons"}


@pytest.mark.parametrize("name", ["Tesla T4", "naïve GPU"])
def test_names_come_as_text_whether_the_package_gives_bytes_or_text(nvml_standin, tmp_path, name):
    trace = tmp_path / "name.ini"
    trace.write_text(f"[gpu 0]\nname = {name}\n", encoding="utf-8")
    code = """
    import pynvml
    from bench.system.nvml import open_nvml
    given = pynvml.nvmlDeviceGetName
    result = []
    for convert in (str, str.encode):
        pynvml.nvmlDeviceGetName = lambda handle: convert(given(handle))
        with open_nvml() as nvml:
            result.append(nvml.devices[0].name().value)
    """
    assert nvml_standin.run(trace, code) == [name, name]


def test_a_name_that_is_no_text_does_not_crash(nvml_standin, tmp_path):
    trace = tmp_path / "name.ini"
    trace.write_bytes(b"[gpu 0]\nname = GPU \xff\xfe\n")
    code = "from bench.system.nvml import open_nvml\nwith open_nvml() as n: result = n.devices[0].name().value"
    assert nvml_standin.run(trace, code) == "GPU \ufffd\ufffd"


@pytest.mark.parametrize(
    ("trace", "visible", "expected"),
    [
        ("rtx-2080-ti", None, "NVIDIA GeForce RTX 2080 Ti"),
        ("rtx-2080-ti", "0", "NVIDIA GeForce RTX 2080 Ti"),
        ("rtx-2080-ti", "1,0", "NVIDIA GeForce GTX 1660 Ti"),
        ("rtx-2080-ti", " 1 ", "NVIDIA GeForce GTX 1660 Ti"),
        ("rtx-2080-ti", "GPU-3333", "NVIDIA GeForce GTX 1660 Ti"),
        ("rtx-2080-ti", "", "! CUDA_VISIBLE_DEVICES leaves no GPU visible"),
        ("rtx-2080-ti", "-1", "! CUDA_VISIBLE_DEVICES leaves no GPU visible"),
        ("rtx-2080-ti", "7", "! CUDA_VISIBLE_DEVICES leaves no GPU visible"),
        ("rtx-2080-ti", "GPU-9999", "! CUDA_VISIBLE_DEVICES leaves no GPU visible"),
        ("a100-mig", None, "NVIDIA A100-SXM4-40GB MIG 1g.5gb"),
        ("a100-mig", "0", "NVIDIA A100-SXM4-40GB MIG 1g.5gb"),
        ("a100-mig", "MIG-66666666-aaaa-bbbb-cccc-000000000007", "NVIDIA A100-SXM4-40GB MIG 2g.10gb"),
        ("a100-mig", "GPU-4444", "NVIDIA A100-SXM4-40GB MIG 1g.5gb"),
    ],
)
def test_the_watched_gpu_is_the_one_that_cuda_will_use(nvml_standin, trace, visible, expected):
    assert nvml_standin.run(trace, CHOSEN, json.dumps([visible])) == [expected]


def test_a_card_in_mig_mode_without_slices_is_no_device(nvml_standin, tmp_path):
    trace = tmp_path / "mig.ini"
    trace.write_text("[gpu 0]\nname = NVIDIA A100\nmig_mode = 1\nmax_slices = 7\n")
    assert nvml_standin.run(trace, CHOSEN, "[null]") == ["! GPU 0 is in MIG mode and has no slice"]


def test_compute_modes(nvml_standin, tmp_path):
    trace = tmp_path / "modes.ini"
    modes = (None, 0, 1, 2, 3, 9, "!4")
    lines = [f"[gpu {i}]\n" + (f"compute_mode = {mode}\n" if mode is not None else "") for i, mode in enumerate(modes)]
    trace.write_text("".join(lines))
    code = (
        "from bench.system.nvml import open_nvml\nwith open_nvml() as n: result = [d.compute_mode() for d in n.devices]"
    )
    code += "\nresult = [r.value or r.reason for r in result]"
    assert nvml_standin.run(trace, code) == [
        "NVML: not supported by this GPU or driver",
        "default",
        "exclusive",
        "prohibited",
        "exclusive",
        "NVML gives the unknown compute mode 9",
        "NVML: no permission to read it",
    ]


def test_a_lost_gpu_does_not_hide_the_others(nvml_standin, tmp_path):
    trace = tmp_path / "lost.ini"
    trace.write_text("[gpu 0]\nname = A\nhandle = !15\n[gpu 1]\nname = B\n")
    assert nvml_standin.run(trace, CHOSEN, '["1", "0"]') == ["B", "! CUDA_VISIBLE_DEVICES leaves no GPU visible"]
    trace.write_text("[gpu 0]\nname = A\nhandle = !15\n")
    assert nvml_standin.run(trace, CHOSEN, "[null]") == ["! NVML: the GPU is lost; restart"]


def test_why_there_is_no_device(nvml_standin, tmp_path):
    code = """
    from bench.system.nvml import open_nvml
    with open_nvml() as nvml:
        result = [len(nvml.devices), nvml.reason, nvml.driver.value, nvml.chosen({}).reason]
    """
    loaded = "NVML: the NVIDIA driver is not loaded"
    assert nvml_standin.run("driver-not-loaded", code) == [0, loaded, None, loaded]
    empty = tmp_path / "empty.ini"
    empty.write_text("[driver]\nversion = 550.54\n")
    assert nvml_standin.run(empty, code) == [0, "no NVIDIA device", "550.54", "no NVIDIA device"]
    absent = "no NVIDIA device (no driver library)"
    assert nvml_standin.run("t4", code, driver="none") == [0, absent, None, absent]
