"""No text of others moves a cursor, hides a word or turns a line around."""

import pytest

from bench.errors import Fault
from bench.report.core.markdown import escape
from bench.suite.yamlfile import read
from bench.support.plain_text import plain_text, plain_values, unseen


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("16.2 ± 0.3 ms · 32×32 – „VGG16“ 猫 é", None),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31mred", r"\x9b31mred"),
        ("\a\b\0", r"\x07\x08\x00"),
        ("abc\u202edcb", r"abc\u202edcb"),
        ("\u2067\u2069\u200f", r"\u2067\u2069\u200f"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("line\nbreak\u2028", r"line\x0abreak\u2028"),
    ],
)
def test_what_is_not_seen_is_written_out(text, shown):
    assert plain_text(text) == (text if shown is None else shown)
    assert plain_values({text: [text, 1, None]}) == {plain_text(text): [plain_text(text), 1, None]}


def test_a_space_that_only_looks_like_one_is_written_out_where_it_may_be_what_is_wrong():
    assert plain_text("Tesla\xa0T4") == "Tesla\xa0T4"
    assert str(Fault("unknown key 'xla\xa0'", "did you mean 'xla'?")) == r"unknown key 'xla\xa0'; did you mean 'xla'?"
    assert plain_text("\u2009\u3000 ", spaces=True) == r"\u2009\u3000 "


def test_a_fault_and_a_table_show_what_they_name():
    assert str(Fault("no '\x1b[2J'", "'\u202e'?", "a\rb.yaml", 3)) == r"a\x0db.yaml:3: no '\x1b[2J'; '\u202e'?"
    assert escape("a\x1b[2J \u202e") == r"a\\x1b[2J \\u202e"


def test_a_suite_with_such_a_character_is_refused_at_its_line(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text('data: digits\ntitle: "a\\e[2J"\nother: "two\\nlines"\n')
    (fault,) = read(file).faults
    assert (fault.line, fault.what) == (2, r"'a\x1b[2J' holds a character that isn't seen (\x1b)")
    assert unseen("two\nlines\twith joiners \u200d") is None
