"""Images from a seed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import InputError
from bench.suite.spec import DataSpec
from bench.workload.data import load, synthetic
from tests import warm

SHAPES = st.tuples(st.integers(8, 40), st.integers(8, 40), st.integers(1, 6))


@given(SHAPES, st.integers(2, 1000), st.integers(1, 60), st.integers(0, 2**32))
def test_any_shape_and_any_number_of_classes(shape, classes, images, seed):
    made = synthetic.make(shape, classes, images, seed=seed)
    assert made.images.shape == (images, *shape)
    assert made.images.dtype == np.uint8
    assert made.labels.dtype == np.int64
    counts = np.bincount(made.labels, minlength=classes)
    assert len(counts) == classes
    assert counts.max() - counts.min() <= 1


@given(st.integers(2, 30), st.integers(1, 90), st.integers(0, 9), st.data())
def test_a_part_of_the_classes_has_the_images_that_it_has_among_all(classes, images, seed, data):
    kept = data.draw(st.lists(st.integers(0, classes - 1), unique=True))
    whole = synthetic.make((8, 9, 3), classes, images, seed=seed)
    part = synthetic.make((8, 9, 3), classes, images, seed=seed, kept=kept)
    assert np.array_equal(part.images, whole.of_classes(kept).images)
    assert np.array_equal(part.labels, whole.of_classes(kept).labels)


def test_seeds_and_parts_differ_and_one_seed_is_always_the_same():
    def made(seed: int, part: int) -> bytes:
        return synthetic.make((8, 8, 1), 4, 8, seed=seed, part=part).images.tobytes()

    assert len({made(0, 0), made(0, 1), made(1, 0)}) == 3
    assert made(3, 1) == made(3, 1)


def test_no_image_comes_twice():
    made = synthetic.make((8, 8, 1), 2, 200, seed=0)
    assert len({image.tobytes() for image in made.images}) == 200


def test_classes_share_no_noise():
    made = synthetic.make((64, 64, 1), 2, 2, seed=0)
    assert abs(np.corrcoef(*made.images.reshape(2, -1))[0, 1]) < 0.2


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_every_class_has_a_signal_of_its_own(channels):
    # of two classes with one signal the mean spectra across channels would agree but for chance
    made = synthetic.make((32, 32, channels), 12, 12 * 200, seed=0)
    pixels = made.images.astype(np.float64)
    pixels -= pixels.mean(axis=(1, 2), keepdims=True)
    waves = np.fft.fft2(pixels, axes=(1, 2))
    products = (waves[..., :, np.newaxis] * waves[..., np.newaxis, :].conj()).real
    means = np.stack([products[made.labels == label].mean(axis=0).ravel() for label in range(12)])
    halves = np.stack([products[made.labels == label][::2].mean(axis=0).ravel() for label in range(12)])
    nearest = np.linalg.norm(halves[:, np.newaxis] - means[np.newaxis], axis=2)
    apart = nearest + np.diag(np.full(12, np.inf))
    assert (np.diag(nearest) < 0.5 * apart.min(axis=1)).all()


def test_pixel_means_tell_nothing():
    made = synthetic.make((16, 16, 3), 4, 4 * 1000, seed=0)
    means = np.stack([made.images[made.labels == label].mean(axis=0) for label in range(4)])
    assert np.abs(means - 127.5).max() < 12  # of a deviation of 45 in single pixels


def test_by_name_it_has_what_the_suite_asks_for():
    spec = DataSpec(name="synthetic", shape=(16, 24, 1), classes=7, images=100, test_images=30, held_out=0.1)
    dataset = load(spec, data_dir=None, strict=True, folder=Path())
    info = dataset.info
    assert (info.name, info.requested, info.synthetic, info.reason) == ("synthetic", "synthetic", True, None)
    assert (info.shape, info.classes, info.subset) == ((16, 24, 1), 7, None)
    assert (info.train_images, info.held_out_images, info.test_images) == (90, 10, 30)
    assert len(dataset.held_out) == 10


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"images": 10**18}, "data: 1,000,000,000,000,002,000 synthetic images of 32×32×3, training and test, take "),
        (
            {"shape": (10**6, 10**6, 3), "images": 10, "test_images": 1},
            "data: 11 synthetic images of 1000000×1000000×3",
        ),
        ({"images": 10**13, "subset": (1,)}, "of memory; this machine has "),
    ],
)
def test_more_images_than_memory_are_refused(spec, said):
    with pytest.raises(InputError) as caught:
        load(DataSpec(name="synthetic", **spec), data_dir=None, strict=True, folder=Path())
    assert said in str(caught.value)


TRAIN = """
import json, keras, numpy as np
from bench.workload.data.synthetic import make
keras.utils.set_random_seed(0)
train, held_out = make((32, 32, 3), 10, 3000, seed=0), make((32, 32, 3), 10, 500, seed=0, part=1)
layers = keras.layers
convolutions = [layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D(),
                layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(), layers.Conv2D(32, 3, activation="relu")]
def accuracy(*inner):
    model = keras.Sequential([layers.Rescaling(1 / 255), *inner, layers.Flatten(), layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.002), loss, metrics=["accuracy"], jit_compile=False)
    model.fit(train.images, train.labels, batch_size=32, epochs=4, verbose=0)
    return model.evaluate(held_out.images, held_out.labels, verbose=0)[1]
print(json.dumps({"cnn": accuracy(*convolutions), "linear": accuracy()}))
"""


@pytest.mark.long
def test_a_cnn_learns_the_classes_and_a_linear_model_does_not():
    done = warm.run(
        [sys.executable, "-c", TRAIN], cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True
    )
    accuracy = json.loads(done.stdout.splitlines()[-1])
    assert accuracy["cnn"] >= 0.8
    assert accuracy["linear"] <= 0.5
