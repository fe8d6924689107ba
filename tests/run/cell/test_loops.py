"""The three loops, run for real after a cell is measured."""

import os
import signal
from dataclasses import replace

import pytest

from bench.results.window_stats import step_seconds
from bench.run.estimate import ATTRIBUTION_SECONDS, Estimator
from bench.run.plan import Planned
from bench.suite.options import Options
from tests.records import make_attributed, make_record
from tests.run.conftest import DATA
from tests.run.listener import Listener
from tests.run.napping import NAP_SECONDS


def attributed(job):
    return replace(job, cell=job.cell.model_copy(update={"attribute": True}))


@pytest.fixture(scope="module")
def slow(executor, make_job, tmp_path_factory):
    """A cell each of whose batches takes a known time, attributed: when it is taken, for none is prepared before."""
    listener = Listener()
    job = make_job(tmp_path_factory.mktemp("slow"), batch_map="napping:nap", cache="memory", prefetch=0)
    return executor.run(attributed(job), listener), listener


def test_the_pipeline_alone_takes_as_long_as_it_was_made_to(slow):
    outcome, _ = slow
    assert outcome.status == "ok", outcome.message
    found = outcome.attribution
    assert min(seconds / steps for steps, seconds in found.pipeline) >= NAP_SECONDS
    assert step_seconds(found.pipeline) < 2 * NAP_SECONDS


def test_the_pass_that_fills_the_cache_is_kept(slow):
    steps, seconds = slow[0].attribution.filling
    assert (steps - 1) * 16 < DATA.images * (1 - DATA.held_out) <= steps * 16
    assert seconds >= (steps - 1) * NAP_SECONDS  # the first of them may have begun before


def test_neither_step_loop_waits_for_it(slow):
    found = slow[0].attribution
    fastest = [min(seconds / steps for steps, seconds in windows) for windows in (found.step, found.device)]
    assert max(fastest) < NAP_SECONDS
    assert 2 <= found.execution <= 64
    assert all(steps % found.execution == 0 for steps, _ in found.device)


def test_each_loop_is_told_of_and_their_cost_is_kept_apart(slow):
    outcome, listener = slow
    stages = list(dict.fromkeys(word.stage for word in listener.words))
    assert stages[-4:] == ["attribution", *(f"attribution, {loop}" for loop in ("pipeline", "step", "device"))]
    assert list(outcome.stages)[-2:] == ["evaluation", "attribution"]
    assert "attribution" not in outcome.absent


def test_several_steps_an_execution_and_images_on_the_device(executor, job):
    timeless = job("tiny_models:timeless", steps_per_execution=4, source="device", train=1)
    outcome = executor.run(attributed(timeless), Listener())
    assert outcome.status == "ok", outcome.message
    found = outcome.attribution
    assert all(steps % 4 == 0 for steps, _ in found.step)
    assert found.execution > 4
    assert step_seconds(found.pipeline) < step_seconds(found.step)
    assert found.filling is None


def test_a_process_that_dies_in_it_costs_the_attribution_alone(executor, job):
    listener = Listener(on_stage={"attribution, step": lambda pid: os.kill(pid, signal.SIGKILL)})
    outcome = executor.run(attributed(job()), listener)
    assert (outcome.status, outcome.attribution) == ("ok", None)
    assert len(outcome.windows) >= 3
    assert outcome.accuracy.held_out is not None
    assert "SIGKILL" in outcome.absent["attribution"]
    # on a busy machine it may be in the next loop by then
    assert listener.words[-1].stage.startswith("attribution, ")
    assert listener.words[-1].stage in outcome.absent["attribution"]


def test_a_failure_in_it_costs_the_attribution_alone(executor, job):
    failing = attributed(job())

    def occupy(_pid):
        (failing.scratch / "attribution").mkdir()

    outcome = executor.run(failing, Listener(on_stage={"data": occupy}))
    assert (outcome.status, outcome.message, outcome.attribution) == ("ok", None, None)
    assert outcome.absent["attribution"].startswith("FileExistsError")
    assert len(outcome.windows) >= 3


def test_attributed_cells_are_known_to_take_longer(job):
    cell = job().cell.model_copy(update={"suite": "cnn", "id": "simple_cnn/notebook/b128"})
    plain = Planned(cell, Options(), None)
    wanted = replace(plain, cell=cell.model_copy(update={"attribute": True}))
    before = make_record(values={"seconds": 9.0, "first_step_seconds": 1.5})
    nothing, known = Estimator([]), Estimator([before])
    assert nothing.seconds(wanted) == nothing.seconds(plain) + ATTRIBUTION_SECONDS
    assert (known.seconds(plain), known.seconds(wanted)) == (9.0, 9.0 + ATTRIBUTION_SECONDS + 3.0)
    record = make_attributed(16, 1, 15, 14, values={"seconds": 20.0}, stages={"attribution": 8.0})
    assert (Estimator([record]).seconds(plain), Estimator([record]).seconds(wanted)) == (12.0, 20.0)
