"""What is shown of efficiency, what is left out, and why."""

import pytest

from bench.host.hardware import Hardware
from bench.host.measured import Peak, Roof
from bench.host.profile import HostProfile, Price
from bench.report.as_json import rows
from bench.report.suite.efficiency_table import efficiency_table
from tests.records import T4, make_failed, make_gpu_values, make_record

HARDWARE = {"cpu": "Xeon", "cores": 2, "memory_bytes": 2**33, "system": "linux"}
CARD = HostProfile(id="colab-t4", label="T4", hardware=Hardware(kind="gpu", gpu_name="Tesla T4", **HARDWARE))
CPU = HostProfile(id="xeon-2-cores", label="Xeon", hardware=Hardware(kind="cpu", **HARDWARE))
PRICE = Price(per_hour=0.35, currency="EUR")
ABSENT = {"gpu_energy_joules": "no NVIDIA device", "gpu_idle_watts": "no NVIDIA device"}


def on_t4(**changes):
    values = make_gpu_values(gpu_idle_watts=11.0)
    return make_record(**{"device": T4, "values": values, "absent": {}, "host": "colab-t4"} | changes)


def shown(records, profile):
    table = efficiency_table(records, "Box", profile)
    headings = [column.heading for column in table.columns]
    return [dict(zip(headings, row, strict=True)) for row in table.rows], [
        (note.mark, note.text) for note in table.notes
    ]


def test_a_card_that_tells_all():
    record = on_t4(step_ms=10, noise=0)
    (row,), notes = shown([record], CARD.model_copy(update={"price": PRICE}))
    steps = sum(window.steps for window in record.windows)
    assert row["model"] == "simple_cnn"
    assert row["work an image, MFLOP"] == "39.6"
    assert float(row["achieved, GFLOP/s"]) == pytest.approx(6 * 6.6e6 * 128 / 0.01 / 1e9, rel=0.01)
    assert float(row["MFU, %"]) == pytest.approx(100 * 6 * 6.6e6 * 128 / 0.01 / 8.1e12, rel=0.01)
    assert float(row["energy a step, J"]) == pytest.approx(62.7 / steps, rel=0.01)
    assert float(row["images/J"].replace(",", "")) == pytest.approx(128 * steps / 62.7, rel=0.01)
    assert row["idle power, W"] == "11.0"
    assert float(row["cost of a million images, EUR"]) == pytest.approx(0.35 / 3600 * 0.01 / 128 * 1e6, rel=0.01)
    assert ("", "peaks: float32 8,100 GFLOP/s (datasheet: NVIDIA T4 datasheet)") in notes


def test_a_processor_has_its_arithmetic_and_one_note_for_what_it_lacks():
    (row,), notes = shown([make_record(absent=ABSENT)], CPU)
    assert set(row) == {"model", "variant", "work an image, MFLOP", "achieved, GFLOP/s"}
    texts = [text for _, text in notes]
    assert "no energy a step and no images/J and no idle power: no NVIDIA device" in texts
    assert "no cost of a million images: no price in hosts/xeon-2-cores.yaml" in texts
    assert "no MFU: no float32 peak was measured; bench calibrate measures it, on xeon-2-cores" in texts


def test_peaks_are_named_by_data_type_and_the_one_that_lacks_is_told():
    peak = Peak(flops_per_second=2e11, low=1.9e11, high=2.1e11, date="2026-01-05")
    half = make_record(variant="bf16", options={"precision": "mixed_bfloat16"})
    found, notes = shown([make_record(), half], CPU.model_copy(update={"peaks": {"float32": peak}}))
    assert [row["MFU, %"] for row in found][1] == "–"
    texts = [text for _, text in notes]
    assert "peaks: float32 200 GFLOP/s (measured 2026-01-05)" in texts
    assert any(text.startswith("mixed bfloat16 needs a CPU with") for text in texts)


def test_more_than_the_peak_is_marked():
    peak = Peak(flops_per_second=1e9, low=1e9, high=1e9, date="2026-01-05")
    (row,), notes = shown([make_record()], CPU.model_copy(update={"peaks": {"float32": peak}}))
    assert row["MFU, %"].endswith("§")
    assert any(mark == "§" and "quiet machine" in text for mark, text in notes)


def test_vgg16_stands_beside_its_own_convolutions_and_other_networks_miss_nothing():
    roof = Roof(value=2e12, low=1.9e12, high=2.1e12, date="2026-01-05", of="its 13 convolutions")
    profile = CPU.model_copy(update={"roofs": {"vgg16_float32": roof}})
    heading = "of its convolutions' rate, %"
    found, notes = shown([make_record(step_ms=300), make_record(model="vgg16", step_ms=300, noise=0)], profile)
    assert [row[heading] for row in found] == ["–", "40.1"]
    assert any("VGG16's own convolutions" in text for _, text in notes)
    alone, notes = shown([make_record()], profile)
    assert heading not in alone[0]
    assert not any("convolutions" in text for _, text in notes)


def test_integrated_energy_is_marked():
    record = on_t4(notes={"gpu_energy_joules": "integrated from 9 power readings, for want of a counter (x)"})
    found, notes = shown([record, on_t4(variant="xla")], CARD)
    assert [row["energy a step, J"].endswith("‡") for row in found] == [True, False]
    assert ("‡", "energy was integrated from power readings, for want of a counter") in notes


def test_cells_without_figures_are_left_to_the_suites_own_table():
    found, _ = shown([on_t4(), make_failed(host="colab-t4")], CARD)
    assert len(found) == 1
    assert efficiency_table([make_failed()], "Box", CPU) is None


def test_programs_get_the_same_figures_with_their_units_in_the_keys():
    (row,) = rows([on_t4()], [CARD.model_copy(update={"price": PRICE})])
    assert row["mfu"] == pytest.approx(row["achieved_flops_per_second"] / 8.1e12)
    assert row["mfu_peak_flops_per_second"] == 8.1e12
    assert row["mfu_peak_origin"] == "datasheet: NVIDIA T4 datasheet"
    assert row["mfu_data_type"] == "float32"
    assert row["images_per_joule"] == pytest.approx(128 / row["energy_per_step_joules"])
    assert row["currency"] == "EUR"
    assert row["cost_per_million_images"] > 0
    (bare,) = rows([make_record(absent=ABSENT)])
    assert bare["mfu"] is bare["energy_per_step_joules"] is bare["currency"] is None
    assert bare["absent"]["mfu"] == "the host has no profile, and so no peak"
    assert bare["absent"]["energy_per_step_joules"] == "no NVIDIA device"
