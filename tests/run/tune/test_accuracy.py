"""Whether a faster candidate learns as well."""

import dataclasses

import pytest

from bench.analyse.tune.candidate import Candidate
from bench.run.plan import Planned
from bench.run.tune.accuracy import AccuracyJudge, fastest_that_learns, same_arithmetic
from bench.suite.cells import Cell
from bench.suite.options import Options
from bench.suite.spec import DataSpec, ModelSpec, Protocol, Variant
from tests.records import SYNTHETIC, make_data, make_epochs, make_failed, make_record


def planned(variant, data=None, batch_size=128, rate=None):
    cell = Cell(
        id=f"net/{variant}/b{batch_size}",
        suite="tune-net",
        folder=".",
        data=DataSpec(name="digits"),
        model=ModelSpec(name="net", network="simple_cnn", learning_rate=rate),
        variant=Variant(name=variant),
        batch_size=batch_size,
        seed=0,
        protocol=Protocol(),
        train=None,
    )
    return Planned(cell, Options(), None, data=data or make_data())


class Runner:
    """Trains at once, to the accuracies that it is given by variant."""

    def __init__(self, **accuracies):
        self.accuracies, self.cells = accuracies, []

    def measure(self, one):
        self.cells.append(one.cell)
        accuracy = self.accuracies[one.cell.variant.name]
        if accuracy is None:
            return make_failed("net", one.cell.variant.name, seed=one.cell.seed)
        shaken = accuracy + 0.004 * (one.cell.seed - 2)
        record = make_record("net", one.cell.variant.name, seed=one.cell.seed, history=make_epochs(epochs=1))
        judged = record.accuracy.model_copy(update={"held_out": shaken, "held_out_images": 1500})
        return record.model_copy(update={"accuracy": judged})


def judge(runner, baseline=None, seconds=120.0, step_seconds=0.03):
    return AccuracyJudge(runner, baseline or planned("base"), seconds, 3.0, step_seconds)


FAST = Candidate("fast", {"precision": "mixed_bfloat16"})


@pytest.mark.parametrize(
    ("accuracy", "verdict", "refused"),
    [(0.80, "not distinguishable", False), (0.70, "worse", True), (0.90, "better", False)],
)
def test_the_candidate_is_held_against_the_baseline_over_seeds(accuracy, verdict, refused):
    runner = Runner(base=0.80, fast=accuracy)
    check = judge(runner).check(planned("fast"), FAST)
    assert (check.change.verdict, check.refused) == (verdict, refused)
    assert [cell.seed for cell in runner.cells] == [1, 2, 3, 1, 2, 3]
    assert {cell.train.steps_per_epoch for cell in runner.cells} == {check.steps} == {300}


def test_the_baseline_is_trained_once_for_all_candidates():
    runner = Runner(base=0.80, fast=0.70, other=0.80)
    one = judge(runner)
    one.check(planned("fast"), FAST)
    one.check(planned("other"), dataclasses.replace(FAST, name="other"))
    assert [cell.variant.name for cell in runner.cells] == ["base"] * 3 + ["fast"] * 3 + ["other"] * 3


@pytest.mark.parametrize(
    ("baseline", "seconds", "why"),
    [
        (planned("base", SYNTHETIC), 120.0, "synthetic"),
        (planned("base", make_data(held_out_images=0)), 120.0, "no held-out images"),
        (planned("base"), 20.0, "give a larger --budget"),
    ],
)
def test_what_cannot_be_judged_is_said_and_nothing_is_trained(baseline, seconds, why):
    runner = Runner()
    check = judge(runner, baseline, seconds).check(planned("fast"), FAST)
    assert why in check.why
    assert not check.refused
    assert not runner.cells


def test_a_training_that_fails_judges_nothing():
    check = judge(Runner(base=0.80, fast=None)).check(planned("fast"), FAST)
    assert check.change is None
    assert "a training failed" in check.why


def test_steps_are_as_many_as_the_time_allows():
    assert judge(Runner(), seconds=120.0, step_seconds=0.03).steps == 300
    assert judge(Runner(), seconds=60.0, step_seconds=0.03).steps == pytest.approx(150, abs=1)


def test_a_larger_batch_trains_on_as_many_images_at_a_rate_by_the_square_root():
    runner = Runner(base=0.80, fast=0.80)
    one = judge(runner, planned("base", rate=1e-3))
    one.check(planned("fast", batch_size=512, rate=1e-3), FAST)
    assert runner.cells[-1].train.steps_per_epoch == 75
    assert runner.cells[-1].train.learning_rate == pytest.approx(2e-3)


def test_where_the_fastest_learns_worse_the_next_is_taken():
    runner = Runner(base=0.80, fast=0.70, next=0.80)
    one, order = judge(runner), [FAST, dataclasses.replace(FAST, name="next")]

    def fastest(refused):
        return next((candidate for candidate in order if candidate not in refused), None)

    def check(candidate):
        return one.check(planned(candidate.name), candidate)

    assert fastest_that_learns(fastest, check).name == "next"
    assert fastest_that_learns(lambda refused: None if refused else FAST, check) is None


def test_only_what_changes_the_arithmetic_can_change_what_is_learnt():
    base = Candidate("base", {"precision": "float32", "prefetch": "autotune"})
    assert same_arithmetic(base, Candidate("prefetch=2", {"precision": "float32", "prefetch": 2}))
    assert not same_arithmetic(base, FAST)
