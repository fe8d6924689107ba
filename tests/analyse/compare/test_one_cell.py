from pathlib import Path

import pytest

from bench.analyse.compare.one_cell import NamedCell, both_cells
from bench.errors import InputError
from bench.results.sides import StoredSide
from tests.records import make_record, make_trained

RECORDS = (
    *(make_trained(variant=variant, seed=seed) for variant in ("notebook", "xla") for seed in (0, 1)),
    make_trained(variant="xla", batch_size=64),
    make_trained("tuned", network={"network": "simple_cnn"}),
    make_record("vgg16", suite="cnn"),
    make_trained(host="t4", step_ms=4),
)


def named(cell, records=RECORDS, host=None, suite=None):
    return NamedCell(StoredSide("@", Path(), host, suite, tuple(records), ()), cell, f"@:{cell}")


def here(cell):
    return named(cell, [record for record in RECORDS if record.host == "xeon-2-cores"])


@pytest.mark.parametrize(
    ("text", "name", "seeds"),
    [
        ("simple_cnn/notebook/b128", "simple_cnn/notebook/b128", [0, 1]),
        ("simple_cnn/notebook", "simple_cnn/notebook/b128", [0, 1]),
        ("simple_cnn/xla/b64", "simple_cnn/xla/b64", [0]),
        ("simple_cnn/xla/b128/s1", "simple_cnn/xla/b128", [1]),
        ("tuned", "tuned/notebook/b128", [0]),
    ],
)
def test_an_id_or_its_beginning_names_a_cell_with_its_seeds(text, name, seeds):
    other = "simple_cnn/xla/b128" if "xla" not in text else "simple_cnn/notebook"
    found, _ = both_cells(here(text), here(other))
    assert (found.name, [record.seed for record in found.records]) == (name, seeds)


def test_only_the_newest_record_of_a_seed_speaks():
    newer = make_trained(started="2026-01-09T10:00:00+00:00", accuracy=0.9)
    before, after = both_cells(named("simple_cnn", [newer, make_trained()]), named("simple_cnn", [make_trained()]))
    assert before.records == (newer,)
    assert after.records != before.records


def test_a_side_is_narrowed_to_the_hosts_and_suites_of_the_other():
    t4 = [record for record in RECORDS if record.host == "t4"]
    _, after = both_cells(named("simple_cnn", t4, host="t4"), here("simple_cnn/xla/b64"))
    assert after.first.host == "xeon-2-cores"
    with pytest.raises(InputError, match="no cell 'tuned' in t4/trained"):
        both_cells(named("simple_cnn", t4, host="t4"), named("tuned"))


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (
            here("simple_cn/xla"),
            here("simple_cnn/notebok"),
            ["no cell 'simple_cn/xla'; did you mean 'simple_cnn/xla'?", "did you mean 'simple_cnn/notebook'?"],
        ),
        (here("simple_cnn/xl"), here("tuned"), ["no cell 'simple_cnn/xl'"]),
        (here("simple_cnn/xla"), here("tuned"), ["names 2 cells; name one: simple_cnn/xla/b128, simple_cnn/xla/b64"]),
        (
            named("simple_cnn/notebook"),
            named("simple_cnn/notebook/b128"),
            ["simple_cnn/notebook/b128 was measured in 2 places; name one: xeon-2-cores/trained, t4/trained"],
        ),
        (here("tuned"), here("vgg16"), ["'@:tuned' is a cell of tuned and '@:vgg16' of vgg16", "one model"]),
        (here("tuned"), here("tuned/notebook"), ["the very same records"]),
        (here("simple_cnn/xla/b128/s7"), here("tuned"), ["no cell 'simple_cnn/xla/b128/s7'"]),
    ],
)
def test_bad_names(before, after, says):
    with pytest.raises(InputError) as raised:
        both_cells(before, after)
    assert all(part in str(raised.value) for part in says), raised.value
