"""What a notebook's cell shows of a run."""

from bench.report.brief import brief_text
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.records import make_history, make_record


def test_every_cell_has_a_row_with_its_interval_and_what_was_published_stands_beside(tmp_path):
    for record in (make_record(baseline=True), make_record(variant="xla", step_ms=8)):
        Journal(journal_path(tmp_path, record.host, record.suite), Record).append(record)
    text = brief_text(tmp_path, record.host, record.suite)
    assert "Tesla P100" in text
    assert max(map(len, text.splitlines())) < 120
    assert "|" not in text
    (row,) = (line for line in text.splitlines() if line.startswith(record.cell))
    assert row.split() == [record.cell, "7.99", "±", "0.07", "2.00", "±", "0.11", "1", "faster"]


def test_what_was_trained_has_its_accuracy(tmp_path):
    record = make_record(history=make_history())
    Journal(journal_path(tmp_path, record.host, record.suite), Record).append(record)
    assert "held-out accuracy" in brief_text(tmp_path, record.host, record.suite)
