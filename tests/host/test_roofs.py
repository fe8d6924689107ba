"""Which roofs a machine has, where they are kept, and their share of what the datasheet says."""

import pytest

from bench.host.datasheet_share import published_roof, share_of_datasheet
from bench.host.hardware import Hardware
from bench.host.measured import ROOF_UNITS, Peak, Roof
from bench.host.profile import HostProfile, Published, load, save
from bench.host.roofs import is_better, is_noisy, offered, reason_of, roof_of, unit_of, with_roof

PEAK = Peak(flops_per_second=40e12, low=39e12, high=41e12, date="2026-01-05", reached_by="matrices of 8192×8192")


def roof(value, margin=0.01):
    return Roof(value=value, low=value * (1 - margin), high=value * (1 + margin), date="2026-01-05", of="something")


def gpu(name, capability, **changes):
    fields = {"kind": "gpu", "gpu_name": name, "compute_capability": capability, "cpu": "x", "cores": 2}
    return Hardware(**fields, memory_bytes=2**33, system="linux", **changes)


def cpu(*flags):
    return Hardware(kind="cpu", cpu="x", cores=2, memory_bytes=2**33, system="linux", cpu_flags=flags)


def host(hardware):
    return HostProfile(id="box", label="Box", hardware=hardware)


@pytest.mark.parametrize(
    ("hardware", "data_types"),
    [
        (gpu("Tesla P100-PCIE-16GB", "6.0"), {"float32"}),
        (gpu("Tesla T4", "7.5"), {"float32", "float16"}),
        (gpu("NVIDIA L4", "8.9"), {"float32", "tf32", "float16", "bfloat16"}),
        (cpu("avx2"), {"float32"}),
        (cpu("avx512_bf16"), {"float32", "bfloat16"}),
    ],
)
def test_only_what_the_device_multiplies_itself_is_measured(hardware, data_types):
    names, lacking = offered(hardware)
    assert {name for name in names if unit_of(name) == "FLOP/s"} == data_types | {
        f"vgg16_{kind}" for kind in data_types
    }
    assert set(names) | set(lacking) == {"float32", "tf32", "float16", "bfloat16", *ROOF_UNITS}
    assert not set(names) & set(lacking)
    assert ("host_to_device_bandwidth" in names) == (hardware.kind == "gpu")
    assert all(lacking.values())


def test_a_processor_copies_nothing_to_itself_and_says_so():
    assert "the device is the host itself" in offered(cpu())[1]["host_to_device_bandwidth"]


def test_each_has_its_place_and_a_reason_goes_when_it_comes(tmp_path):
    empty = host(cpu())
    assert reason_of(empty, "map").startswith("no map was measured; bench calibrate")
    assert reason_of(empty, "float16").startswith("mixed float16 needs a GPU")
    without = with_roof(with_roof(empty, "file_read", "no room"), "tf32", "no such thing on processors")
    assert without.roofs_absent == {"file_read": "no room"}
    assert reason_of(without, "file_read") == "no room"
    kept = with_roof(with_roof(without, "file_read", roof(1e9)), "float32", PEAK)
    assert kept.roofs_absent == {}
    assert (roof_of(kept, "file_read"), roof_of(kept, "float32")) == (roof(1e9), PEAK)
    save(kept, tmp_path / "box.yaml")
    assert load(tmp_path / "box.yaml") == kept


def test_of_all_but_seconds_more_is_better():
    assert is_better("map", roof(2.0), roof(1.0))
    assert not is_better("map", roof(1.0), roof(2.0))
    assert is_better("launch_latency", roof(1.0), roof(2.0))
    assert is_better("float32", PEAK, PEAK.model_copy(update={"flops_per_second": 1.0}))


def test_wide_is_noisy():
    assert is_noisy(roof(1.0, 0.12))
    assert not is_noisy(roof(1.0, 0.08))


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("float32", 8.1e12),
        ("vgg16_float32", 8.1e12),
        ("float16", 65e12),
        ("vgg16_float16", 65e12),
        ("device_bandwidth", 320e9),
    ],
)
def test_the_datasheet_of_a_t4_by_hand(name, published):
    card = host(gpu("Tesla T4", "7.5"))
    assert published_roof(card, name).value == published
    assert share_of_datasheet(card, name).reason.startswith(f"no {name} was measured")
    half = {"low": published / 3, "high": published, "date": "2026-01-05"}
    found = Roof(value=published / 2, of="x", **half)
    if name in ("float32", "float16"):
        found = Peak(flops_per_second=published / 2, **half)
    assert share_of_datasheet(with_roof(card, name, found), name).value == pytest.approx(0.5)


def test_there_is_no_share_of_what_no_datasheet_gives():
    card = host(gpu("Tesla T4", "7.5"))
    assert published_roof(card, "jpeg_decode").reason == "no datasheet gives it"
    assert "no bfloat16 products" in published_roof(card, "vgg16_bfloat16").reason
    assert published_roof(host(cpu()), "float32").reason == "no datasheet is known of what computes here"
    slice_of_it = host(gpu("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "8.0", mig=True))
    assert published_roof(slice_of_it, "device_bandwidth").value is None
    reference = HostProfile(id="k", label="K", published=Published(source="s", gpu_name="Tesla P100-PCIE-16GB"))
    assert published_roof(reference, "device_bandwidth").value == 732e9
