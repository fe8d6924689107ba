import pytest

from bench.host.registry import profiles
from bench.report.as_json import rows
from bench.report.export.frames import frame_of
from bench.results.metrics import METRICS
from bench.results.query import latest, read_all
from bench.results.record import Discarded, Turns
from tests.records import make_failed, make_record, make_trained


def table(frame):
    """The frame's rows as dicts."""
    return [dict(zip([column.name for column in frame.columns], row, strict=True)) for row in frame.rows]


def test_a_row_a_record_says_what_the_report_says_to_programs(root):
    known, records = profiles(root), latest(read_all(root).records)
    told = {(row["host"], row["suite"], row["cell"]): row for row in rows(records, known)}
    found = table(frame_of("records", records, known))
    assert len(found) == len(told)
    for row in found:
        same = told[row["host"], row["suite"], row["cell"]]
        names = [*METRICS, "status", "baseline", "step_seconds_low", "step_seconds_high", "speedup", "speedup_low"]
        names += ["speedup_high", "speedup_verdict", "processes", "windows", "fingerprint"]
        assert {name: row[name] for name in names} == {name: same[name] for name in names}
        assert row["findings"].split() == [finding["code"] for finding in same["findings"]]
        assert row["option_precision"] == same["options"]["precision"]


def test_columns_say_their_unit_meaning_and_direction(root):
    columns = {column.name: column for column in frame_of("records", latest(read_all(root).records), ()).columns}
    assert [columns[name].unit for name in ("step_seconds", "peak_resident_bytes", "held_out_accuracy", "steps")] == [
        *("s", "bytes", "1", "")
    ]
    assert columns["images_per_second"].better == "higher"
    assert "never trained on" in columns["held_out_accuracy"].legend


def test_an_option_of_words_and_numbers_is_text():
    records = [make_record(options={"prefetch": 2, "xla": True}), make_record(variant="plain")]
    frame = frame_of("records", records, ())
    kinds = {column.name: column.kind for column in frame.columns}
    assert (kinds["option_prefetch"], kinds["option_xla"]) == ("text", "flag")
    assert [row["option_prefetch"] for row in table(frame)] == ["2", "autotune"]


def test_a_failed_cell_has_its_reason_and_no_figures():
    (row,) = table(frame_of("records", [make_failed()], ()))
    assert row["status"] != "ok"
    assert row["failure"]
    assert row["step_seconds"] is row["step_seconds_low"] is row["speedup"] is None


def test_a_row_a_window_of_all_processes_says_whether_it_counts():
    turns = {"run": "r", "group": 1, "place": 1, "cells": 2, "length": 2, "seed": 0}
    made = [
        make_record(turns=Turns(round=1, **turns), discarded=(Discarded(cycle=1, reason="disturbed"),)),
        make_record(turns=Turns(round=2, **turns)),
    ]
    found = table(frame_of("windows", latest(made), ()))
    assert [(row["process"], row["place"]) for row in found] == [(p, w) for p in (0, 1) for w in range(12)]
    assert [row["place"] for row in found if not row["counts"]] == [2, 3]
    first = made[0].windows[0]
    assert (found[0]["steps"], found[0]["seconds"]) == first


def test_a_row_an_epoch():
    record = make_trained()
    found = table(frame_of("epochs", [record, make_record(variant="plain")], ()))
    assert [row["epoch"] for row in found] == [epoch.epoch for epoch in record.history]
    assert [row["val_loss"] for row in found] == [epoch.val_loss for epoch in record.history]
    assert {row["cell"] for row in found} == {record.cell}


@pytest.mark.parametrize("rows", ["records", "windows", "epochs"])
def test_text_is_on_one_line_and_seen(rows):
    frame = frame_of(rows, [make_trained(variant="a\nb\u202e")], ())
    assert {row["variant"] for row in table(frame)} == {r"a\x0ab\u202e"}
