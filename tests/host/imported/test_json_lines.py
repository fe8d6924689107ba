import json

import pytest

from bench.host.imported.json_lines import line_of

DATA = {"a": [1, {"b": "x", "c": {"a": [2, 3]}}], "d": {"a": 4}, 'e"': None}
TEXT = json.dumps(DATA, indent=1)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ((), "{"),
        (("a",), ' "a": ['),
        (("a", 0), "  1,"),
        (("a", 1, "c", "a", 1), "     3"),
        (("d", "a"), '  "a": 4'),
        (('e"',), ' "e\\"": null'),
        (("a", 7), ' "a": ['),
        (("nothing", "x"), "{"),
    ],
)
def test_the_line_of_a_value_or_of_what_is_around_it(keys, line):
    assert TEXT.splitlines()[line_of(TEXT, *keys) - 1] == line


@pytest.mark.parametrize("text", ["", "{", '{"a"', '{"a": [1, ', "no"])
def test_text_that_cannot_be_followed(text):
    assert line_of(text, "a", 1) in (None, 1)
