"""What to change, from records."""

import ast

import pytest

from bench.analyse.speedup.recommendation import recommendations
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.spread import Spread
from bench.report.suite.recommendation_text import code_lines, recommendation_text
from tests.records import make_record

QUIET = Spread(0.001)


def found(*variants):
    records = [make_record(baseline=True, step_ms=20.0), *variants]
    return list(recommendations(records, Standings(records, {records[0].host: QUIET})))


def variant(name, step_ms, **options):
    return make_record(variant=name, step_ms=step_ms, options=options)


def test_the_fastest_is_recommended_with_what_it_changes():
    (one,) = found(variant("bf16", 10.0, precision="mixed_bfloat16", pixels="uint8"), variant("xla", 15.0, xla=True))
    assert dict(one.changes) == {"precision": "mixed_bfloat16", "pixels": "uint8"}
    assert recommendation_text(one).startswith(
        "simple_cnn: change pixels to uint8 and precision to mixed_bfloat16: 2.0"
    )
    assert recommendation_text(one).endswith("times as fast as notebook")


def test_of_equals_the_one_that_changes_least():
    both = variant("both", 10.0, precision="mixed_bfloat16", cache="memory")
    (one,) = found(both, variant("one", 10.01, precision="mixed_bfloat16"))
    assert one.record.variant == "one"


def test_nothing_is_recommended_that_changes_what_is_learnt():
    assert found(variant("no-shuffle", 10.0, shuffle="none"), variant("small", 5.0, image_size=16)) == []


def test_nothing_where_the_faster_one_has_the_baselines_own_options():
    assert found(variant("lucky", 10.0)) == []
    (one,) = found(variant("lucky", 10.0), variant("bf16", 10.01, precision="mixed_bfloat16"))
    assert one.record.variant == "bf16"


def test_nothing_where_nothing_is_faster():
    assert found(variant("xla", 40.0, xla=True)) == []


def test_each_network_has_its_own():
    more = [
        make_record("vgg16", baseline=True, step_ms=600.0),
        make_record("vgg16", "xla", step_ms=300.0, options={"xla": True}),
    ]
    assert [one.record.model for one in found(variant("xla", 10.0, xla=True), *more)] == ["simple_cnn", "vgg16"]


@pytest.mark.parametrize(
    "changes",
    [
        {"precision": "mixed_bfloat16", "pixels": "uint8", "xla": True, "steps_per_execution": 16},
        {"cache": "memory", "prefetch": 2, "map": "autotune", "source": "tfrecord"},
        {"cache": "file", "prefetch": "autotune", "map": 2, "source": "memory", "pixels": "float32"},
        {"threads": 1, "tf32": False, "env": {"TF_ENABLE_ONEDNN_OPTS": "0"}, "source": "device"},
    ],
)
def test_every_option_has_lines_of_python(changes):
    lines = code_lines(changes)
    assert len(lines) >= len(changes)
    for line in lines:
        ast.parse(line)
