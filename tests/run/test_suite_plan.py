"""What a suite's cells will take on hosts, by hand."""

import pytest

from bench.analyse.planning.budget import parse_budget
from bench.host.costs import Price, Quota
from bench.host.profile import HostProfile, Published, PublishedTime
from bench.run.suite_plan import data_of, suite_plan
from bench.suite.options import Options
from bench.suite.recipe import TrainSpec
from bench.suite.spec import DataSpec, Variant
from tests.host_trees import cpu
from tests.records import make_cell, make_data, make_record

HOST = HostProfile(id="here", label="Here", hardware=cpu(), price=Price(per_hour=3.6, currency="EUR"))
TIME = PublishedTime(model="simple_cnn", batch_size=128, step_ms=15, trainable_params=128_420)
REFERENCE = HostProfile(id="theirs", label="Theirs", published=Published(source="a page", times=(TIME,)))
MEASURING = 5.0 + 0.4 + 20.0  # a start, and what the protocol allows
TRAIN = TrainSpec(epochs=4, steps_per_epoch=30)


def before(seconds=30.0, **changes):
    return make_record(**({"host": "here", "values": {"seconds": seconds}} | changes))


def test_what_was_measured_there_is_known_and_the_rest_guessed():
    cells = [make_cell(), make_cell(id="simple_cnn/xla/b128", variant=Variant(name="xla", options=Options(xla=True)))]
    found = suite_plan(cells, HOST, [before(), before(host="other", cell="simple_cnn/xla/b128")], {})
    assert [(one.is_known, one.basis) for one in found.cells] == [
        (True, "as last time"),
        (False, "guessed from its protocol"),
    ]
    assert found.known.value == pytest.approx(30)
    assert found.seconds.value == pytest.approx(30 + MEASURING)
    assert found.seconds.low is None
    assert found.money.value.value == pytest.approx(0.001 * (30 + MEASURING))
    assert found.quota_hours.reason == "no quota in hosts/here.yaml"
    (guess,) = found.guessed
    assert guess.cell == "simple_cnn/xla/b128"


def test_several_runs_give_an_interval():
    runs = [before(seconds, started=f"2026-01-0{day}T10:00:00+00:00") for day, seconds in ((5, 30.0), (6, 34.0))]
    found = suite_plan(
        [make_cell()], HOST.model_copy(update={"quota": Quota(hours=9, per="day", source="x")}), runs, {}
    )
    assert found.seconds.value == pytest.approx(32)
    assert found.seconds.low < 30 < 34 < found.seconds.high
    assert found.quota_hours.value.value == pytest.approx(32 / 3600)
    other = [*runs, before(90.0, started="2026-01-04T10:00:00+00:00", accuracy_fingerprint="of other data")]
    assert suite_plan([make_cell()], HOST, other, {}).seconds.value == pytest.approx(32)


def test_what_cannot_run_there_takes_no_time():
    half = Variant(name="float16", options=Options(precision="mixed_float16"))
    found = suite_plan([make_cell(variant=half)], HOST, [], {})
    assert "needs a GPU" in found.cells[0].skip
    assert found.seconds.value == 0


def test_a_published_step_time_tells_what_a_training_takes():
    data = {("cnn", "simple_cnn/notebook/b128"): make_data(held_out_images=1_280)}
    found = suite_plan([make_cell(train=TRAIN)], REFERENCE, [], data)
    assert found.cells[0].basis == "guessed from its step time"
    assert found.seconds.value == pytest.approx(MEASURING + 4 * 0.015 * (30 + 10 / 3))
    xla = Variant(name="xla", options=Options(xla=True))
    assert suite_plan([make_cell(train=TRAIN, variant=xla)], REFERENCE, [], data).cells[0].basis.endswith("protocol")


def test_a_step_time_that_another_suite_measured_there_does_too():
    cell = make_cell(suite="other", train=TRAIN)
    data = {("other", cell.id): make_data(held_out_images=0)}
    found = suite_plan([cell], HOST, [before(step_ms=20.0, noise=0.0)], data)
    assert found.cells[0].basis == "guessed from its step time"
    assert found.seconds.value == pytest.approx(MEASURING + 4 * 0.02 * 30)


def test_what_cells_are_fed_is_read_where_no_record_tells():
    digits = make_cell(data=DataSpec(name="digits"), train=TRAIN)
    assert data_of([digits], [])["cnn", digits.id].train_images == 1_275
    assert data_of([digits], [make_record()])["cnn", digits.id].train_images == 8_500
    own = make_cell(data=DataSpec(name="no_such_module:load"), train=TRAIN)
    assert data_of([own, make_cell()], []) == {}


def test_a_budget_pays_for_cells_from_the_first_on():
    cells = [make_cell(), make_cell(suite="other")]
    found = suite_plan(cells, HOST, [before()], {})
    assert found.within(parse_budget("31 s")).value == ("simple_cnn/notebook/b128",)
    assert len(found.within(parse_budget("1 EUR")).value) == 2
    assert found.within(parse_budget("1 quota hour")).reason == "no quota in hosts/here.yaml"
