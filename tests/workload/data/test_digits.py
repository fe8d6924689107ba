"""The real images that come with the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.suite.spec import DataSpec
from bench.workload.data import digits, load

# images of each digit in the published test part, from its description at the UCI repository
PUBLISHED = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def everything():
    train, test = digits.read()
    return np.concatenate([train.images, test.images]), np.concatenate([train.labels, test.labels])


def test_all_published_images_are_there_in_grey_from_black_to_white():
    images, labels = everything()
    assert images.shape == (1797, 32, 32, 3)
    assert images.dtype == np.uint8
    assert np.bincount(labels).tolist() == PUBLISHED
    assert len(np.unique(images)) == 17
    assert (images.min(), images.max()) == (0, 255)
    assert np.array_equal(images[..., 0], images[..., 2])


def test_the_test_images_are_a_part_of_their_own_with_every_digit_in_it():
    train, test = digits.read()
    assert (len(train), len(test)) == (1500, 297)
    assert np.bincount(test.labels, minlength=10).min() >= 15


def test_a_published_pixel_fills_a_block():
    images = digits.read()[0].images[..., 0]
    blocks = images.reshape(-1, 8, 4, 8, 4)
    assert (blocks == blocks[:, :, :1, :, :1]).all()


def test_the_first_published_image_is_the_zero_that_everyone_knows():
    rows = np.array([[0, 0, 5, 13, 9, 1, 0, 0], [0, 0, 13, 15, 10, 15, 5, 0]])
    scaled = np.floor(rows * 255 / 16 + 0.5)
    images, labels = everything()
    found = (images[:, :8:4, ::4, 0] == scaled).all(axis=(1, 2))
    assert labels[found].tolist() == [0]


def test_every_digit_is_held_out_and_loading_again_gives_the_same():
    first, second = (load(DataSpec(name="digits"), data_dir=None, strict=True, folder=Path()) for _ in range(2))
    assert first.info == second.info
    assert (first.info.train_images, first.info.held_out_images, first.info.test_images) == (1275, 225, 297)
    assert not first.info.synthetic
    assert np.bincount(first.held_out.labels, minlength=10).min() >= 15
    assert first.info.classes == 10


def test_a_subset_of_digits_keeps_their_labels():
    spec = DataSpec(name="digits", subset=(4, 9))
    dataset = load(spec, data_dir=None, strict=True, folder=Path())
    assert set(dataset.train.labels) == {4, 9}
    info = dataset.info
    assert info.train_images + info.held_out_images + info.test_images == PUBLISHED[4] + PUBLISHED[9]


def test_the_licence_comes_with_them():
    text = Path(digits.__file__).with_name("digits.LICENSE.txt").read_text(encoding="utf-8")
    assert "CC BY 4.0" in text
    assert "Alpaydin" in text
