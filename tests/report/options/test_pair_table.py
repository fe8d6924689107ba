import json

import pytest

from bench.report.core.markdown import render
from bench.report.options.pair_table import pair_answer, pair_row, pair_table
from bench.results.pair import Round
from bench.results.record import Failure, Window
from tests.pairs import make_pair, make_rounds
from tests.records import SYNTHETIC, changed, make_data, make_record

A = make_record(variant="notebook", data=make_data())
B = make_record(variant="xla", options={"xla": True})
FAILED = {"status": "crashed", "failure": Failure(stage="windows", message="x/y/b1: killed by SIGKILL", log="l.log")}


@pytest.mark.parametrize(
    ("b_ms", "says"),
    [
        (14.0, "simple_cnn/xla/b128 is faster than simple_cnn/notebook/b128: 1.1"),
        (18.0, "simple_cnn/xla/b128 is slower than simple_cnn/notebook/b128: 0.8"),
        (16.0, "simple_cnn/xla/b128 is as fast as simple_cnn/notebook/b128, within 5 %: "),
    ],
)
def test_the_answer_is_one_sentence_with_its_interval(b_ms, says):
    answer = pair_answer(make_pair(A, B, b_ms=b_ms, purpose="ab"))
    assert answer.startswith(says)
    assert "95 % interval" in answer
    assert "6 rounds" in answer
    assert "\n" not in answer


def test_an_answer_that_is_open_says_so():
    pair = make_pair(A, B, rounds=make_rounds(16, 15.6, between=0.08), purpose="ab")
    assert pair_answer(pair).startswith(
        "whether simple_cnn/xla/b128 is faster or slower than simple_cnn/notebook/b128 isn't decided: "
    )
    assert pair_row(pair)["verdict"] == "undecided"


def test_an_option_is_answered_of_on_beside_off():
    answer = pair_answer(make_pair(B, A, a_ms=32.0, b_ms=16.0, purpose="option", option="xla"))
    assert answer.startswith("simple_cnn/xla/b128 with xla on, and not off, is slower than itself without: 1/2.0")


def test_no_answer_comes_with_the_reason():
    assert pair_answer(make_pair(A, B, rounds=2)).endswith(
        "no answer: 2 rounds were measured, and fewer than 3 give no interval"
    )
    assert "killed by SIGKILL" in pair_answer(make_pair(A, B, rounds=4, **FAILED))


def test_both_sides_have_a_row_of_all_their_rounds():
    shown = render(pair_table(make_pair(A, B, a_ms=16, b_ms=32)), 2)
    first, second = (line.split("|")[1:-1] for line in shown.splitlines() if line.startswith("| simple_cnn"))
    assert [part.strip() for part in first][0::3] == ["simple_cnn/notebook/b128", "48"]
    assert float(first[1]) == pytest.approx(16, rel=0.02)
    assert float(second[1]) == pytest.approx(32, rel=0.02)
    assert float(first[2].replace(",", "")) == pytest.approx(8000, rel=0.02)


@pytest.mark.parametrize(
    ("b", "says"),
    [
        (A, "the same work"),
        (make_record(variant="xla", batch_size=256), "batches of 128 and 256: compared by images a second"),
        (B, None),
    ],
)
def test_notes_say_what_is_to_be_known(b, says):
    notes = [note.text for note in pair_table(make_pair(A, b)).notes]
    assert notes == [] if says is None else says in notes[0]


def test_networks_that_differ_and_synthetic_images_are_said():
    other = changed(make_record(data=SYNTHETIC), ("model", "network"), "vgg16")
    notes = [note.text for note in pair_table(make_pair(other, B)).notes]
    assert any("two different networks" in note for note in notes)
    assert any("synthetic" in note for note in notes)


@pytest.mark.parametrize("changes", [{}, {"rounds": 1}, {"rounds": 0}, FAILED, {"rounds": 0, **FAILED}])
def test_programs_get_the_same_keys_and_numbers_or_null_whatever_happened(changes):
    row = pair_row(make_pair(A, B, b_ms=14, **changes))
    whole = pair_row(make_pair(A, B))
    assert row.keys() == whole.keys()
    assert row["a"].keys() == whole["a"].keys()
    json.dumps(row, allow_nan=False)
    if changes:
        assert row["verdict"] is row["ratio"] is None
        assert row["why_no_verdict"]
    else:
        assert (row["verdict"], row["why_no_verdict"], row["rounds"]) == ("faster", None, 6)
        assert row["ratio_low"] < row["ratio"] < row["ratio_high"]
        assert row["a"]["images_per_second"] == pytest.approx(128 / row["a"]["step_seconds"])


@pytest.mark.parametrize("window", [Window(0, 0.1), Window(5, 0.0), Window(5, -1.0), Window(5, 1e300)], ids=str)
def test_windows_that_no_clock_gives_are_no_figures(window):
    pair = make_pair(A, B, rounds=(Round(a=(window,) * 2, b=(window,) * 2),) * 3)
    row = pair_row(pair)
    assert row["a"]["step_seconds"] is row["a"]["images_per_second"] is row["ratio"] is None
    assert "–" in render(pair_table(pair), 2)
    assert "no answer" in pair_answer(pair)


def test_what_disturbed_it_stands_below_and_in_what_programs_get():
    busy = [one.model_copy(update={"values": {"foreign_cpu_share": 0.3}}) for one in make_rounds(count=2)]
    pair = make_pair(A, B, rounds=(*make_rounds(count=4), *busy))
    (finding,) = pair_row(pair)["findings"]
    assert finding["code"] == "busy-machine"
    assert finding["message"].endswith("(in 2 of 6 rounds)")
    assert f"busy-machine: {finding['message']}" in [note.text for note in pair_table(pair).notes]
    assert pair_row(make_pair(A, B))["findings"] == []
