import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.results.rehosted import rehosted
from tests.records import make_failed, make_record

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def renamed(text):
    found = rehosted(text.encode(), "old", "new")
    return found.text.decode(), found.state


def test_a_record_is_the_same_under_the_other_name():
    record = make_record(host="old")
    text, state = renamed(record.model_dump_json())
    assert state == "renamed"
    assert text == record.model_copy(update={"host": "new"}).model_dump_json()


def test_a_log_in_the_hosts_folder_goes_with_it():
    def log(path):
        text, _ = renamed(make_failed(host="old", log=path).model_dump_json())
        return json.loads(text)["failure"]["log"]

    assert log("results/old/logs/cnn/a.log") == "results/new/logs/cnn/a.log"
    assert log("results/older/logs/cnn/a.log") == "results/older/logs/cnn/a.log"
    assert log("elsewhere/results/old/a.log") == "elsewhere/results/old/a.log"


def test_every_byte_but_the_name_stays():
    line = '  { "b" :\t1.50e+01 , "host" :  "old","a":"old", "c":{"host":"old"},"é":["\\u00e9", 1E400] } \r'
    assert renamed(line) == (line.replace('"host" :  "old"', '"host" :  "new"'), "renamed")


def test_what_pytest_benchmark_stores_names_the_host_twice():
    stored = {"machine_info": {"host": "old"}, "benchmarks": [{"extra_info": {"host": "old"}}, {"extra_info": {}}]}
    text, state = renamed(json.dumps(stored, indent=4))
    assert state == "renamed"
    assert text == json.dumps(stored, indent=4).replace('"old"', '"new"')


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ('{"host": "another"}', "other"),
        ('{"host": 7}', "other"),
        ('{"suite": "cnn"}', "unread"),
        ('{"host": "old", "sui', "unread"),
        ('["host", "old"]', "unread"),
        ('"old"', "unread"),
        ("", "unread"),
        ("[" * 100_000, "unread"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_other_lines_stay_as_they_are(line, state):
    assert renamed(line) == (line, state)


def test_what_is_no_text_stays_as_it_is():
    assert rehosted(b'{"host": "old\xff"}', "old", "new") == (b'{"host": "old\xff"}', "unread")


@given(st.dictionaries(st.text().filter(lambda key: key not in ("host", "failure")), VALUES, max_size=5), st.booleans())
def test_anything_else_in_a_line_survives(fields, escaped):
    before = fields | {"host": "old"}
    text, state = renamed(json.dumps(before, ensure_ascii=escaped))
    assert state == "renamed"
    assert json.loads(text) == before | {"host": "new"}
