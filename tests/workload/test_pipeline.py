from itertools import islice

import numpy as np
import pytest

from bench.suite.options import Options
from bench.workload.data import Split
from bench.workload.pipeline import converted, evaluation_pipeline, training_pipeline


@pytest.fixture
def split(rng):
    """Forty images, each of which tells its index by its first pixel."""
    images = rng.integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
    images[:, 0, 0, 0] = np.arange(40)
    return Split(images, np.arange(40, dtype=np.int64) % 7)


def batches(split, options, scratch, count, batch_size=8):
    return [
        tuple(part.numpy() for part in batch)
        for batch in islice(training_pipeline(split, options, batch_size, 0, scratch), count)
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


def test_no_images_convert_to_none():
    assert converted(np.zeros((0, 8, 8, 3), np.uint8), Options(image_size=12)).shape == (0, 12, 12, 3)
