"""How long a training will take: from its last epochs, else from its work at the host's rates."""

import pytest

from bench.host.hardware import Hardware
from bench.host.measured import Peak, SelfTest
from bench.host.profile import HostProfile
from bench.run.estimate import EPOCH_SECONDS, Estimator
from bench.run.plan import Planned
from bench.suite.options import Options
from bench.suite.recipe import Phase, TrainSpec
from bench.workload.sizes import Size
from tests.records import make_cell, make_data, make_history, make_record

DATE = "2026-01-05"
HOST = HostProfile(
    id="here",
    label="Here",
    hardware=Hardware(kind="cpu", cpu="Xeon", cores=2, memory_bytes=2**34, system="linux"),
    peaks={"float32": Peak(flops_per_second=1e12, low=9e11, high=1.1e12, date=DATE)},
    self_test=SelfTest(date=DATE, version="0.1.0", largest_error=0.01, empty_step_seconds=1e-3, cells=5),
)
UNKNOWN_CARD = HOST.model_copy(
    update={
        "peaks": {},
        "hardware": HOST.hardware.model_copy(update={"kind": "gpu", "gpu_name": "Some card"}),
    }
)
MEASURING = 5.0 + 0.4 + 20.0  # a start, and what the protocol allows


DATA = make_data(train_images=12_800, held_out_images=3_840)


def planned(train=None, macs=10_000_000):
    return Planned(make_cell(train=train), Options(), None, Size(1000, 0, macs), DATA)


STEP = 1e-3 + 2 * 10_000_000 * 128 / (0.4 * 1e12)


def test_a_cell_that_was_never_trained_takes_its_work_at_the_hosts_rate():
    seconds, basis = Estimator([], HOST).estimate(planned(TrainSpec(epochs=7)))
    assert seconds == pytest.approx(MEASURING + 7 * STEP * (100 + 30 / 3))
    assert basis == "guessed from its work"


def test_a_processor_whose_rate_was_never_measured_counts_as_a_usual_one():
    slower = Estimator([], HOST.model_copy(update={"peaks": {}})).seconds(planned(TrainSpec(epochs=7)))
    step = 1e-3 + 2 * 10_000_000 * 128 / (0.4 * 2 * 1e11)
    assert slower == pytest.approx(MEASURING + 7 * step * (100 + 30 / 3))


def test_steps_and_phases_count():
    spec = TrainSpec(
        steps_per_epoch=40,
        validation_steps=3,
        epochs=5,
        phases=(Phase(name="head", epochs=2), Phase(name="all")),
    )
    assert spec.most_epochs == 7
    assert Estimator([], HOST).seconds(planned(spec)) == pytest.approx(MEASURING + 7 * STEP * (40 + 3 / 3))


@pytest.mark.parametrize(("host", "macs"), [(None, 10_000_000), (HOST, None), (UNKNOWN_CARD, 10_000_000)])
def test_where_work_or_rate_are_not_known_an_epoch_takes_what_most_take(host, macs):
    seconds, basis = Estimator([], host).estimate(planned(TrainSpec(epochs=7), macs))
    assert (seconds, basis) == (MEASURING + 7 * EPOCH_SECONDS, "guessed from its protocol")


def test_a_cell_that_was_trained_takes_what_it_took():
    spec = TrainSpec(epochs=6, steps_per_epoch=30)
    before = make_record(
        values={"seconds": 20.0},
        stages={"training": 8.0},
        history=make_history(6),
        train=spec.model_dump(mode="json"),
    )
    estimator = Estimator([before], HOST)
    assert estimator.estimate(planned(spec)) == (20.0, "as last time")
    longer = planned(spec.model_copy(update={"epochs": 12, "steps_per_epoch": 60}))
    seconds, basis = estimator.estimate(longer)  # epochs took 0.55 s with their validation
    assert seconds == pytest.approx(12.0 + 12 * 0.55 * 2)
    assert basis == "guessed from its last epochs"
    assert estimator.estimate(planned(None))[0] == pytest.approx(12.0)


def test_a_cell_that_was_only_timed_gives_the_step():
    before = make_record(values={"seconds": 10.0}, step_ms=50.0, noise=0.0)
    seconds, basis = Estimator([before], HOST).estimate(planned(TrainSpec(epochs=2, steps_per_epoch=10)))
    assert seconds == pytest.approx(10.0 + 2 * 0.05 * (10 + 30 / 3))
    assert basis == "guessed from its step time"
