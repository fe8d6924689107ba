import sys
import time
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from bench.suite.options import Options
from bench.workload import pipeline
from bench.workload.data import Split
from bench.workload.pipeline import converted, evaluation_pipeline, training_pipeline
from tests.run.watching import becomes


@pytest.fixture
def split(rng):
    """Forty images, each of which tells its index by its first pixel."""
    images = rng.integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
    images[:, 0, 0, 0] = np.arange(40)
    return Split(images, np.arange(40, dtype=np.int64) % 7)


def batches(split, options, scratch, count, batch_size=8, folder=Path()):
    return [
        tuple(part.numpy() for part in batch)
        for batch in islice(training_pipeline(split, options, batch_size, 0, scratch, folder), count)
    ]


SOURCES = [
    {},
    {"map": 2},
    {"map": "autotune"},
    {"source": "tfrecord"},
    {"source": "tfrecord", "map": 3},
    {"cache": "memory"},
    {"map": "autotune", "cache": "file"},
    {"prefetch": 0},
    {"prefetch": 3},
]


@pytest.mark.parametrize("pixels", ["float64", "float32", "uint8"])
@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_every_way_gives_the_same_images(split, tmp_path, source, pixels):
    options = Options(pixels=pixels, shuffle="none", **source)
    found = batches(split, options, tmp_path, 5)
    images, labels = (np.concatenate(part) for part in zip(*found, strict=True))
    assert images.dtype == np.dtype(pixels)
    np.testing.assert_array_equal(labels, split.labels)
    np.testing.assert_array_equal(
        images, split.images if pixels == "uint8" else split.images / np.dtype(pixels).type(255)
    )


def test_an_epoch_of_the_shuffled_pipeline_is_each_image_once_in_another_order(split, tmp_path):
    found = batches(split, Options(pixels="uint8"), tmp_path, 10)
    for epoch in (found[:5], found[5:]):
        order = np.concatenate([images[:, 0, 0, 0] for images, _ in epoch])
        assert sorted(order) == list(range(40))
        assert list(order) != list(range(40))
    labels = np.concatenate([labels for _, labels in found])
    np.testing.assert_array_equal(labels, split.labels[np.concatenate([i[:, 0, 0, 0] for i, _ in found])])


def test_the_same_seed_gives_the_same_order(split, tmp_path):
    first, again = (batches(split, Options(pixels="uint8"), tmp_path, 5) for _ in range(2))
    np.testing.assert_array_equal(np.concatenate([i for i, _ in first]), np.concatenate([i for i, _ in again]))


def test_batches_are_whole_even_where_they_cross_epochs(split, tmp_path):
    assert {len(labels) for _, labels in batches(split, Options(), tmp_path, 7, batch_size=16)} == {16}


@pytest.mark.parametrize("way", [{}, {"map": 2}])
def test_images_are_resized(split, tmp_path, way):
    options = Options(image_size=12, pixels="uint8", shuffle="none", **way)
    images = np.concatenate([i for i, _ in batches(split, options, tmp_path, 5)])
    assert images.shape == (40, 12, 12, 3)
    np.testing.assert_array_equal(images, converted(split.images, options))


def test_device_resident_batches_are_indices(split, tmp_path):
    options = Options(source="device", shuffle="none")
    found = [batch.numpy() for batch in islice(training_pipeline(split, options, 8, 0, tmp_path), 6)]
    np.testing.assert_array_equal(np.concatenate(found), [*range(40), *range(8)])


def test_evaluation_sees_every_image_once_in_order(split):
    found = list(evaluation_pipeline(split, Options(), 16))
    assert [len(labels) for _, labels in found] == [16, 16, 8]
    np.testing.assert_array_equal(np.concatenate([images for images, _ in found]), split.images / 255)


def test_evaluation_spreads_labels_as_the_pipelines_batches_do(split, tmp_path):
    (tmp_path / "soft.py").write_text("import tensorflow as tf\ndef spread(x, y):\n    return x, tf.one_hot(y, 7)\n")
    for name, width in ((None, None), ("soft:spread", 7)):
        made = training_pipeline(split, Options(batch_map=name), 8, 0, tmp_path, tmp_path)
        assert pipeline.one_hot_width(made.element_spec) == width
        _, labels = next(iter(evaluation_pipeline(split, Options(), 8, width)))
        assert labels.shape == ((8,) if width is None else (8, 7))
        found = labels.numpy() if width is None else labels.numpy().argmax(axis=-1)
        np.testing.assert_array_equal(found, split.labels[:8])


def test_no_images_convert_to_none():
    assert converted(np.zeros((0, 8, 8, 3), np.uint8), Options(image_size=12)).shape == (0, 12, 12, 3)


WAIT = 0.02


def waiting(split, tmp_path, prefetch, ahead, own=WAIT, batches=12):
    """Seconds that a batch takes a consumer that itself needs `own`, where the pipeline needs `WAIT` for each.

    While the consumer has a batch, the pipeline begins so many `ahead`: it is waited for until it has.
    """
    (tmp_path / "waits.py").write_text(
        "import time\nimport tensorflow as tf\n"
        "begun = []\n"
        "def wait(images, labels):\n"
        "    def rest(labels):\n"
        "        begun.append(len(begun))\n"
        f"        time.sleep({WAIT})\n"
        "        return labels\n"
        "    return images, tf.ensure_shape(tf.numpy_function(rest, [labels], labels.dtype), labels.shape)\n"
    )
    options = Options(batch_map="waits:wait", prefetch=prefetch, shuffle="none", pixels="uint8")
    delivered = iter(training_pipeline(split, options, 8, 0, tmp_path, tmp_path))
    next(delivered)
    begun = sys.modules["waits"].begun
    began = time.perf_counter()
    for number in range(1, batches + 1):
        time.sleep(own)
        assert becomes(lambda done=number: len(begun) >= done + ahead)
        assert len(begun) <= number + ahead + bool(ahead)  # one is at work while the buffer is full
        next(delivered)
    begun.clear()
    return (time.perf_counter() - began) / batches


def test_a_function_on_batches_is_given_whole_batches_and_may_change_them(split, tmp_path):
    (tmp_path / "mine.py").write_text("def shifted(images, labels):\n    return images + 1, labels * 10\n")
    plain, mapped = (
        batches(split, Options(pixels="uint8", shuffle="none", batch_map=name), tmp_path, 5, folder=tmp_path)
        for name in (None, "mine:shifted")
    )
    for (images, labels), (changed, others) in zip(plain, mapped, strict=True):
        np.testing.assert_array_equal(changed, images + np.uint8(1))
        np.testing.assert_array_equal(others, labels * 10)


def test_without_prefetch_pipeline_and_consumer_wait_for_each_other(split, tmp_path):
    assert waiting(split, tmp_path, prefetch=0, ahead=0) >= 2 * WAIT


def test_with_prefetch_the_longer_of_the_two_is_what_a_batch_takes(split, tmp_path):
    """For the pipeline works on the next ones meanwhile, and the consumer finds them ready."""
    assert waiting(split, tmp_path, prefetch=0, ahead=0, own=1.5 * WAIT) >= 2.5 * WAIT
    assert waiting(split, tmp_path, prefetch=2, ahead=2, own=1.5 * WAIT) >= 1.5 * WAIT


@pytest.mark.parametrize("cache", ["memory", "file"])
def test_no_batch_of_a_full_cache_asks_its_source(split, tmp_path, monkeypatch, cache):
    asked = []

    def asking(label):
        asked.append(int(label))
        return label

    def asked_for(image, label):
        return image, tf.ensure_shape(tf.numpy_function(asking, [label], label.dtype), label.shape)

    plain = pipeline._source
    monkeypatch.setattr(pipeline, "_source", lambda *arguments: plain(*arguments).map(asked_for))
    made = training_pipeline(split, Options(cache=cache), 8, 0, tmp_path, filled=True)
    assert len(asked) == len(split)
    assert len(list(made.take(12))) == 12  # more than two passes
    assert len(asked) == len(split)


@pytest.mark.parametrize(("parallel", "at_once"), [("none", 1), (2, 2)])
def test_maps_run_one_after_the_other_unless_more_are_asked_for(split, tmp_path, parallel, at_once):
    (tmp_path / f"met_{parallel}.py").write_text(
        "import threading\nimport tensorflow as tf\n"
        "met = []\n"
        "both = threading.Barrier(2)\n"
        "def meet(labels):\n"
        "    try:\n"
        "        both.wait(0.5)\n"
        "        met.append(2)\n"
        "    except threading.BrokenBarrierError:\n"
        "        both.reset()\n"
        "        met.append(1)\n"
        "    return labels\n"
        "def mapped(images, labels):\n"
        "    met = tf.numpy_function(meet, [labels], labels.dtype, stateful=False)\n"
        "    return images, tf.ensure_shape(met, labels.shape)\n"
    )
    options = Options(map=parallel, batch_map=f"met_{parallel}:mapped", prefetch=2, shuffle="none", pixels="uint8")
    batches(split, options, tmp_path, 2, folder=tmp_path)
    assert max(sys.modules[f"met_{parallel}"].met) == at_once


def test_how_tf_data_runs_the_pipeline(split, tmp_path):
    options = Options(deterministic=False, pipeline_threads=3, autotune_ram_mib=64)
    found = training_pipeline(split, options, 8, 0, tmp_path).options()
    assert found.deterministic is False
    assert (found.threading.private_threadpool_size, found.autotune.ram_budget) == (3, 64 * 2**20)
    (tmp_path / "plain").mkdir()
    plain = training_pipeline(split, Options(), 8, 0, tmp_path / "plain").options()
    assert (plain.deterministic, plain.threading.private_threadpool_size) == (None, None)
