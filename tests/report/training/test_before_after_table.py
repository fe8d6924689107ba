import json

import pytest

from bench.analyse.training.before_after import before_after, beside_baselines
from bench.analyse.training.seeds import repeats
from bench.report.compare.cells import before_after_sides, tripped_cells
from bench.report.suite.table import suite_table
from bench.report.training.before_after_json import before_after_fields
from bench.report.training.before_after_table import before_after_tables
from tests.records import SYNTHETIC, changed, make_record, make_trained

ACCURACIES = (0.800, 0.804, 0.796)


def cell(variant="notebook", by=0.0, seeds=3, **changes):
    return [
        make_trained(variant=variant, accuracy=share + by, test=share + by, seed=seed, shake=0, **dict(changes))
        for seed, share in enumerate(ACCURACIES[:seeds])
    ]


XLA, BF16 = {"xla": True}, {"precision": "mixed_bfloat16"}
FAST = cell("bf16", -0.03, step_ms=8, options=BF16)


def beside(*cells):
    return beside_baselines(repeats(record for records in cells for record in records), {})


def tables(*cells):
    return before_after_tables(beside(*cells), "Xeon")


def column(table, heading):
    (place,) = [i for i, column in enumerate(table.columns) if column.heading == heading]
    return [row[place] for row in table.rows]


def notes(table):
    return [f"{note.mark} {note.text}".strip() for note in table.notes]


def test_each_variant_stands_beside_the_baseline_with_its_change():
    (table,) = tables(cell(), cell("xla", 0.001, step_ms=12, options=XLA), FAST)
    assert table.title == "Before and after: simple_cnn — Xeon"
    assert column(table, "variant") == ["notebook", "xla", "bf16"]
    assert column(table, "changed") == ["–", "xla on", "precision mixed_bfloat16"]
    assert [text.split(" ", 1)[0] for text in column(table, "times as fast")] == ["1", "1.33", "2.01"]
    assert column(table, "times as fast")[1].endswith("▲")
    assert column(table, "test accuracy, %") == [
        "80.0 ± 0.4",
        "80.1 ± 0.4 (+0.1 ± 0.9 ≈)",
        "77.0 ± 0.4 (−3.0 ± 0.9 ▼ ⚠)",
    ]
    assert column(table, "trainable parameters") == ["128,420"] * 3


def test_speed_at_the_price_of_accuracy_is_marked_and_told():
    (table,) = tables(cell(), FAST)
    assert column(table, "times as fast")[1].endswith("▲ ⚠")
    assert notes(table)[0] == (
        "⚠ simple_cnn/bf16/b128: faster and less accurate than notebook, by more than seeds differ by: test accuracy "
        "−3.0 points (95 %: −3.9 to −2.1, 3 seeds)"
    )
    (table,) = tables(cell(), cell("xla", step_ms=8, options=XLA))
    assert not any("⚠" in cell for row in table.rows for cell in row)


def test_models_have_a_table_each_and_batch_sizes_a_column():
    other = [record.model_copy(update={"model": "vgg16"}) for record in (*cell(), *FAST)]
    found = tables(cell(), FAST, other, cell(batch_size=64), cell("bf16", batch_size=64, options=BF16))
    assert [table.title for table in found] == ["Before and after: simple_cnn — Xeon", "Before and after: vgg16 — Xeon"]
    assert column(found[0], "batch") == ["128", "128", "64", "64"]


def test_a_model_under_one_variant_has_none():
    assert tables(cell(), [record.model_copy(update={"model": "vgg16"}) for record in cell()]) == ()


def test_one_seed_has_changes_and_no_marks_and_says_so():
    (table,) = tables(cell(seeds=1), cell("bf16", -0.03, seeds=1, step_ms=8, options=BF16))
    assert column(table, "test accuracy, %") == ["80.0", "77.0 (−3.0)"]
    assert "changes without a mark – one seed a side: what seeds differ by isn't known" in notes(table)


def test_synthetic_accuracies_are_marked_and_have_no_change():
    (table,) = tables(cell(data=SYNTHETIC), cell("bf16", -0.3, step_ms=8, options=BF16, data=SYNTHETIC))
    assert column(table, "test accuracy, %") == ["80.0 ± 0.4†", "50.0 ± 0.4†"]
    assert "† images are synthetic: accuracies on them are neither praised nor blamed" in notes(table)
    assert "⚠" not in "".join(column(table, "times as fast"))


def test_steps_of_other_work_say_why_they_are_not_compared():
    wider = [changed(record, ("data", "shape"), [48, 48, 3]) for record in cell("wide", options={"image_size": 48})]
    (table,) = tables(cell(), wider)
    assert column(table, "times as fast") == ["1", "– (a)"]
    assert any(note.startswith("a not compared: data.shape differs") for note in notes(table))


def conclusion(*cells):
    table = suite_table([record for records in cells for record in records], "Xeon")
    return [note.text for note in table.notes if "fastest is" in note.text], table


@pytest.mark.parametrize(
    ("by", "says"),
    [
        (-0.03, "; ⚠ it is less accurate: test accuracy 80.0 → 77.0 % (−3.0 points, 95 %: −3.9 to −2.1, 3 seeds)"),
        (
            0.001,
            "; accuracy not distinguishable: test accuracy 80.0 → 80.1 % (+0.1 points, 95 %: −0.8 to +1.0, 3 seeds)",
        ),
        (0.03, "; more accurate too: test accuracy 80.0 → 83.0 % (+3.0 points, 95 %: +2.1 to +3.9, 3 seeds)"),
    ],
)
def test_the_suites_conclusion_says_in_the_same_line_what_speed_costs(by, says):
    lines, _ = conclusion(cell(), cell("bf16", by, step_ms=8, options=BF16))
    assert len(lines) == 3
    assert all(line.endswith(says) for line in lines), lines


def test_with_one_seed_the_conclusion_says_that_the_spread_is_not_known():
    (line,), _ = conclusion(cell(seeds=1), cell("bf16", -0.03, seeds=1, step_ms=8, options=BF16))
    assert line.endswith("; test accuracy 80.0 → 77.0 %, one seed a side: what seeds differ by isn't known")


def test_of_synthetic_and_untrained_accuracies_the_conclusion_says_nothing():
    synthetic = {"data": SYNTHETIC, "seeds": 1}
    (line,), _ = conclusion(cell(**synthetic), cell("bf16", -0.3, step_ms=8, options=BF16, **synthetic))
    assert "accura" not in line
    (line,), _ = conclusion([make_record()], [make_record(variant="bf16", step_ms=8)])
    assert "accura" not in line


def test_rows_of_the_suites_table_carry_the_warning_too():
    _, table = conclusion(cell(), FAST)
    assert column(table, "notes") == ["", "a"] * 3
    assert any(note.startswith("a ⚠ faster and less accurate than notebook") for note in notes(table))


def one(*cells, **more):
    return before_after(*repeats(record for records in cells for record in records), ({}, {}), **more)


def test_two_cells_have_a_row_for_each_figure():
    table = before_after_sides(one(cell(), FAST), (":a", ":b"))
    assert table.title == ":a → :b"
    assert [column.heading for column in table.columns] == [
        "figure",
        "simple_cnn/notebook/b128",
        "simple_cnn/bf16/b128",
        "change",
    ]
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["ms/step"][2].endswith("times as fast ▲ ⚠")
    assert rows["test accuracy, %"] == ("80.0 ± 0.4", "77.0 ± 0.4", "−3.0 ± 0.9 ▼ ⚠")
    assert rows["peak memory, MiB"] == ("1,200", "1,200", "same")
    assert notes(table)[0].startswith("faster, 2.01 ± 0.07 times as fast; ")
    assert "⚠ it is less accurate" in notes(table)[0]
    assert "differs: precision float32 → mixed_bfloat16" in notes(table)
    assert any(note.startswith("simple_cnn/bf16/b128 – seeds 0, 1, 2; suite trained on xeon") for note in notes(table))


def test_the_same_cell_of_two_sides_goes_by_their_names():
    table = before_after_sides(one(cell(), cell(host="t4"), across=True), ("here", "there"))
    assert [column.heading for column in table.columns] == ["figure", "here", "there", "change"]
    assert "differs: host xeon-2-cores → t4" in notes(table)


def test_what_was_not_trained_is_said():
    found = one([make_record(suite="trained")], [make_record(variant="xla", suite="trained")])
    table = before_after_sides(found, ("a", "b"))
    assert any("not trained to accuracy, so there is none to compare" in note for note in notes(table))
    assert not any("accuracy" in row[0] for row in table.rows)


@pytest.mark.parametrize(
    ("by", "step_ms", "says"),
    [
        (0.0, 8, []),
        (0.0, 32, ["simple_cnn/b/b128 is slower"]),
        (-0.03, 8, ["simple_cnn/b/b128 is less accurate"]),
        (-0.03, 32, ["simple_cnn/b/b128 is slower", "simple_cnn/b/b128 is less accurate"]),
    ],
)
def test_the_gate_trips_for_speed_and_for_accuracy(by, step_ms, says):
    found = tripped_cells(one(cell(), cell("b", by, step_ms=step_ms)))
    assert found == tuple(f"the gate tripped: {reason}" for reason in says)


def test_the_gate_trips_where_nothing_tells():
    wider = [changed(record, ("data", "shape"), [48, 48, 3]) for record in cell("wide")]
    (reason,) = tripped_cells(one(cell(), wider))
    assert reason.startswith("the gate tripped: steps could not be compared: data.shape differs")


def test_fields_for_programs():
    found = before_after_fields(one(cell(), FAST))
    json.dumps(found, allow_nan=False)
    assert (found["a"]["cell"], found["b"]["variant"], found["b"]["seeds"]) == (
        "simple_cnn/notebook/b128",
        "bf16",
        [0, 1, 2],
    )
    assert (found["speedup_verdict"], found["accuracy_verdict"], found["faster_and_less_accurate"]) == (
        "faster",
        "worse",
        True,
    )
    test = found["changes"]["test_accuracy"]
    assert test["change"] == pytest.approx(-0.03)
    assert test["low"] < -0.03 < test["high"] < 0
    assert test["b_by_seed"] == pytest.approx([share - 0.03 for share in ACCURACIES])
    wider = [changed(record, ("data", "shape"), [48, 48, 3]) for record in cell("wide")]
    refused = before_after_fields(one(cell(), wider))
    assert (refused["speedup"], refused["speedup_verdict"]) == (None, None)
    assert refused["why_not_compared"][0].startswith("data.shape differs")
