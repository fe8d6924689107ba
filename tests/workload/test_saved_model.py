"""Training, kept in a file and judged from it."""

import keras
import numpy as np
import pytest
from keras import layers

from bench.errors import InputError
from bench.suite.options import Options
from bench.suite.spec import ModelSpec
from bench.workload.data import Split
from bench.workload.saved_model import judge, keep, rebuild
from bench.workload.weights_file import load_weights
from tests.records import make_data

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own


def made(*more):
    return keras.Sequential([keras.Input((8, 8, 1)), *more, layers.Flatten(), layers.Dense(3, activation="softmax")])


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return made()


@pytest.fixture
def unseen(rng):
    return Split(rng.integers(0, 255, (90, 8, 8, 1)).astype(np.uint8), np.arange(90, dtype=np.int64) % 3)


def anew(*more):
    """The same network once more, with other weights, as a model of the kind that is kept."""
    network = made(*more)
    return keras.Model(network.inputs, network.outputs)


def test_what_was_kept_gives_the_same_accuracy(model, unseen, tmp_path):
    keep(model, tmp_path / "deep" / "m.keras")
    _, share = judge(anew(), tmp_path / "deep" / "m.keras", unseen, Options(pixels="float32"), tmp_path)
    shares = model.predict(unseen.images / 255, verbose=0)
    assert share == pytest.approx(np.mean(shares.argmax(1) == unseen.labels), abs=0.012)
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["m.keras"]
    assert [file.name for file in tmp_path.iterdir()] == ["deep"]


class Unregistered(layers.Layer):
    def call(self, images):
        return images


def test_layers_that_keras_could_not_find_again_are_the_suites_own_to_build(model, unseen, tmp_path):
    odd = keras.Sequential([keras.Input((8, 8, 1)), Unregistered(), *model.layers])
    keep(odd, tmp_path / "m.keras")
    _, share = judge(anew(Unregistered()), tmp_path / "m.keras", unseen, Options(pixels="float32"), tmp_path)
    _, before = judge(odd, tmp_path / "m.keras", unseen, Options(pixels="float32"), tmp_path)
    assert share == pytest.approx(before)


def test_what_cannot_be_saved_leaves_nothing_behind(tmp_path):
    class Wanting(layers.Layer):
        def __init__(self, wanted):
            super().__init__()

        def call(self, images):
            return images

    with pytest.raises(NotImplementedError, match="get_config"):
        keep(made(Wanting(object())), tmp_path / "m.keras")
    assert not list(tmp_path.iterdir())


def test_a_network_of_the_house_is_built_again_as_it_was(tmp_path):
    info = make_data(shape=(10, 10, 1), classes=3, subset=None)
    spec = ModelSpec(name="m", network="convnet", args={"num_blocks": 1, "num_filters": 2})
    options = Options(pixels="uint8", augment="model", image_size=12)
    trained, again = (rebuild(spec, info, options) for _ in range(2))
    assert (again.input_shape, again.output_shape) == ((None, 12, 12, 1), (None, 3))
    keep(trained, tmp_path / "m.keras")
    load_weights(again, tmp_path / "m.keras", tmp_path)
    for one, other in zip(trained.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_network_that_cannot_be_built_is_said(tmp_path):
    info = make_data(shape=(10, 10, 1), classes=3)
    with pytest.raises(InputError, match="'width' must be a whole number from 1, is the text 'x'"):
        rebuild(ModelSpec(name="m", network="compact", args={"width": "x"}), info, Options())
    with pytest.raises(InputError, match=r"compact can't be built: .*auto"):
        rebuild(ModelSpec(name="m", network="compact"), info, Options(precision="auto"))
