"""Input pipelines of a user's own: what a variant changes of them, and what is said of those that can't be used."""

from itertools import islice
from pathlib import Path

import pytest

import bench
from bench.errors import InputError
from bench.suite.options import Options
from bench.suite.spec import DataSpec
from bench.workload.directions import direction
from bench.workload.own_pipeline import OwnPipeline, own_data_info
from bench.workload.seams import Choices, choosing

FOLDER = Path(__file__).parent


def spec(function, **more):
    return DataSpec(name=f"own_pipelines:{function}", pipeline=f"own_pipelines:{function}", **more)


def info(function, size=8, **more):
    return own_data_info(spec(function, **more), size, FOLDER)


def made(function, tmp_path, size=8, filled=False, options=None, **more):
    data = OwnPipeline(spec(function, **more), options or Options(), size, 0, FOLDER)
    return data.training(tmp_path / "made", filled=filled)


def drawn(dataset, count):
    return [element.numpy().tolist() for element in islice(dataset, count)]


def test_single_examples_get_what_the_options_say(tmp_path):
    found = {}
    for how in ("all", "none"):
        (tmp_path / how).mkdir()
        found[how] = drawn(made("indices", tmp_path / how, options=Options(shuffle=how)), 5)
    shuffled, plain = found.values()
    assert plain == [list(range(at, at + 8)) for at in range(0, 40, 8)]
    assert sorted(number for batch in shuffled for number in batch) == list(range(40))
    assert shuffled != plain


@pytest.mark.parametrize(("function", "size"), [("batched", 5), ("sized", 8), ("endless", 8), ("texts", 8)])
def test_batches_never_end_whatever_the_function_gives(tmp_path, function, size):
    for facts, labels in islice(made(function, tmp_path, size, batched=function == "batched"), 11):
        assert len(facts["words"]) == len(labels)
        assert len(labels) in (size, 18 % 8)


def test_seams_do_what_the_variant_says_and_are_not_done_again_at_the_end(tmp_path):
    given = info("seams")
    assert given.pipeline.seams == ("batch", "cache", "map", "prefetch", "shuffle")
    assert (given.pipeline.batched, given.pipeline.element) == (True, "int64 [batch]")
    every = drawn(made("seams", tmp_path, options=Options(shuffle="none", cache="memory"), filled=True), 5)
    assert every == [[2 * at for at in range(first, first + 8)] for first in range(0, 40, 8)]


def test_seams_outside_of_a_suite_serve_the_users_own_training():
    import own_pipelines

    first = next(iter(own_pipelines.seams()))
    assert first.numpy().tolist() == [0, 2, 4, 6, 8, 10, 12]
    try:
        bench.options.use(map="autotune", batch_size=3)
        assert bench.options.map_calls() == -1
        assert next(iter(own_pipelines.seams())).shape == (3,)
    finally:
        bench.options.use()
    with pytest.raises(InputError, match="knows no size here"):
        bench.options.batch()
    with choosing(Choices(Options(cache="file"))), pytest.raises(InputError, match="has a folder for it"):
        bench.options.cache()


def test_what_is_said_of_a_pipeline():
    given = info("texts", validation="own_pipelines:texts_held_out", unit={"tokens": 6})
    assert (given.train_images, given.shape, given.classes) == (40, None, None)
    assert given.pipeline.element == "({words: int64 [batch, 6], facts: float32 [batch, 3]}, float32 [batch, 1])"
    assert (given.unit, given.pipeline.units_per_example, given.pipeline.element_bytes) == ("tokens", 6, 64)
    assert not given.pipeline.batched
    assert info("endless").train_images is None
    assert info("endless").pipeline.endless
    assert info("endless", examples=40).train_images == 40
    assert info("batched", batched=True).pipeline.batch_size == 5


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        ("nothing", "own_pipelines:nothing returned None; it must return a tf.data.Dataset"),
        ("empty", "own_pipelines:empty: it has no whole batch"),
        ("raises", "own_pipelines:raises raised OSError: the disk has gone"),
        ("of_many_sizes", "no batch can be made: .*give batches"),
        ("no_such", "own_pipelines has no function 'no_such'"),
    ],
)
def test_what_cannot_be_used_is_told(function, fault):
    with pytest.raises(InputError, match=fault):
        info(function)


def test_judged_in_order_once_and_no_more_than_wanted():
    data = OwnPipeline(spec("indices", validation="own_pipelines:endless"), Options(), 8, 0, FOLDER)
    batches, count = data.judging("train", 12)
    assert (count, drawn(batches, 9)) == (16, [list(range(8)), list(range(8, 16))])
    assert data.judging("test") is None
    assert data.judging("held_out", 20)[1] == 24
    with pytest.raises(InputError, match="never ends"):
        data.judging("held_out")


@pytest.mark.parametrize(
    ("name", "better"),
    [("val_mean_absolute_error", "lower"), ("binary_io_u", "higher"), ("false_negatives", "lower"), ("norm", None)],
)
def test_which_way_a_metric_is_better_goes_by_its_name(name, better):
    assert direction(name) == better
