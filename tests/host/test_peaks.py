"""Peaks: measured before published, of the right card and the right data type, and never guessed."""

import pytest

from bench.host.datasheets import DATASHEETS, datasheet_of
from bench.host.hardware import Hardware
from bench.host.measured import Peak
from bench.host.names import brandless
from bench.host.peaks import counted_type, peak_of
from bench.host.profile import HostProfile, Published
from bench.results.recorded_setup import RecordedDevice, RecordedOptions

GIB = 2**30


def host(gpu_name=None, **changes):
    fields = {"kind": "gpu" if gpu_name else "cpu", "gpu_name": gpu_name, "cpu": "AMD EPYC", "cores": 2}
    hardware = Hardware(**fields | {"memory_bytes": 8 * GIB, "system": "linux"} | changes)
    return HostProfile(id="box", label="Box", hardware=hardware)


@pytest.mark.parametrize(
    ("nvml_name", "card"),
    [
        ("Tesla T4", "Tesla T4"),
        ("Tesla P100-PCIE-16GB", "Tesla P100 PCIe"),
        ("Tesla P100-SXM2-16GB", "Tesla P100 SXM2"),
        ("Tesla V100-SXM2-32GB", "Tesla V100 SXM2"),
        ("NVIDIA A100-SXM4-40GB", "A100 SXM 40 GB"),
        ("NVIDIA A100 80GB PCIe", "A100 PCIe 80 GB"),
        ("NVIDIA H100 80GB HBM3", "H100 SXM"),
        ("NVIDIA H100 PCIe", "H100 PCIe"),
        ("NVIDIA H200", "H200 SXM"),
        ("NVIDIA H100 NVL", "H100 NVL"),
        ("NVIDIA GH200 480GB", "GH200"),
        ("NVIDIA RTX A6000", "RTX A6000"),
        ("Quadro RTX 6000", "Quadro RTX 6000"),
        ("Tesla V100S-PCIE-32GB", "Tesla V100S PCIe"),
        ("NVIDIA GeForce RTX 4070 Ti", "RTX 4070 Ti"),
        ("NVIDIA GeForce RTX 5070", "RTX 5070"),
        ("NVIDIA A40", "A40"),
        ("NVIDIA L40", "L40"),
        ("NVIDIA L40S", "L40S"),
        ("NVIDIA B200", "B200"),
        ("NVIDIA L4", "L4"),
        ("NVIDIA A10", "A10"),
        ("NVIDIA GeForce RTX 2080 Ti", "RTX 2080 Ti"),
        ("GeForce RTX 3090", "RTX 3090"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
    ],
)
def test_cards_are_known_by_what_nvml_calls_them(nvml_name, card):
    assert datasheet_of(nvml_name).card == card


@pytest.mark.parametrize(
    "nvml_name",
    [
        "NVIDIA GeForce RTX 4090 Laptop GPU",
        "NVIDIA GeForce RTX 4090 D",
        "NVIDIA GeForce RTX 3080 Ti",
        "NVIDIA A10G",
        "NVIDIA RTX 6000 Ada Generation",
        "NVIDIA GeForce RTX 4070 Ti SUPER",
        "NVIDIA GeForce RTX 2080 with Max-Q Design",
        "NVIDIA L20",
        "NVIDIA A100-SXM4-40GB MIG 1g.5gb",
        "NVIDIA T400",
    ],
)
def test_no_card_passes_for_a_similar_one(nvml_name):
    assert datasheet_of(nvml_name) is None


def test_cards_of_one_name_are_told_apart_by_their_memory():
    assert datasheet_of("NVIDIA GeForce RTX 3080", 10 * GIB).card == "RTX 3080 10 GB"
    assert datasheet_of("NVIDIA GeForce RTX 3080", 12 * GIB) is None
    assert datasheet_of("NVIDIA GeForce RTX 3080") is None


@pytest.mark.parametrize("sheet", DATASHEETS, ids=lambda sheet: sheet.card)
def test_datasheets_hang_together(sheet):
    """Within a card the rates stand in the proportions that its tensor cores have: a typing error breaks them."""
    assert sheet.source
    if sheet.tf32 is not None:
        assert sheet.float16 == sheet.bfloat16
        assert sheet.float16 / sheet.tf32 == pytest.approx(2, rel=0.02)
    if sheet.source.endswith("float32 sums"):  # GeForce: half the rate, and TF32 no faster than float32
        assert sheet.float16 / sheet.float32 == pytest.approx(4 if "Turing" in sheet.source else 2, rel=0.02)
    assert brandless(sheet.card)


def test_the_measured_peak_goes_before_the_datasheet():
    card = host("Tesla T4", compute_capability="7.5")
    roof = peak_of(card, "float16").value
    assert (roof.flops_per_second, roof.origin) == (65e12, "datasheet: NVIDIA T4 datasheet")
    peak = Peak(flops_per_second=24e12, low=23e12, high=25e12, date="2026-01-05")
    measured = card.model_copy(update={"peaks": {"float16": peak}})
    roof = peak_of(measured, "float16").value
    assert (roof.flops_per_second, roof.origin) == (24e12, "measured 2026-01-05")
    assert peak_of(measured, "float32").value.flops_per_second == 8.1e12


def test_a_published_host_has_the_peaks_of_its_card():
    published = HostProfile(id="k", label="K", published=Published(source="s", gpu_name="Tesla P100-PCIE-16GB"))
    assert peak_of(published, "float32").value.flops_per_second == 9.3e12


@pytest.mark.parametrize(
    ("profile", "data_type", "reason"),
    [
        (None, "float32", "the host has no profile"),
        (HostProfile(id="bare", label="Bare"), "float32", "no float32 peak was measured"),
        (host(), "float32", "no float32 peak was measured; bench calibrate measures it"),
        (
            host("NVIDIA A100-SXM4-40GB MIG 1g.5gb", mig=True, compute_capability="8.0"),
            "tf32",
            "a MIG slice has no datasheet, and no tf32 peak was measured",
        ),
        (
            host("NVIDIA GeForce GTX 1080"),
            "float32",
            "no datasheet of NVIDIA GeForce GTX 1080 is known, and no float32 peak was measured",
        ),
        (host(), "float16", "mixed float16 needs a GPU with tensor cores; this machine measures its CPU"),
        (host(), "tf32", "TF32 needs a GPU"),
        (host("NVIDIA GeForce GTX 1080", compute_capability="6.1"), "tf32", "TF32 needs compute capability 8.0"),
        (host("Tesla P100-PCIE-16GB"), "float16", "Tesla P100 PCIe has no float16 products"),
        (host("Tesla T4"), "bfloat16", "Tesla T4 has no bfloat16 products"),
    ],
)
def test_a_peak_that_is_not_known_has_a_reason(profile, data_type, reason):
    found = peak_of(profile, data_type)
    assert found.value is None
    assert reason in found.reason


@pytest.mark.parametrize(
    ("options", "capability", "environment", "data_type"),
    [
        ({"precision": "float32", "tf32": True}, "8.6", {}, "tf32"),
        ({"precision": "float32", "tf32": False}, "8.6", {}, "float32"),
        ({"precision": "float32", "tf32": True}, "8.6", {"NVIDIA_TF32_OVERRIDE": "0"}, "float32"),
        ({"precision": "float32", "tf32": True}, "7.5", {}, "float32"),
        ({"precision": "float32", "tf32": True}, "12.0", {}, "tf32"),
        ({"precision": "float32", "tf32": True}, None, {}, "float32"),
        ({"precision": "mixed_float16", "tf32": True}, "8.6", {}, "float16"),
        ({"precision": "mixed_bfloat16"}, None, {}, "bfloat16"),
    ],
)
def test_the_data_type_is_the_one_that_the_products_are_done_in(options, capability, environment, data_type):
    device = RecordedDevice(kind="gpu" if capability else "cpu", compute_capability=capability)
    assert counted_type(device, RecordedOptions(**options), environment) == data_type
