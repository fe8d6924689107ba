"""Cells of others' records measured again here."""

import json
from types import SimpleNamespace

import pytest

from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from bench.run import again
from bench.run.again import measured_again
from bench.run.prepare import Request
from bench.run.process.executors import LocalExecutor
from bench.run.run_suite import run_suite
from bench.suite import load
from bench.testing import Listener
from tests.records import make_trained

SUITE = """\
data: {name: synthetic, shape: [24, 24, 3], classes: 4, images: 400, test_images: 200}
models: [simple_cnn]
variants: [notebook]
batch_sizes: [32]
train: {epochs: 1}
protocol: {precision: 0.9, max_seconds: 0.3, min_windows: 3, min_seconds: 0, warmup_seconds: 0, window_seconds: 0.02}
"""


def accurate(record, share):
    """The record with another test accuracy, of as many images."""
    accuracy = record.accuracy.model_copy(update={"test": share, "test_images": 2_000})
    return record.model_copy(update={"accuracy": accuracy})


@pytest.mark.parametrize(
    ("share", "odd"),
    [(0.60, False), (0.58, False), (0.64, False), (0.72, True), (0.99, True), (0.2, False)],
)
def test_only_what_is_surely_more_accurate_than_the_same_training_is_odd(share, odd):
    record = make_trained()
    found, told = again._learnt(accurate(record, share), accurate(record, 0.6))
    assert found == odd
    assert told == f"its test accuracy is {share:.2%}, and 60.00% after the same training here"


def test_another_training_says_nothing():
    record = make_trained()
    other = record.model_copy(update={"accuracy_fingerprint": "f" * 16})
    assert again._learnt(accurate(record, 0.99), accurate(other, 0.1)) == (
        False,
        "its training can't be compared: its data, seed, network or settings are others than the suite's",
    )


def test_a_time_of_too_few_windows_is_no_reason_to_pass_over_the_accuracy(tmp_path, monkeypatch):
    record = accurate(make_trained(), 0.9)
    now = accurate(make_trained(), 0.5)
    record = record.model_copy(update={"windows": record.windows[:1]})
    assert again._timed(record, now) == (
        False,
        "its time can't be compared with what was measured here: there are too few windows",
    )
    suite = SimpleNamespace(records=(now,))
    monkeypatch.setattr(again, "run_suite", lambda *_: suite)
    found = again._measured(record, None, SimpleNamespace(train=object()), Listener())
    assert found.verdict == "odd"
    assert "its test accuracy is 90.00%, and 50.00% after the same training here" in found.evidence


@pytest.mark.long
def test_a_cell_is_trained_again(tmp_path):
    folder = tmp_path / "suites"
    folder.mkdir()
    (folder / "tiny.yaml").write_text(SUITE)
    suite = load(folder / "tiny.yaml")
    summary = run_suite(Request(suite, suite.cells(), tmp_path), LocalExecutor(), Listener())
    (plausible,) = measured_again(tmp_path, 1, folder, None, Listener(), train=True)
    assert plausible.verdict == "plausible"
    assert "after the same training here" in plausible.evidence
    (record,) = summary.records
    path = journal_path(tmp_path, record.host, "tiny")
    fields = json.loads(path.read_text().splitlines()[0]) | {"windows": [[n, s / 100] for n, s in record.windows]}
    fields.pop("seal")
    path.unlink()
    Journal(path, Record).append(Record.model_validate(fields))
    (odd,) = measured_again(tmp_path, 1, folder, None, Listener(), train=True)
    assert odd.verdict == "odd"
    (folder / "tiny.yaml").rename(folder / "another.yaml")
    assert list(measured_again(tmp_path, 1, folder, None, Listener())) == []  # no suite of that name is trusted
