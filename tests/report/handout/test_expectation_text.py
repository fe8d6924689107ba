"""What is said of an expectation, and of a time that was held against it."""

import json
import re

import pytest

from bench.analyse.expectation.handout import handout
from bench.host.hardware import Hardware
from bench.host.measured import AiBenchmark, Peak, Roof
from bench.host.profile import HostProfile
from bench.host.registry import references
from bench.report.as_json import rows
from bench.report.handout.expectation_text import (
    band,
    expectation_fields,
    expectation_text,
    outcome_lines,
)
from bench.report.handout.table import handout_tables
from tests.records import CPU, make_gpu_values, make_record

REFERENCES = sorted(references().values(), key=lambda one: one.id)
MACHINE = {"cpu": "Xeon", "cores": 4, "memory_bytes": 2**34, "system": "linux"}
SCORED = {"full": AiBenchmark(version="0.1.2", date="2026-01-05", ai_score=17_000, seconds=60.0)}
CARD = HostProfile(
    id="box", label="Box", hardware=Hardware(kind="gpu", gpu_name="A card", **MACHINE), ai_benchmark=SCORED
)
BARE = HostProfile(id="xeon-2-cores", label="Xeon", hardware=Hardware(kind="cpu", **MACHINE))
PROFILES = [*REFERENCES, CARD, BARE]
VALUES = make_gpu_values(trainable_params=14_765_988)


def on_card(step_ms, **changes):
    device = {"kind": "gpu", "name": "A card", "gpu_name": "A card", "gpu_unused": None}
    fields = {"host": "box", "device": device, "absent": {}, "values": VALUES, "noise": 0.001}
    return make_record("vgg16", step_ms=step_ms, **fields | changes)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.0057, 0.0123, "5.7–12"),
        (1.047, 1.56, "1,047–1,560"),
        (0.00994, 0.00996, "9.9–10"),
        (5e-4, 6e-3, "0.5–6"),
        (4.1, 35, "4.1–35 s"),
        (3e9, 1.23e13, "3e+09–1.2e+13 s"),
    ],
)
def test_bands_in_milliseconds(low, high, shown):
    assert band(low, high) == shown


def test_one_line_a_cell():
    lines = outcome_lines([on_card(61), on_card(200), make_record(variant="xla", options={"xla": True})], PROFILES)
    assert lines[0] == "VGG16 61 ms/step, expected 39–85: healthy"
    assert lines[1].startswith("VGG16 200 ms/step, expected 39–85: what is its bottleneck? ")
    assert len(lines) == 2


def test_what_only_its_margin_brings_into_the_band_is_told_with_it():
    (line,) = outcome_lines([on_card(87)], PROFILES)
    assert re.fullmatch(
        r"VGG16 87 ± \d\.\d ms/step, expected 39–85: healthy or a little slower, which can't be distinguished here",
        line,
    )
    *_, table = handout_tables(handout(PROFILES, [on_card(87)]), PROFILES)
    assert re.fullmatch(r"87 ± \d", table.rows[0][2])
    assert table.rows[0][5].startswith("healthy or slower (")
    assert table.notes[1].text.startswith("outside of the band, and within it for all that can be told")


def test_a_long_step_is_told_in_seconds():
    roofs = {"vgg16_float32": Roof(value=1.0, low=0.99, high=1.01, date="2026-01-05", of="its convolutions")}
    slow = BARE.model_copy(update={"roofs": roofs})
    shown = expectation_text(slow, [*REFERENCES, slow])
    assert " s/step" in shown.splitlines()[1]
    assert not re.search(r"\d{4}|(,\d{3}){2}", shown.replace("2026", "")), shown
    (line,) = outcome_lines([on_card(12_345, host=slow.id, device=CPU)], [*REFERENCES, slow])
    assert line.startswith("VGG16 12 s/step, expected ")


def test_a_run_on_the_cpu():
    device = CPU | {"gpu_unused": "GeForce RTX 2080 Ti"}
    (line,) = outcome_lines([make_record(step_ms=44, noise=0.001, device=device)], PROFILES)
    assert line.startswith(
        "simple CNN 44 ms/step, expected of the RTX 2080 Ti 5.7–12: is the run on the CPU? TensorFlow did not"
    )


def test_nothing_expected_says_why():
    (line,) = outcome_lines([make_record(step_ms=30, noise=0)], PROFILES)
    assert line.startswith("simple CNN 30 ms/step; nothing was expected: every reference is a GPU")
    assert line.endswith("bench calibrate --roofs does")


def test_what_calibration_ends_with():
    text = expectation_text(CARD, PROFILES)
    assert text.splitlines()[:2] == [
        "expected here of the notebook's variant, batch 128:",
        "  simple CNN 9.5–21 ms/step, VGG16 39–85 ms/step",
    ]
    assert "  VGG16, by its AI-Score: 39–85 (AI-Score 17,000, measured 2026-01-05; 3 published times" in text
    assert "simple CNN: nothing, since every reference is a GPU" in expectation_text(BARE, PROFILES)
    assert expectation_text(CARD, [CARD]) == ""


def test_grounds_that_set_no_end_of_the_band_are_left_out():
    peak = Peak(flops_per_second=6.8e12, low=6.7e12, high=6.9e12, date="2026-01-05")
    text = expectation_text(CARD.model_copy(update={"peaks": {"float32": peak}}), PROFILES)
    assert "VGG16, by its AI-Score" in text
    assert "by its roofs" not in text.partition("VGG16, by its AI-Score")[2]
    fields = expectation_fields(CARD.model_copy(update={"peaks": {"float32": peak}}), PROFILES)
    assert [one["source"] for one in fields["vgg16"]["evidence"]] == ["score", "roofs"]


def test_grounds_that_contradict_each_other_are_told():
    peak = Peak(flops_per_second=5e11, low=4.9e11, high=5.1e11, date="2026-01-05")
    roof = Roof(value=4e11, low=3.9e11, high=4.1e11, date="2026-01-05", of="its convolutions")
    ill = CARD.model_copy(update={"peaks": {"float32": peak}, "roofs": {"vgg16_float32": roof}})
    text = expectation_text(ill, [*REFERENCES, ill])
    assert "VGG16: AI-Score and roofs contradict each other (AI-Score: 39–85, roofs: 5" in text
    assert "bench doctor" in text
    (line,) = outcome_lines([on_card(200)], [*REFERENCES, ill])
    assert ": is this machine well? Its AI-Score and its roofs contradict each other" in line


def test_for_programs():
    fields = expectation_fields(CARD, PROFILES)
    assert fields["vgg16"]["low_seconds"] == pytest.approx(0.039, abs=0.001)
    assert fields["vgg16"]["evidence"][0]["source"] == "score"
    assert expectation_fields(BARE, PROFILES)["vgg16"]["middle_seconds"] is None
    assert "bench calibrate" in expectation_fields(BARE, PROFILES)["vgg16"]["absent"]
    json.dumps([fields, expectation_fields(BARE, PROFILES)], allow_nan=False)
    first, second = rows([on_card(61), on_card(40, variant="xla", options={"xla": True})], PROFILES)
    assert first["expected"]["verdict"] == "healthy"
    assert first["expected"]["residual"] == pytest.approx(0.06, abs=0.01)
    assert second["expected"] is None


def test_the_report_s_table_and_the_score_that_was_measured():
    profiles = [*REFERENCES, CARD, BARE]
    records = [on_card(200), make_record(step_ms=30)]
    times, _, table = handout_tables(handout(profiles, records), profiles)
    assert times.rows[2] == ("AI-Score", "14,248", "20,983", "28,368", "–", "17,000")
    notes = [note.text for note in times.notes]
    assert "AI-Score of Box: measured 2026-01-05 with ai-benchmark 0.1.2" in notes
    assert "AI-Score: none was measured on Xeon; bench calibrate measures it" in notes
    rows_by_host = {row[0]: row for row in table.rows}
    assert rows_by_host["Box"][1:5] == ("VGG16", "200", "39–85", "×3.5")
    assert rows_by_host["Box"][5].startswith("slower (")
    assert rows_by_host["Xeon"][3:5] == ("–", "–")
    marks = {note.mark: note.text for note in table.notes}
    assert any(text.startswith("what is its bottleneck?") for text in marks.values())
    assert any(text.startswith("nothing was expected: every reference") for text in marks.values())


def test_a_score_that_a_failed_test_left_out_is_told():
    failed = {"full": AiBenchmark(version="0.1.2", date="2026-01-05", seconds=60.0, absent="2 of its tests failed")}
    profiles = [*REFERENCES, CARD.model_copy(update={"ai_benchmark": failed})]
    times, *_ = handout_tables(handout(profiles, [on_card(61)]), profiles)
    assert times.rows[2][-1] == "–"
    assert "AI-Score of Box: none, 2 of its tests failed" in [note.text for note in times.notes]
