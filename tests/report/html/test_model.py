"""What the page is told: the same figures and words as every other report, and each record's own."""

import pytest

from bench.host.registry import known
from bench.report.as_json import rows
from bench.report.html.model import CHUNK, blocks
from bench.results.metrics import METRICS
from bench.results.query import read_all
from bench.results.record import Turns, Window
from tests.records import make_record, make_windows
from tests.report.html.conftest import plant


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return plant(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def model(tree):
    return blocks(read_all(tree).records, known(tree).profiles)


def columns(model):
    return {
        one["name"]: [one["pool"][place] for place in one.get("at", range(len(one["pool"])))]
        for one in model["page"]["columns"]
    }


def numbers(model, name):
    column = next(one for one in model["page"]["columns"] if one["name"] == name)
    return [column["numbers"][place] for place in column.get("at", range(len(column["numbers"])))]


def alike(found, expected):
    """Absent in the same places, and else equal to five digits."""
    assert [value is None for value in found] == [value is None for value in expected]
    return [value for value in found if value is not None] == pytest.approx(
        [value for value in expected if value is not None], rel=1e-5
    )


def details(model, run):
    return model[f"runs-{run // CHUNK}"][run % CHUNK]


def test_its_figures_are_those_for_programs(tree, model):
    expected = rows(read_all(tree).records, known(tree).profiles)
    page = model["page"]
    assert columns(model)["status"] == [row["status"].replace("_", " ") for row in expected]
    for name in ("step_seconds", "held_out_accuracy", "peak_resident_bytes"):
        scale = METRICS[name].scale
        told = [row[name] * scale if row["status"] == "ok" and row[name] is not None else None for row in expected]
        assert alike(numbers(model, name), told)
    assert page["comparisons"]["verdict"] == [row["speedup_verdict"] for row in expected]
    assert alike(page["comparisons"]["speedup_low"], [row["speedup_low"] for row in expected])
    assert page["findings"] == [list(dict.fromkeys(finding["code"] for finding in row["findings"])) for row in expected]


def test_units_and_directions_are_the_metrics_own(model):
    told = {one["name"]: (one["heading"], one["better"]) for one in model["page"]["columns"]}
    for name in set(told) & set(METRICS):
        assert told[name] == (METRICS[name].heading, METRICS[name].better)
    assert {"step_seconds", "trainable_params", "training_seconds"} <= set(told)


def test_a_column_that_no_cell_has_is_left_out(tree, model):
    assert "gpu_power_watts" in columns(model)
    only = [record for record in read_all(tree).records if record.suite == "digits"]
    assert "gpu_power_watts" not in columns({"page": blocks(only, ())["page"]})


def test_every_run_of_a_cell_is_there_and_the_newest_stands_in_the_table(model):
    page = model["page"]
    cell = columns(model)["cell"].index("simple_cnn/prefetch_0/b128")
    runs = [run for run, of in enumerate(page["runs"]["cell"]) if of == cell]
    assert len(runs) == 2
    assert [page["runs"]["started"][run][:10] for run in runs] == ["2026-01-05", "2026-01-06"]
    assert page["run"][cell] == runs[1]


def test_windows_of_all_processes_are_told_with_those_that_count_in_no_figure():
    turns = {"run": "r", "group": 1, "place": 1, "cells": 2, "length": 2, "seed": 0}
    odd = (Window(5, 0.1), Window(5, 0.1), Window(10, 0.2), Window(5, 0.4))
    records = [
        make_record(windows=make_windows(count=8), turns=Turns(round=2, **turns)),
        make_record(windows=odd * 4, turns=Turns(round=1, **turns), discarded=({"cycle": 1, "reason": "busy"},)),
    ]
    (run,) = blocks(records, ())["runs-0"]
    first, second = run["processes"]
    assert (first["round"], second["round"]) == (1, 2)
    assert first["steps"][:4] == [5, 5, 10, 5]
    assert first["times"][:4] == [20.0, 20.0, 20.0, 80.0]
    assert first["out"] == [2, 3]
    assert second["steps"] == records[0].windows[0].steps
    assert second["out"] == []


def test_impossible_windows_are_no_windows():
    (run,) = blocks([make_record(windows=(Window(5, 0.1), Window(5, 0.0)))], ())["runs-0"]
    assert run["processes"][0]["times"] == []


def test_a_runs_own_view_holds_its_provenance_and_the_command(tree, model):
    run = model["page"]["run"][columns(model)["cell"].index("compact/bf16/b128/s1")]
    told = details(model, run)
    parts = dict(model["shared"]["setups"][told["setup"]])
    assert ["tensorflow", "2.21.0"] in parts["versions"]
    assert ["precision", "mixed_bfloat16"] in parts["options"]
    assert ["train_images", "8500"] in parts["data"]
    assert ["early_stopping patience", "3"] in parts["training"]
    assert told["command"] == "bench run suites/trained.yaml --only compact/bf16/b128/s1"
    assert [one["title"] for one in told["curves"]["accuracies"]] == ["training accuracy", "held-out accuracy"]
    assert len(told["curves"]["epochs"]) == 13


def test_a_command_is_quoted_for_the_shell():
    (run,) = blocks([make_record(suite="a b", cell="x[1]/$(touch it)")], ())["runs-0"]
    assert run["command"] == "bench run 'suites/a b.yaml' --only 'x[[]1]/$(touch it)'"


def test_what_runs_share_is_kept_once():
    records = [make_record(started=f"2026-01-{day:02}T10:00:00+00:00") for day in range(1, 29)]
    model = blocks(records, ())
    assert len(model["runs-0"]) == 28
    assert len(model["shared"]["setups"]) == 1
    other = make_record(protocol={"max_seconds": 5.0}, started="2026-01-29T10:00:00+00:00")
    assert len(blocks([*records, other], ())["shared"]["setups"]) == 2
