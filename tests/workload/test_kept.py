"""What was trained, kept in a file and judged from it."""

import keras
import numpy as np
import pytest
from keras import layers

from bench.errors import InputError
from bench.suite.options import Options
from bench.workload.data import Split
from bench.workload.kept import judge, keep

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")])


@pytest.fixture
def unseen(rng):
    return Split(rng.integers(0, 255, (90, 8, 8, 1)).astype(np.uint8), np.arange(90, dtype=np.int64) % 3)


def test_what_was_kept_gives_the_same_accuracy(model, unseen, tmp_path):
    keep(model, tmp_path / "deep" / "m.keras")
    _, share = judge(tmp_path / "deep" / "m.keras", unseen, Options(pixels="float32"))
    shares = model.predict(unseen.images / 255, verbose=0)
    assert share == pytest.approx(np.mean(shares.argmax(1) == unseen.labels), abs=0.012)
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["m.keras"]


class Unregistered(layers.Layer):
    def call(self, images):
        return images


def test_what_could_not_be_loaded_again_is_not_kept(model, tmp_path):
    odd = keras.Sequential([keras.Input((8, 8, 1)), Unregistered(), *model.layers])
    with pytest.raises(TypeError, match="Unregistered"):
        keep(odd, tmp_path / "m.keras")
    assert not list(tmp_path.iterdir())


def test_code_that_lies_in_a_file_is_not_run(unseen, tmp_path):
    made = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Lambda(lambda x: x), layers.Flatten(), layers.Dense(3, "softmax")]
    )
    made.save(tmp_path / "m.keras")
    with pytest.raises(InputError, match=r"can't be loaded: .*[Ll]ambda"):
        judge(tmp_path / "m.keras", unseen, Options())
    with pytest.raises(ValueError, match=r"[Ll]ambda"):
        keep(made, tmp_path / "other.keras")


def test_images_of_another_size_are_refused(model, unseen, tmp_path):
    keep(model, tmp_path / "m.keras")
    with pytest.raises(InputError, match="takes images of 8×8×1 and not 12×12×1"):
        judge(tmp_path / "m.keras", unseen, Options(image_size=12))
