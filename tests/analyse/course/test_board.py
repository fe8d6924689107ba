"""Teams ranked and graded, by hand."""

import pytest

from bench.analyse.course.board import board as judged
from bench.analyse.course.board import check_names
from bench.analyse.course.figures import figure, ranks, wilson
from bench.analyse.course.medians import class_table, published_cells, team_times
from bench.analyse.course.one_team import team_result
from bench.analyse.planning.amount import Amount
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.analyse.training.seeds import repeats
from bench.errors import InputError
from bench.host.profile import load
from bench.suite.cells import Suite
from bench.suite.course import Course
from bench.suite.spec import DataSpec, ModelSpec, Variant
from bench.support.resources import shipped_folder
from tests.records import make_data, make_record, make_trained

EXACT = Spread(0.0)


def suite_of(**course):
    return Suite(
        name="mine",
        data=DataSpec(name="cifar10"),
        models=(ModelSpec(name="simple_cnn", network="simple_cnn"),),
        variants=(Variant(name="notebook"),),
        baseline="notebook",
        course=Course.model_validate(course),
    )


def board(suite, teams, spreads):
    return judged(suite, [team_result(suite, team, records, spreads) for team, records in teams.items()])


def trained(test, model="simple_cnn", params=45_000, **changes):
    fields = {"suite": "mine", "data": make_data(test_images=10_000), "values": {"trainable_params": params}}
    return make_trained(model, test=test, **(fields | changes))


def ranked(teams, by="test_accuracy", spreads=None, **course):
    (found,) = board(suite_of(rankings={"first": {"by": by}}, **course), teams, spreads or {}).rankings
    return [(one.team, one.rank) for one in found.entries]


def test_teams_are_ranked_by_their_best_network_within_the_limit():
    teams = {
        "a": [trained(0.80)],
        "b": [trained(0.70, "small"), trained(0.95, "large", 60_000)],
        "c": [trained(0.85), trained(0.75, "worse")],
    }
    assert ranked(teams, max_params=50_000) == [("c", 1), ("a", 2), ("b", 3)]
    assert ranked(teams) == [("b", 1), ("c", 2), ("a", 3)]


def test_who_can_not_be_distinguished_shares_a_rank():
    teams = {"a": [trained(0.80)], "b": [trained(0.801)], "c": [trained(0.90)], "d": [trained(0.60)]}
    assert ranked(teams) == [("c", 1), ("b", 2), ("a", 2), ("d", 4)]


def test_who_has_nothing_is_told_why():
    teams = {"a": [trained(0.8)], "b": [trained(0.9, params=60_000)], "c": [], "d": [trained(0.9, suite="other")]}
    found = board(suite_of(rankings={"x": {"by": "test_accuracy"}}, max_params=50_000), teams, {}).rankings[0]
    assert {one.team: one.absent for one in found.entries} == {
        "a": None,
        "b": "simple_cnn/notebook/b128: max_params, trainable parameters 60,000",
        "c": "nothing of it was measured",
        "d": "nothing of it was measured",
    }


def test_by_host_each_host_is_a_ranking_of_its_own():
    fast, slow = make_record(suite="mine", host="fast", step_ms=5), make_record(suite="mine", host="slow", step_ms=50)
    course = {"ms": {"by": "step_seconds", "group": "host", "model": "simple_*"}}
    teams = {"a": [fast, slow], "b": [make_record(suite="mine", host="slow", step_ms=20)]}
    found = board(suite_of(rankings=course), teams, {"fast": EXACT, "slow": EXACT}).rankings
    assert [(one.group, [(e.team, e.rank) for e in one.entries]) for one in found] == [
        ("fast", [("a", 1)]),
        ("slow", [("b", 1), ("a", 2)]),
    ]


def test_before_and_after_is_over_the_teams_own_baseline():
    def pair(step_ms):
        return [make_record(suite="mine"), make_record(variant="xla", suite="mine", step_ms=step_ms)]

    teams = {"a": pair(8.0), "b": pair(4.0), "c": pair(4.0)[:1]}
    found = board(suite_of(rankings={"x": {"by": "speedup"}}), teams, {"xeon-2-cores": EXACT}).rankings[0]
    assert [(one.team, one.rank) for one in found.entries] == [("b", 1), ("a", 2), ("c", None)]
    assert found.entries[0].value.value == pytest.approx(4.0, rel=0.02)
    assert found.entries[2].absent == "it is the baseline"


def test_grades_are_as_the_formula_says():
    grades = {
        "points": {"formula": "20*(accuracy-min)/(max-min)"},
        "less": {"formula": "test_accuracy*100", "decimals": 0},
    }
    teams = {"a": [trained(0.80)], "b": [trained(0.70)], "c": [trained(0.90)], "d": []}
    found = board(suite_of(grades=grades), teams, {}).grades
    assert [(one.title, one.team, one.grade) for one in found] == [
        *(("points", "a", 10.0), ("points", "b", 0.0), ("points", "c", 20.0), ("points", "d", None)),
        *(("less", "a", 80), ("less", "b", 70), ("less", "c", 90), ("less", "d", None)),
    ]
    assert found[3].absent == "nothing of it was measured"
    other = suite_of(accuracy="held_out_accuracy", grades={"x": {"formula": "accuracy"}})
    record = trained(0.1)
    assert board(other, {"a": [record]}, {}).grades[0].grade == round(record.accuracy.held_out, 1)


def test_in_groups_each_host_has_its_own_best_and_worst():
    grades = {"x": {"formula": "(step_seconds-min)/(max-min)", "group": "host"}}
    teams = {
        name: [make_record(suite="mine", host=host, step_ms=step, noise=0.0)]
        for name, host, step in (("a", "t4", 10), ("b", "t4", 20), ("c", "p100", 30), ("d", "p100", 50))
    }
    found = board(suite_of(grades=grades), teams, {}).grades
    assert {one.team: one.grade for one in found} == {"a": 0, "b": 1, "c": 0, "d": 1}


def test_a_formula_that_divides_by_nothing_is_one_error():
    grades = {"points": {"formula": "20*(accuracy-min)/(max-min)"}}
    with pytest.raises(InputError) as caught:
        board(suite_of(grades=grades), {"a": [trained(0.8)]}, {})
    (fault,) = caught.value.faults
    assert fault.what == "grade 'points': '20*(accuracy-min)/(max-min)' divides by nothing"


def test_names_that_are_no_metrics():
    suite = suite_of(
        rankings={"a": {"by": "test_acuracy"}, "b": {"by": "seed"}, "c": {"by": "trainable_params"}},
        grades={"d": {"formula": "2*epoch"}, "e": {"formula": "speedup"}},
    )
    with pytest.raises(InputError) as caught:
        check_names(suite)
    assert [fault.what for fault in caught.value.faults] == [
        "ranking 'a': there is no metric 'test_acuracy'",
        "ranking 'b': there is no metric 'seed'",
        "ranking 'c': neither more nor less of 'trainable_params' is better",
        "grade 'd': there is no metric 'epoch'",
    ]
    check_names(suite_of(rankings={"a": {"by": "speedup"}}, grades={"b": {"formula": "accuracy"}}))


def test_ranks_look_at_all_pairs_at_once():
    two = [Amount(1.0, 0.9, 1.1), Amount(1.16, 1.06, 1.26)]
    assert ranks(two, "higher") == (2, 1)
    assert ranks([*two, *[Amount(9.0, 8.9, 9.1)] * 8], "higher")[:2] == (9, 9)
    assert ranks([Amount(1.0), Amount(2.0), Amount(2.0)], "lower") == (1, 2, 2)
    assert ranks([Amount(1.0)], "lower") == (1,)
    assert ranks([], "lower") == ()


def test_a_figure_and_its_interval():
    (one,) = repeats([trained(0.8)])
    assert figure(one, "test_accuracy", UNMEASURED).value == wilson(0.8, 10_000)
    (two,) = repeats([trained(0.8), trained(0.82, seed=1)])
    found = figure(two, "test_accuracy", UNMEASURED).value
    assert found.low < 0.8 < found.value < 0.82 < found.high
    (record,) = repeats([make_record(step_ms=20.0)])
    narrow, wide = (figure(record, "step_seconds", spread).value for spread in (EXACT, Spread(0.1)))
    assert narrow.high / narrow.value < 1.02 < 1.15 < wide.high / wide.value
    assert figure(record, "trainable_params", EXACT).value == Amount(128_420, 128_420, 128_420)
    assert (
        "doesn't train" in figure(record, "test_accuracy", EXACT).reason
        or figure(record, "test_accuracy", EXACT).reason
    )


def test_the_class_has_the_median_of_its_teams_by_host():
    profiles = [load(path) for path in sorted(shipped_folder("hosts").glob("*.yaml"))]
    cells = published_cells(profiles)
    assert ("simple_cnn", 128, 128_420) in cells
    teams = {str(n): [make_record(host="t4", step_ms=step, noise=0.0)] for n, step in enumerate((10, 12, 14, 16, 50))}
    teams["0"].append(make_record(host="p100", step_ms=7, noise=0.0))
    teams["0"].append(make_record(host="t4", step_ms=1, variant="xla", options={"xla": True}))
    found = class_table(cells, [team_times(cells, records) for records in teams.values()])
    (cell,) = found.cells
    time = found.times[cell, "t4"]
    assert found.hosts == ("p100", "t4")
    assert (time.step_ms, time.low, time.high, time.teams) == (
        pytest.approx(14),
        pytest.approx(12),
        pytest.approx(16),
        5,
    )
    assert found.times[cell, "p100"].teams == 1
