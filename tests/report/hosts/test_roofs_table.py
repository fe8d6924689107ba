"""Roofs as people read them."""

import pytest

from bench.host.hardware import Hardware
from bench.host.measured import ROOF_UNITS, Peak, Roof
from bench.host.profile import HostProfile
from bench.host.roofs import DATA_TYPES, with_roof
from bench.report.hosts.roofs_table import roof_text, roof_title, roofs_table

HARDWARE = {"cpu": "Xeon", "cores": 2, "memory_bytes": 2**33, "system": "linux"}
T4 = HostProfile(id="t4", label="T4", hardware=Hardware(kind="gpu", gpu_name="Tesla T4", **HARDWARE))
CPU = HostProfile(id="xeon", label="Xeon", hardware=Hardware(kind="cpu", **HARDWARE))


def roof(value, margin=0.01):
    return Roof(value=value, low=value * (1 - margin), high=value * (1 + margin), date="2026-01-05", of="what it was")


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("vgg16_float32", 215.3e9, "215.3 ± 2.2 GFLOP/s"),
        ("vgg16_float16", 24.1e12, "24.10 ± 0.24 TFLOP/s"),
        ("device_bandwidth", 18.2e9, "18.20 ± 0.18 GB/s"),
        ("file_read", 98e6, "98.0 ± 1.0 MB/s"),
        ("launch_latency", 95e-6, "95.0 ± 0.9 µs"),
        ("launch_latency", 2.5e-3, "2.500 ± 0.025 ms"),
        ("jpeg_decode", 640.0, "640 ± 6 images/s"),
        ("map", 412e3, "412 ± 4 thousand/s"),
    ],
)
def test_figures_have_a_unit_that_suits_them(name, value, text):
    assert roof_text(name, roof(value)) == text


def test_every_roof_has_a_title():
    titles = [roof_title(name) for name in (*DATA_TYPES, *ROOF_UNITS)]
    assert len(set(titles)) == len(titles)


def test_shares_of_the_datasheet_stand_beside_what_was_measured():
    peak = Peak(flops_per_second=26e12, low=25e12, high=27e12, date="2026-01-05", reached_by="matrices of 8192×8192")
    profile = with_roof(with_roof(T4, "float16", peak), "device_bandwidth", roof(240e9))
    profile = with_roof(with_roof(profile, "jpeg_decode", roof(640.0)), "file_read", "no room")
    lines = roofs_table(profile, ["float16", "device_bandwidth", "jpeg_decode"]).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert cells[0] == ["roof", "measured", "of datasheet", "of what"]
    assert cells[2:] == [
        ["products in float16", "26.0 ± 1.0 TFLOP/s", "40%", "matrices of 8192×8192"],
        ["the device's memory", "240.0 ± 2.4 GB/s", "75%", "what it was"],
        ["JPEGs decoded", "640 ± 6 images/s", "", "what it was"],
    ]
    assert lines[-1] == "file read from disk: none, since no room"


def test_a_processor_has_no_datasheet_and_no_column_for_it():
    text = roofs_table(with_roof(CPU, "map", roof(412e3)), ["map"])
    assert "datasheet" not in text
    assert "412 ± 4 thousand/s" in text
    assert roofs_table(CPU, []) == ""
