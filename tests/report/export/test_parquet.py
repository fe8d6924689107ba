import io
import sys

import pandas
import pyarrow.parquet
import pytest

from bench.errors import InputError
from bench.report.export.frames import frame_of
from bench.report.export.parquet import write_parquet
from bench.results.metrics import METRICS
from tests.records import make_failed, make_record, make_trained


def written(frame):
    file = io.BytesIO()
    write_parquet(frame, file)
    file.seek(0)
    return file


def test_values_and_units_come_back():
    records = [make_record(), make_record(variant="xla", options={"xla": True}), make_failed()]
    found = pandas.read_parquet(written(frame_of("records", records, ())))
    assert found.attrs["units"]["step_seconds"] == "s"
    for name, metric in METRICS.items():
        assert [None if pandas.isna(value) else value for value in found[name]] == [
            metric.read(record) for record in records
        ]
    assert str(found["started"][0]) == "2026-01-05 10:00:00+00:00"
    assert list(found["option_xla"]) == [False, True, False]


def test_each_column_carries_its_unit_meaning_and_direction():
    schema = pyarrow.parquet.read_schema(written(frame_of("records", [make_record()], ())))
    about = schema.field("peak_resident_bytes").metadata
    assert (about[b"unit"], about[b"better"]) == (b"bytes", b"lower")
    assert about[b"description"].decode() == METRICS["peak_resident_bytes"].legend


@pytest.mark.parametrize("rows", ["windows", "epochs"])
def test_columns_in_which_nothing_was_measured_keep_their_type(rows):
    (record,) = [make_trained()]
    schema = pyarrow.parquet.read_schema(written(frame_of(rows, [record], ())))
    assert not [field.name for field in schema if str(field.type) == "null"]


def test_without_pyarrow_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"needs the extra `parquet`, and pyarrow is not installed; .*install pyarrow"):
        write_parquet(frame_of("records", [make_record()], ()), io.BytesIO())
