from bench.report.core.monospaced import render
from bench.report.core.table import Heading, Note, Table


def test_a_table_in_letters_of_one_width():
    table = Table(
        "speeds",
        (Heading("what"), Heading("ms", "right")),
        (("a|b_", "1"), ("two\nlines", "22 ± 3"), ("\x1b[2J", "007")),
        (Note("why", "†"), Note("so")),
    )
    assert render(table) == (
        "speeds\n\n"
        "what           ms\n"
        "---------  ------\n"
        "a|b_            1\n"
        "two lines  22 ± 3\n"
        "\\x1b[2J       007\n"
        "† why\n"
        "so\n"
    )
    assert render(Table("", table.columns, table.rows)).startswith("what ")
