import numpy as np
import pytest
import tensorflow as tf

from bench.suite.options import Options
from bench.workload.augment import FlipAndShift, flip_and_shift
from bench.workload.data import Split
from bench.workload.pipeline import training_pipeline


def every_outcome(image, shift=1):
    """All that flipping and shifting an image [8, 8, C] by up to `shift` pixels can give."""
    size = image.shape[0]
    padded = np.pad(image, ((shift, shift), (shift, shift), (0, 0)))
    cuts = [
        padded[top : top + size, left : left + size] for top in range(2 * shift + 1) for left in range(2 * shift + 1)
    ]
    return {cut.tobytes() for cut in cuts} | {np.ascontiguousarray(cut[:, ::-1]).tobytes() for cut in cuts}


@pytest.mark.parametrize("compiled", [False, True], ids=["plain", "xla"])
def test_images_are_flipped_and_shifted_each_by_its_own_chance(rng, compiled):
    images = rng.integers(1, 256, (300, 8, 8, 3), dtype=np.uint8)
    function = tf.function(flip_and_shift, jit_compile=compiled)
    out = function(tf.constant(images), tf.constant([1, 2])).numpy()
    assert out.dtype == images.dtype
    for before, after in zip(images, out, strict=True):
        assert after.tobytes() in every_outcome(before)
    same = np.tile(images[:1], (300, 1, 1, 1))
    outcomes = {image.tobytes() for image in function(tf.constant(same), tf.constant([3, 4])).numpy()}
    # 18 outcomes, 300 draws: all but surely each is seen
    assert outcomes == every_outcome(images[0])


def test_the_layer_augments_in_training_only(rng):
    images = rng.random((50, 8, 8, 3), dtype=np.float32)
    layer = FlipAndShift()
    np.testing.assert_array_equal(layer(images, training=False), images)
    assert not np.array_equal(layer(images, training=True), images)


def test_the_pipeline_augments_anew_in_every_epoch(rng, tmp_path):
    split = Split(rng.integers(1, 256, (16, 8, 8, 3), dtype=np.uint8), np.arange(16, dtype=np.int64))
    options = Options(pixels="uint8", shuffle="none", augment="pipeline", cache="memory")
    first, second = (images.numpy() for images, _ in training_pipeline(split, options, 16, 0, tmp_path).take(2))
    assert not np.array_equal(first, second)
    for before, after in zip(split.images, first, strict=True):
        assert after.tobytes() in every_outcome(before)
