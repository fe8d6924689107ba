"""What is said of a search."""

import dataclasses
import json

import pytest

from bench.analyse.stats.ratio import Ratio
from bench.analyse.stats.samples import Interval
from bench.analyse.training.change import Change
from bench.analyse.tune.candidate import Candidate
from bench.analyse.tune.result import AccuracyCheck, Confirmed, Effect, Tuned
from bench.analyse.tune.search import Rung, Standing
from bench.report.core.markdown import render
from bench.report.tune.as_json import tuned_json
from bench.report.tune.text import accuracy_text, answer, effects_table, search_lines
from bench.suite.options import Options

FAST = Ratio(1.5, 1.45, 1.55)
ONE = Ratio(1.0, 1.0, 1.0)


def candidate(name, batch_size=128, **options):
    settled = Options(**options)
    settings = {"precision": settled.precision, "xla": settled.xla, "batch_size": batch_size}
    return Candidate(name, settings, settled, batch_size)


BASE = candidate("notebook")
BEST = candidate("precision=mixed_bfloat16+xla=on", precision="mixed_bfloat16", xla=True)
OTHER = candidate("xla=on", xla=True)
BROKEN = candidate("precision=mixed_bfloat16", precision="mixed_bfloat16")
CONFIRMED = Confirmed(
    FAST,
    (
        Effect("precision", "mixed_bfloat16", "float32", Ratio(1.4, 1.35, 1.45)),
        Effect("xla", True, False, None, "it failed"),
    ),
    {"notebook": 0.03, BEST.name: 0.02},
    3,
)
TUNED = Tuned(
    model="simple_cnn",
    host="box",
    device="AMD EPYC",
    data="synthetic",
    info=None,
    suite="tune-simple_cnn",
    baseline=BASE,
    best=BEST,
    confirmed=CONFIRMED,
    accuracy=(AccuracyCheck(BEST.name, None, why="images are synthetic"),),
    standings=(
        Standing(BEST, FAST, ONE, 2),
        Standing(OTHER, Ratio(1.1, 1.05, 1.15), Ratio(0.73, 0.7, 0.76), 1),
        Standing(BASE, ONE, Ratio(0.66, 0.6, 0.7), 3),
        Standing(BROKEN, ONE, Ratio(0.66, 0.3, 1.2), 0, "out of memory in first step: no room"),
    ),
    rungs=(Rung(1, ("xla=on",), 0.6, (BEST.name,), BEST.name, FAST),),
    known_before=(),
    left_out={"cache=memory": "the cache would hold what lies in memory already"},
    folded=0,
    budget=180.0,
    seconds={"search": 80.0, "whole": 175.0},
)


def without(**changes):
    return dataclasses.replace(TUNED, **changes)


def test_the_answer_is_one_sentence_with_both_times():
    assert answer(TUNED) == (
        "simple_cnn on AMD EPYC: precision mixed_bfloat16 and xla on: 1.50 ± 0.05 times as fast as notebook "
        "(20.0 ms/step against 30.0 ms/step)"
    )


def test_a_figure_that_the_choice_flatters_is_called_so():
    assert "flatter" in answer(without(confirmed=None))


def test_a_gain_that_is_not_sure_is_called_so():
    unsure = dataclasses.replace(CONFIRMED, ratio=Ratio(1.01, 0.99, 1.03))
    assert "isn't sure" in answer(without(confirmed=unsure))


def test_where_nothing_is_faster_that_is_the_answer():
    assert answer(without(best=None)) == (
        "simple_cnn on AMD EPYC: no candidate is faster than notebook, as far as could be told: 1 of 4 may be, and a "
        "larger --budget would tell"
    )


def test_batches_of_another_size_are_compared_by_images_a_second_and_the_rate_is_scaled():
    wide = candidate("batch_size=512", batch_size=512)
    confirmed = dataclasses.replace(CONFIRMED, step_seconds={"notebook": 0.03, wide.name: 0.06})
    found = without(best=wide, confirmed=confirmed)
    assert "8,533 images/s against 4,267 images/s" in answer(found)
    scaling = next(line for line in search_lines(found) if "learning rate" in line)
    assert "by 2 (square root" in scaling
    assert "by 4 (linear" in scaling


def test_the_table_has_a_row_for_each_option_and_says_what_was_not_measured():
    table = effects_table(TUNED)
    assert [row[0] for row in table.rows] == ["precision", "xla"]
    assert "▲" in table.rows[0][-1]
    assert table.rows[1][1:] == ("on", "off", "–")
    assert "xla: it failed" in render(table)
    assert effects_table(without(confirmed=None)) is None


def test_what_was_dropped_is_told_with_its_reason():
    lines = [*search_lines(TUNED)]
    assert lines[0] == "3 of 4 candidates measured in 1 rung, 80 s; 175 s in all, of 180 s"
    assert "1 dropped: slower than the best, measured" in lines
    assert "1 dropped: out of memory in first step: no room" in lines
    assert "1 more combinations left out: the cache would hold what lies in memory already" in lines


@pytest.mark.parametrize(
    ("low", "high", "says"), [(-0.09, -0.05, "surely worse"), (-0.02, 0.01, "not distinguishable")]
)
def test_accuracy_is_told_in_points(low, high, says):
    change = Change("held_out_accuracy", (0.8, 0.81), (0.73, 0.74), Interval((low + high) / 2, low, high))
    text = accuracy_text(TUNED, AccuracyCheck(BEST.name, change, 200))
    assert says in text
    assert "after 200 steps with 2 seeds" in text


def test_programs_get_all_of_it():
    found = json.loads(json.dumps(tuned_json(TUNED), allow_nan=False))
    assert found["speedup"] == {"value": 1.5, "low": 1.45, "high": 1.55}
    assert [one["name"] for one in found["candidates"]] == [one.candidate.name for one in TUNED.standings]
    assert 'keras.config.set_dtype_policy("mixed_bfloat16")' in found["code"]
    assert found["accuracy"][0]["why"] == "images are synthetic"
