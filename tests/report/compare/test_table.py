import json
from pathlib import Path

import pytest

from bench.analyse.compare.comparison import compare
from bench.analyse.compare.join import join
from bench.analyse.stats.spread import Spread
from bench.report.compare.as_json import compare_rows
from bench.report.compare.table import compare_table, compare_text
from bench.results.record import Accuracy
from bench.results.sides import StoredSide
from tests.records import SYNTHETIC, T4, make_failed, make_gpu_values, make_history, make_record

OLD = {"started": "2026-01-05T10:00:00+00:00"}
NEW = {"started": "2026-01-05T11:00:00+00:00"}


def comparison(before, after, names=("@v1", "@")):
    sides = [
        StoredSide(text, Path(), None, None, tuple(records), ())
        for text, records in zip(names, (before, after), strict=True)
    ]
    spreads = {"xeon-2-cores": Spread(0.01, 19, measured=True)}
    return compare(join(*sides), spreads, spreads)


def table_of(before, after):
    return compare_table(comparison(before, after))


def headings(table):
    return [column.heading for column in table.columns]


def notes(table):
    return [f"{note.mark} {note.text}".strip() for note in table.notes]


def test_a_row_says_what_came_of_a_cell():
    before = [make_record(noise=0.001, **OLD), make_record(variant="xla", noise=0.001, **OLD)]
    after = [make_record(noise=0.001, **NEW), make_record(variant="xla", noise=0.001, step_ms=8, **NEW)]
    table = table_of(before, after)
    assert table.title == "@v1 → now"
    assert headings(table) == ["model", "variant", "ms/step, @v1", "ms/step, now", "times as fast"]
    assert table.rows == (
        ("simple_cnn", "notebook", "15.999 ± 0.010", "15.999 ± 0.010", "1.000 ± 0.030 ="),
        ("", "xla", "15.998 ± 0.014", "7.999 ± 0.007", "2.00 ± 0.06 ▲"),
    )
    assert notes(table)[0] == "1 faster, 1 same"
    assert notes(table)[1].startswith("geometric mean over 2 cells: ")
    assert "▲ now is faster than @v1, ▼ slower, = the same within 5 %, ? undecided" in notes(table)
    assert not any("by chance" in note or "apart" in note or "differs" in note for note in notes(table))


def test_what_varies_is_a_column():
    every = [
        make_record(batch_size=batch, seed=seed, suite=suite, host=host)
        for batch, seed, suite, host in [(64, 0, "a", "x"), (128, 1, "b", "y")]
    ]
    after = [record.model_copy(update=NEW) for record in every]
    assert headings(table_of(every, after))[2:6] == ["batch", "seed", "suite", "host"]


def test_several_processes_are_counted_in_the_row():
    before = [make_record(started=f"2026-01-0{i}T10:00:00Z") for i in range(1, 4)]
    table = table_of(before, [make_record(started="2026-01-09T10:00:00Z")])
    assert headings(table)[-1] == "processes"
    assert table.rows[0][-1] == "3 → 1"
    assert any(note.startswith("the sides lie 6 days apart: ") for note in notes(table))


def test_what_is_common_is_said_once_and_the_rest_at_its_row():
    old = {"tensorflow": "2.20.0", "keras": "3.15.1"}
    slow = make_gpu_values(gpu_sm_clock_hz=1.2e9)
    before = [make_record(variant=name, software=old, values=make_gpu_values(), device=T4, **OLD) for name in "ab"]
    after = [
        make_record(variant=name, values=values, device=T4, **NEW)
        for name, values in (("a", make_gpu_values()), ("b", slow))
    ]
    table = table_of(before, after)
    assert "differs throughout: tensorflow 2.20.0 → 2.21.0" in notes(table)
    assert [row[-1] for row in table.rows] == ["", "a"]
    assert notes(table)[-1] == "a mean GPU clock, MHz 1,590 → 1,200"


def test_refused_rows_say_why():
    before = [make_record(**OLD), make_record(variant="b", **OLD), make_failed(variant="c", status="skipped", **OLD)]
    after = [
        make_failed(variant="notebook", status="out_of_memory", **NEW),
        make_record(variant="b", options={"xla": True}, **NEW),
        make_failed(variant="c", status="skipped", **NEW),
    ]
    table = table_of(before, after)
    assert [row[3:] for row in table.rows] == [
        ("out of memory", "–", "a"),
        ("15.98 ± 0.10", "–", "b"),
        ("skipped", "–", "c"),
    ]
    assert notes(table)[0] == "3 not compared"
    assert notes(table)[-3:] == [
        "a not compared: it is out of memory on now",
        "b not compared: options.xla differs: False and True",
        "c not compared: it is skipped on both sides",
    ]


def test_cells_without_a_row_are_noted():
    shared = [make_record(variant=f"v{i}", **OLD) for i in range(12)]
    before = [*shared, make_record(variant="gone", **OLD)]
    after = [*shared, make_record(variant="new", **NEW)]
    table = table_of(before, after)
    assert table.rows == ()
    assert notes(table)[0] == "12 unchanged"
    (unchanged,) = [note for note in notes(table) if note.startswith("the newest record is the very same on both")]
    assert ": simple_cnn/v0/b128, " in unchanged
    assert unchanged.endswith("simple_cnn/v7/b128, …")
    assert notes(table)[-2:] == ["only @v1 has simple_cnn/gone/b128", "only now has simple_cnn/new/b128"]
    said = compare_text(comparison(before, after))
    assert said.startswith("## @v1 → now\n\n- 12 unchanged\n- the newest record is the very same")
    assert said.count("unchanged") == 1
    assert "|" not in said


def test_cells_of_several_suites_are_told_apart():
    shared = [make_record(suite="a", **OLD), make_record(suite="b", variant="gone", **OLD)]
    table = table_of(shared, [shared[0], make_record(suite="b", **NEW)])
    assert notes(table)[1:] == [
        "the newest record is the very same on both sides: a/simple_cnn/notebook/b128",
        "only @v1 has b/simple_cnn/gone/b128",
        "only now has b/simple_cnn/notebook/b128",
    ]


def test_the_findings_of_both_sides_are_noted_with_the_side():
    def odd(**changes):
        return make_record(environment={}, values=make_record().values | {"retraces": 2}, **changes)

    before = [odd(data=SYNTHETIC, **OLD), odd(variant="b", **OLD), make_record(variant="c", **OLD)]
    after = [make_record(**NEW), odd(variant="b", **NEW), make_record(variant="c", **NEW)]
    found = comparison(before, after)
    table = compare_table(found)
    assert headings(table)[-1] == "notes"
    (mine,) = [note.mark for note in table.notes if note.text.startswith("@v1: ") and note.mark.isalpha()]
    (both,) = [note.mark for note in table.notes if note.text.startswith("both sides: ")]
    assert [row[-1].split(", ")[-1] for row in table.rows] == [mine, both, ""]
    assert [note.mark for note in table.notes if note.text.startswith("@v1: synthetic images stand in")] == ["†"]
    codes = [
        [[one["code"] for one in cell[where]["findings"]] for where in "ab"] for cell in compare_rows(found)["cells"]
    ]
    assert codes == [[["retraced", "synthetic-data"], []], [["retraced"], ["retraced"]], [[], []]]


def test_the_whole_is_known_no_better_than_a_run():
    """Cells of equal ratio don't make it exact: they share whatever the machine did while they ran."""
    cells = [f"v{i}" for i in range(9)]
    before, after = (
        [make_record(variant=name, noise=0, step_ms=ms, **when) for name in cells]
        for ms, when in ((10, OLD), (15, NEW))
    )
    (said,) = [note for note in notes(table_of(before, after)) if note.startswith("geometric mean")]
    assert said.startswith(
        "geometric mean over 9 cells: 0.667 ± 0.020 times as fast; ± covers what the cells differ by"
    )
    assert "the spread between processes, 3.0 % here: the cells of a run share its drift" in said


def test_memory_is_shown_where_it_differs_noticeably():
    def with_memory(mebibytes, **changes):
        return make_record(values=make_record().values | {"peak_resident_bytes": mebibytes * 2**20}, **changes)

    table = table_of([with_memory(1000, **OLD)], [with_memory(1100, **NEW)])
    assert headings(table)[-2:] == ["peak memory, MiB, @v1", "peak memory, MiB, now"]
    assert table.rows[0][-2:] == ("1,000", "1,100")
    assert not any(
        "memory" in one for one in headings(table_of([with_memory(1000, **OLD)], [with_memory(1010, **NEW)]))
    )


def test_accuracy_is_shown_where_equal_training_gave_another():
    def trained(share, **changes):
        accuracy = Accuracy(train=0.9, held_out=share, held_out_images=1000, steps=400, synthetic=False)
        return make_record(accuracy=accuracy, history=make_history(), **changes)

    table = table_of([trained(0.90, **OLD)], [trained(0.80, **NEW)])
    assert table.rows[0][-2:] == ("90.0", "80.0")
    assert len(headings(table_of([trained(0.90, **OLD)], [trained(0.89, **NEW)]))) == 5
    other = trained(0.8, data=SYNTHETIC.model_copy(update={"digest": "0"}), **NEW)
    table = table_of([trained(0.9, **OLD)], [other])
    assert len(headings(table)) == 5
    assert "where images differ, step times compare and accuracies don't" in notes(table)


@pytest.mark.parametrize("number", [9, 40])
def test_of_many_cells_some_are_called_different_by_chance(number):
    before, after = ([make_record(variant=f"v{i}", **when) for i in range(number)] for when in (OLD, NEW))
    said = [note for note in notes(table_of(before, after)) if "by chance" in note]
    assert said == (["of 40 cells that are equal, about 2 would be called different by chance"] if number == 40 else [])


def test_what_could_have_been_seen():
    before = [make_record(noise=0.001, **OLD), make_record(variant="b", noise=0.05, count=5, **OLD)]
    after = [make_record(noise=0.001, **NEW), make_record(variant="b", noise=0.05, count=5, **NEW)]
    (note,) = [note for note in notes(table_of(before, after)) if "can't be distinguished" in note]
    assert note.startswith("differences under 3.0 % (simple_cnn/notebook/b128) to ")
    assert "% (simple_cnn/b/b128) can't be distinguished from noise here" in note


def test_rows_for_programs_are_json_without_nan():
    before = [make_record(**OLD), make_record(variant="same", **OLD), make_record(variant="gone", **OLD)]
    after = [make_failed(variant="notebook", **NEW), before[1], make_record(variant="new", **NEW)]
    found = compare_rows(comparison(before, after))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [(one["variant"], one["answer"]) for one in found["cells"]] == [
        ("notebook", "not compared"),
        ("same", "unchanged"),
    ]
    assert found["cells"][0]["why_not"] == ["it is failed on now"]
    assert (found["only_a"][0]["variant"], found["only_b"][0]["variant"]) == ("gone", "new")
    assert found["summary"]["geometric_mean"] is None
