"""What runs and calibrations end with: where the handout's cells fell, and where they should."""

import json
from dataclasses import replace

import pytest

from bench.cli.calibrate import _text
from bench.cli.run_shown import shown
from bench.host.doctor.distributions import everything
from bench.host.hardware import Hardware
from bench.host.measured import AiBenchmark
from bench.host.profile import HostProfile, save
from bench.host.registry import profiles
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from bench.run.calibration.calibrate import Calibration
from bench.run.prepare import Request
from bench.run.run_suite import Summary
from bench.suite import load
from tests.installations import installation
from tests.records import make_gpu_values, make_record

HARDWARE = Hardware(kind="gpu", gpu_name="A card", cpu="Xeon", cores=4, memory_bytes=2**34, system="linux")
SCORE = AiBenchmark(version="0.1.2", date="2026-01-05", ai_score=17_000, seconds=60.0)
HOST = HostProfile(id="box", label="Box", hardware=HARDWARE, ai_benchmark={"full": SCORE})
DEVICE = {"kind": "gpu", "name": "A card", "gpu_name": "A card", "gpu_unused": None}


@pytest.fixture
def measured(tmp_path, checkout):
    """A run of the suite that has ended: its request and its summary."""
    save(HOST, tmp_path / "hosts" / "box.yaml")
    values = make_gpu_values(trainable_params=14_765_988)
    cells = [("notebook", {}), ("xla", {"xla": True})]
    records = [
        make_record("vgg16", name, step_ms=61, noise=0.001, host="box", device=DEVICE, values=values, options=options)
        for name, options in cells
    ]
    for record in records:
        Journal(journal_path(tmp_path, "box", "cnn"), Record).append(record)
    suite = load(checkout / "suites" / "cnn.yaml")
    return Request(suite, suite.cells(), tmp_path), Summary(tuple(records), HOST)


def test_a_run_ends_with_a_line_for_each_of_the_handout_s_cells(measured, capsys):
    request, summary = measured
    assert shown(request, [summary], as_json=False)
    told = capsys.readouterr()
    assert told.err.splitlines()[-1] == "bench: VGG16 61 ms/step, expected 39–85: healthy"
    assert told.err.count("expected") == 1
    assert "### What was to be expected" in told.out


def test_a_run_says_what_a_score_would_need_where_that_is_missing(measured, capsys, monkeypatch, tmp_path):
    request, summary = measured
    bare = everything([str(installation(tmp_path / "site", ai_benchmark=None, tf_keras=None))])
    whole = everything([str(installation(tmp_path / "whole"))])
    unscored = replace(summary, host=HOST.model_copy(update={"ai_benchmark": {}}))
    for ended, there, said in ((unscored, bare, True), (summary, bare, False), (unscored, whole, False)):
        monkeypatch.setattr("bench.host.doctor.distributions.everything", lambda there=there: there)
        assert shown(request, [ended], as_json=False)
        last = capsys.readouterr().err.splitlines()[-1]
        assert last.startswith("bench: no AI-Score of box: bench calibrate measures it, with the extra") is said
        assert last.endswith("-m pip install ai-benchmark==0.1.2 'tf-keras==2.21.*'") is said


def test_programs_read_it_from_the_figures(measured, capsys):
    request, summary = measured
    assert shown(request, [summary], as_json=True)
    found = {row["variant"]: row["expected"] for row in json.loads(capsys.readouterr().out)}
    assert found["notebook"]["verdict"] == "healthy"
    assert found["notebook"]["low_seconds"] < 0.061 < found["notebook"]["high_seconds"]
    assert found["xla"] is None


def test_a_calibration_ends_with_what_to_expect(tmp_path):
    told = _text(Calibration(HOST, None, None), profiles(tmp_path))
    assert "\nexpected here of the notebook's variant, batch 128:\n" in told
    assert "VGG16 39–85 ms/step" in told
