import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.report.core.markdown import escape, render
from bench.report.core.table import Heading, Note, Table


def test_a_table_in_markdown():
    table = Table(
        "speeds",
        (Heading("what"), Heading("ms", "right")),
        (("a|b", "1"), ("c", "22 ± 3")),
        (Note("why", "†"), Note("so")),
    )
    assert render(table, level=2) == (
        "## speeds\n\n"
        "| what   |     ms |\n"
        "|:-------|-------:|\n"
        "| a\\|b   |      1 |\n"
        "| c      | 22 ± 3 |\n\n"
        "- **†** why\n"
        "- so\n"
    )


def test_numbers_stay_as_they_are_written():
    rendered = render(Table("t", (Heading("a", "right"),), (("1e5",), ("007",), ("1.50",), ("-",), ("",))))
    assert [row.strip("| ") for row in rendered.splitlines()[4:]] == ["1e5", "007", "1.50", "-", ""]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("simple_cnn", "simple_cnn"),
        ("__init__", "\\_\\_init\\_\\_"),
        ("a\\|b", "a\\\\\\|b"),
        ("<b>", "\\<b>"),
        ("2*3*4", "2\\*3\\*4"),
        ("`x`", "\\`x\\`"),
        ("[a](b)", "[a\\](b)"),
        ("[64, 64, 3]", "[64, 64, 3]"),
        ("two\nlines\r\n of  text", "two lines of text"),
    ],
)
def test_text_is_shown_as_it_is(text, shown):
    assert escape(text) == shown


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=5))
def test_whatever_the_cells_hold_every_row_has_its_columns(rows):
    table = Table("t", (Heading("a"), Heading("b", "right")), tuple(rows))
    lines = render(table).split("\n")
    assert len(lines) == 2 + 2 + len(rows) + 1
    for line in lines[2:-1]:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 3


def test_a_row_of_another_length_is_no_table():
    with pytest.raises(ValueError, match="a row of 1 cells under 2 columns"):
        Table("t", (Heading("a"), Heading("b")), (("only",),))
