import json
import statistics
import sys

import pytest
from pytest_benchmark.cli import main as pytest_benchmark
from pytest_benchmark.logger import Logger
from pytest_benchmark.storage.file import FileStorage

from bench.errors import InputError
from bench.report.export.pytest_benchmark import pytest_benchmark_json
from bench.results.query import latest, read_all
from bench.results.record import Discarded, Turns
from tests.host_trees import make_profile
from tests.records import make_failed, make_record


def read(tmp_path, records, known=()):
    """What pytest-benchmark's own storage reads of them."""
    (tmp_path / "0001_it.json").write_text(pytest_benchmark_json(records, known))
    return list(FileStorage(tmp_path, Logger(Logger.QUIET)).load_benchmarks())


def test_a_round_is_a_window_that_counts(tmp_path):
    turns = {"run": "r", "group": 1, "place": 1, "cells": 2, "length": 1, "seed": 0}
    records = [
        make_record(turns=Turns(round=1, **turns), discarded=(Discarded(cycle=0, reason="disturbed"),)),
        make_record(turns=Turns(round=2, **turns), step_ms=17),
    ]
    (one,) = read(tmp_path, latest(records))
    seconds = [window.step_seconds for record in records for window in record.windows][1:]
    assert one["data"] == seconds
    assert one["mean"] == pytest.approx(statistics.mean(seconds))
    assert (one["rounds"], one["min"], one["max"]) == (23, min(seconds), max(seconds))
    assert one["fullname"] == "suites/cnn.yaml::simple_cnn/notebook/b128"
    assert len(one["extra_info"]["steps_a_window"]) == 23
    assert one["extra_info"]["metrics"]["peak_resident_bytes"] == 1_200 * 2**20


def test_its_own_command_compares_two_of_them(tmp_path, monkeypatch, capsys):
    for number, step_ms in enumerate((16, 12), 1):
        text = pytest_benchmark_json([make_record(step_ms=step_ms, noise=0)], ())
        (tmp_path / f"000{number}_it.json").write_text(text)
    files = [str(path) for path in sorted(tmp_path.glob("*.json"))]
    monkeypatch.setattr(
        sys, "argv", ["pytest-benchmark", "--storage", str(tmp_path), "compare", *files, "--columns=mean"]
    )
    pytest_benchmark()
    out = capsys.readouterr().out
    assert "16.0000 (1.33)" in out
    assert "12.0000 (1.0)" in out


def test_the_machine_is_the_host_and_nothing_that_names_it():
    content = json.loads(pytest_benchmark_json([make_record()], [make_profile("xeon-2-cores")]))
    machine = content["machine_info"]
    assert (machine["host"], machine["cpu"]) == ("xeon-2-cores", {"brand_raw": "AMD EPYC", "count": 2})
    assert "node" not in machine


def test_a_published_cell_is_told_for_one_and_no_other():
    records = [make_record(), make_record(variant="xla", options={"xla": True})]
    first, second = json.loads(pytest_benchmark_json(records, ()))["benchmarks"]
    assert first["extra_info"]["published_cell"] == {
        "model": "simple_cnn", "batch_size": 128, "trainable_params": 128_420,
    }  # fmt: skip
    assert second["extra_info"]["published_cell"] is None


def test_several_hosts_and_no_time_at_all_are_refused(root):
    with pytest.raises(InputError, match=r"of one machine, and these are 2: .*--host"):
        pytest_benchmark_json(latest(read_all(root).records), ())
    with pytest.raises(InputError, match="no cell has a time"):
        pytest_benchmark_json([make_failed()], ())
