"""Models of the user's own that train in a way of their own are measured as they are."""

import pytest

from bench.results.window_stats import step_seconds
from tests.run.listener import Listener


@pytest.mark.parametrize(
    "options", [{}, {"pixels": "uint8", "augment": "model"}, {"source": "device"}, {"steps_per_execution": 2}], ids=str
)
def test_its_own_step_is_what_is_timed(executor, job, options):
    outcome = executor.run(job("tiny_models:waiting", **options), Listener())
    assert outcome.status == "ok", outcome.message
    assert step_seconds(outcome.windows) > 0.05
    assert outcome.values["retraces"] == 0
    assert outcome.accuracy.held_out is not None


def test_a_step_that_xla_cannot_compile_says_so(executor, job):
    outcome = executor.run(job("tiny_models:waiting", xla=True), Listener())
    assert (outcome.status, outcome.message) == ("failed", "InvalidArgumentError: XLA can't compile PyFunc")


@pytest.mark.parametrize("options", [{}, {"pixels": "uint8"}, {"xla": True}], ids=str)
def test_its_own_loss_is_what_is_minimised(executor, job, options):
    outcome = executor.run(job("tiny_models:of_its_own", **options), Listener())
    assert outcome.status == "ok", outcome.message
    assert outcome.values["loss"] > 100
    assert outcome.accuracy.train is not None


def test_without_an_accuracy_there_is_none_and_the_reason(executor, job):
    outcome = executor.run(job("tiny_models:without_accuracy"), Listener())
    assert outcome.status == "ok", outcome.message
    assert (outcome.accuracy, outcome.values["loss"] > 0) == (None, True)
    assert outcome.absent["held_out_accuracy"] == "the model's own metrics hold no accuracy"
    assert outcome.judged.main.name == "sparse_top_k_categorical_accuracy"
    trained = executor.run(job("tiny_models:without_accuracy", train=1), Listener())
    assert trained.status == "ok", trained.message
    assert (trained.accuracy, trained.history[0].accuracy) == (None, None)
    assert trained.judged.main.held_out is not None


def test_it_is_trained_and_kept(executor, job):
    outcome = executor.run(job("tiny_models:of_its_own", train=2), Listener())
    assert outcome.status == "ok", outcome.message
    assert [epoch.loss > 100 for epoch in outcome.history] == [True, True]
    assert outcome.accuracy.held_out is not None


def test_what_predicts_no_numbers_has_no_accuracy_though_it_trains(executor, job):
    outcome = executor.run(job("diverging_models:averages_lost"), Listener())
    assert outcome.status == "ok", outcome.message
    assert outcome.values["loss"] > 0
    assert outcome.accuracy.held_out is None
    assert outcome.absent["held_out_accuracy"] == "loss became nan on held-out examples"
