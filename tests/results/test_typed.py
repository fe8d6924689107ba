"""Records are typed: a damaged one costs itself alone, and what isn't known is kept."""

import json

import pytest

from bench.results.ai_benchmark import AiLine
from bench.results.lines import RecordLines
from bench.results.pair import Pair
from bench.results.reading import parse
from bench.results.record import Record, Window
from tests.records import GONE, make_history, make_record, make_trained


def line_of(record, place=(), value=None):
    """The record's line with the value at `place` replaced."""
    fields = record.model_dump(mode="json")
    inner = fields
    for name in place[:-1]:
        inner = inner[name]
    if value is GONE:
        del inner[place[-1]]
    elif place:
        inner[place[-1]] = value
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("started",), "yesterday"),
        (("started",), "0001-01-01T00:00:00+23:59"),
        (("started",), "9999-12-31T23:59:59-23:59"),
        (("batch_size",), 10**400),
        (("batch_size",), 0),
        (("seed",), -1),
        (("windows",), [[1, 0.5, 2]]),
        (("windows",), [["1", None]]),
        (("stages",), {"start": 1e300}),
        (("values", "loss"), 1e31),
        (("workload",), {}),
        (("workload", "options"), None),
        (("workload", "model"), 7),
        (("workload", "model", "network"), ["vgg16"]),
        (("workload", "model", "args"), {"deep": json.loads("[" * 60 + "]" * 60)}),
        (("workload", "model", "args"), {"large": 10**40}),
        (("workload", "data", "shape"), [32, 32]),
        (("options",), []),
        (("options", "steps_per_execution"), "many"),
        (("options", "env"), {"A": 1}),
        (("protocol", "precision"), None),
        (("device", "kind"), GONE),
        (("device", "compute_capability"), "new"),
        (("train", "phases"), [{"epochs": 3}]),
        (("train", "target_accuracy"), 80),
        (("data_spec", "name"), None),
        (("data_spec", "subset"), {"a": 1}),
        (("data", "shape"), [0, 32, 3]),
        (("accuracy", "train"), 2.0),
        (("history",), [{"epoch": 0}]),
        (("cell",), "x" * 2000),
        (("unknown",), 1),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else None,
)
def test_a_damaged_record_costs_itself_alone_and_says_where(place, value):
    whole = make_trained()
    content = b"\n".join((line_of(whole), line_of(whole, place, value), line_of(whole))) + b"\n"
    found = parse(content, "cnn.jsonl")
    assert found.records == (whole, whole)
    (notice,) = found.notices
    assert notice.startswith("cnn.jsonl:2: this line is damaged and was passed over (")
    assert place[0] in notice


@pytest.mark.parametrize("place", [("workload",), ("options",), ("protocol",), ("device",), ("train",), ("data_spec",)])
def test_keys_of_a_later_version_are_kept(place):
    line = line_of(make_trained(), (*place, "invented"), {"of": ["later", 2.5, None]})
    (record,) = parse(line, "x").records
    assert json.loads(record.model_dump_json()) == json.loads(line)


def test_nothing_is_added_to_what_is_written():
    written = make_trained(options={"batch_map": None}).model_dump(mode="json")
    assert Record.model_validate(written).model_dump(mode="json") == written


def test_a_setup_that_is_read_once_gives_what_reading_each_line_gives(checkout):
    paths = sorted((checkout / "results").glob("*/*.jsonl"))
    lines = [line for path in paths for line in path.read_bytes().splitlines()]
    assert len(lines) > 40
    reader = RecordLines()
    assert [reader.read(line) for line in lines] == [Record.model_validate_json(line) for line in lines]


def test_equal_setups_are_one_and_the_rest_is_each_lines_own():
    first, second = make_trained(), make_record(step_ms=9, findings=(), history=make_history(2), stopped_by=None)
    second = second.model_copy(update={name: getattr(first, name) for name in ("workload", "options", "data")})
    reader = RecordLines()
    found = [reader.read(one.model_dump_json().encode()) for one in (first, second)]
    assert found == [first, second]
    assert found[0].workload is found[1].workload


def test_a_line_that_others_wrote_is_read_as_well():
    record = make_trained()
    spaced = json.dumps(record.model_dump(mode="json"), indent=None, sort_keys=True).encode()
    assert RecordLines().read(spaced) == record


def test_a_version_that_is_missing_is_missed_in_a_known_setup_too():
    record = make_record()
    content = b"\n".join((line_of(record), line_of(record, ("schema_version",), GONE)))
    read = parse(content, "x")
    assert read.records == (record,)
    assert read.notices == ("x:2: this line is damaged and was passed over (it has no schema version)",)


@pytest.mark.parametrize("version", [1, 2])
def test_what_older_versions_trained_gets_the_recipe_that_it_had(version):
    line = line_of(make_trained(history=make_history(6)), ("schema_version",), version)
    fields = {name: value for name, value in json.loads(line).items() if name not in ("train", "data_spec", "training")}
    (record,) = parse(json.dumps(fields).encode(), "x").records
    assert (record.train.epochs, record.train.optimizer, record.train.phases) == (6, None, ())


def test_windows_are_windows_whoever_makes_them():
    record = make_record(windows=[(4, 0.1), Window(4, 0.2)])
    assert [type(window) for window in record.windows] == [Window, Window]
    assert record.windows[1].step_seconds == 0.05


HIDDEN = "a\x1b[2Jb\u202ec\u2066d\x7fe\x85f\u200bg\ufeffh"
SHOWN = r"a\x1b[2Jb\u202ec\u2066d\x7fe\x85f\u200bg\ufeffh"


@pytest.mark.parametrize("ascii_only", [True, False])
def test_characters_that_are_not_seen_are_written_out(ascii_only):
    fields = make_record().model_dump(mode="json")
    fields |= {"cell": HIDDEN, "notes": {HIDDEN: HIDDEN}, "suite_title": "one\nline"}
    line = json.dumps(fields, ensure_ascii=ascii_only).encode()
    (record,) = parse(line, "x").records
    assert (record.cell, record.notes, record.suite_title) == (SHOWN, {SHOWN: SHOWN}, r"one\x0aline")
    assert record.windows == make_record().windows


def test_pairs_and_ai_benchmark_are_shown_so_too(checkout):
    for name, form in (("pairs/selftest.jsonl", Pair), ("calibration/ai-benchmark.jsonl", AiLine)):
        line = next(checkout.glob(f"results/*/{name}")).read_bytes().splitlines()[0]
        fields = json.loads(line)
        fields["host"] = HIDDEN
        assert parse(json.dumps(fields).encode(), "x", form).records[0].host == SHOWN
