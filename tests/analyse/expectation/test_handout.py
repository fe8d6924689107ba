import math

import pytest

from bench.analyse.expectation.handout import beside, handout
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.host.profile import HostProfile, Published, PublishedTime
from bench.instruments.stats import Estimate
from tests.records import PARAMS, changed, make_data, make_failed, make_record

NETWORKS = {"simple_cnn": 15.0, "vgg16": 75.0}
TIMES = tuple(
    PublishedTime(model=model, batch_size=128, step_ms=step_ms, trainable_params=PARAMS[model])
    for model, step_ms in NETWORKS.items()
)
T4 = HostProfile(
    id="colab-t4", label="Colab (Tesla T4)", published=Published(source="a table", ai_score=14_248, times=TIMES)
)
OTHER = HostProfile(
    id="other",
    label="Other",
    published=Published(source="a table", times=(TIMES[1].model_copy(update={"step_ms": 53.5}),)),
)
MEASURED = HostProfile(id="xeon-2-cores", label="Xeon")


def measured(*records):
    return {row.model: row.measured for row in handout([T4, OTHER, MEASURED], records).rows}


def test_rows_and_columns():
    cnn, vgg = make_record(), make_record("vgg16", step_ms=616, host="rtx")
    found = handout([T4, OTHER, MEASURED], [cnn, vgg])
    assert found.references == (T4, OTHER)
    assert found.measured == ("xeon-2-cores", "rtx")
    assert [(row.model, row.batch_size, row.trainable_params) for row in found.rows] == [
        ("simple_cnn", 128, 128_420),
        ("vgg16", 128, 14_765_988),
    ]
    assert set(found.rows[0].published) == {"colab-t4"}
    assert set(found.rows[1].published) == {"colab-t4", "other"}
    assert found.rows[0].measured == {"xeon-2-cores": cnn}
    assert found.rows[1].measured == {"rtx": vgg}


@pytest.mark.parametrize(
    "record",
    [
        make_record(variant="xla", options={"xla": True}),
        make_record(options={"prefetch": 1}),
        make_record(batch_size=64),
        make_record(data=make_data(shape=(64, 64, 3))),
        make_record(values={"trainable_params": 128_421}),
        make_record(values={}),
        make_record("ResNet50"),
        changed(make_record(), ("options", "unknown"), 1),
        make_record(count=1),
        make_record(executor="inline"),
        make_failed(variant="notebook"),
    ],
    ids=lambda record: record.cell,
)
def test_anything_else_than_the_published_cell_is_left_out(record):
    assert measured(record) == {"simple_cnn": {}, "vgg16": {}}


def test_the_variant_may_have_another_name():
    assert "xeon-2-cores" in measured(make_record(variant="as_published"))["simple_cnn"]


def test_of_several_suites_the_newest_counts():
    old = make_record(started="2026-01-05T10:00:00Z")
    new = make_record(suite="mine", started="2026-01-06T10:00:00Z")
    assert measured(new, old)["simple_cnn"] == {"xeon-2-cores": new}


def estimated(ms, margin):
    return Estimate(ms / 1e3, ms / 1e3 * (1 - margin), ms / 1e3 * (1 + margin), 10, 100, ms / 10)


def test_beside_a_published_figure():
    found = beside(TIMES[0], estimated(30.0, 0.0), UNMEASURED)
    assert found.value == pytest.approx(0.5)
    processes = math.exp(1.96 * UNMEASURED.share)
    assert found.low == pytest.approx(14.5 / 30 / processes)
    assert found.high == pytest.approx(15.5 / 30 * processes)
    wider = beside(TIMES[0], estimated(30.0, 0.02), UNMEASURED)
    assert wider.low < found.low
    assert wider.high > found.high


def test_a_figure_with_a_fraction_was_not_rounded_to_whole_milliseconds():
    found = beside(OTHER.published.times[0], estimated(53.5, 0.0), UNMEASURED)
    assert found.high == pytest.approx(1 / found.low) == pytest.approx(math.exp(1.96 * UNMEASURED.share))


def test_the_spread_is_that_of_the_host_that_measured():
    sure = beside(OTHER.published.times[0], estimated(53.5, 0.0), Spread(0.001, 19, measured=True))
    assert sure.high == pytest.approx(math.exp(0.001 * 2.093), rel=1e-5)
