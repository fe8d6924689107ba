import csv
import io

import pandas
import pytest

from bench.report.export.csv_text import csv_text
from bench.report.export.frame import Column, framed
from bench.report.export.frames import frame_of
from bench.results.metrics import METRICS
from tests.records import make_failed, make_record


def test_pandas_reads_what_was_recorded_bit_by_bit():
    records = [make_record(), make_record(variant="xla", step_ms=0.1 + 0.2), make_failed()]
    text = csv_text(frame_of("records", records, ()))
    found = pandas.read_csv(io.BytesIO(text.encode()))
    assert list(found["cell"]) == [record.cell for record in records]
    for name, metric in METRICS.items():
        read = [metric.read(record) for record in records]
        assert [None if pandas.isna(value) else value for value in found[name]] == read, name


def test_a_spreadsheet_knows_its_encoding_and_its_lines():
    text = csv_text(framed([Column("a"), Column("b", "number")], [("×", -1.5), (None, 1e-17), ('"q", r', None)]))
    assert text.encode() == b'\xef\xbb\xbfa,b\r\n\xc3\x97,-1.5\r\n,1e-17\r\n"""q"", r",\r\n'


@pytest.mark.parametrize(
    "planted", ['=HYPERLINK("http://x")', "+1", "-2+3", "@SUM(A1)", " =1+1", "\t=1", "\r\n=1", "＝1"]
)
def test_text_is_never_a_formula(planted):
    text = csv_text(framed([Column("variant"), Column("n", "integer")], [(planted, -1)]))
    ((name, number),) = list(csv.reader(io.StringIO(text)))[1:]
    assert name.startswith(("'", "\\x"))
    assert name.lstrip("' ").replace("\\x09", "").replace("\\x0d\\x0a", "") == planted.strip()
    assert number == "-1"
