import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from bench.errors import InputError
from bench.suite.options import Options
from bench.suite.spec import ModelSpec
from bench.workload.model import describe
from bench.workload.networks import build

HERE = Path(__file__).parent


def size_of(network, shape=(32, 32, 3), classes=100, freeze=0):
    return describe(ModelSpec(name=network, network=network, freeze=freeze), shape, classes, HERE)


@pytest.mark.parametrize(
    ("network", "freeze", "trainable", "non_trainable"),
    [
        ("simple_cnn", 0, 128_420, 0),
        ("vgg16", 0, 14_765_988, 0),
        ("vgg16", 0.1, 14_764_196, 1_792),
        ("vgg16", 0.2, 14_727_268, 38_720),
        ("vgg16", 2, 14_764_196, 1_792),
        ("vgg16", 1.0, 51_300, 14_714_688),
        ("VGG19", 0, 20_075_684, 0),
        ("VGG19", 0.1, 20_036_964, 38_720),
        ("VGG19", 0.2, 19_963_108, 112_576),
        ("ResNet50", 0, 23_739_492, 53_120),
        ("ResNet50", 0.1, 23_654_244, 138_368),
        ("ResNet50", 0.2, 23_529_828, 262_784),
        ("ResNet50", 1.0, 204_900, 23_587_712),
    ],
)
def test_parameters_are_the_published_ones(network, freeze, trainable, non_trainable):
    found = size_of(network, freeze=freeze)
    assert (found.trainable_params, found.non_trainable_params) == (trainable, non_trainable)


def test_the_training_state_of_vgg16_is_the_published_one():
    assert size_of("vgg16").train_state_mib == pytest.approx(169, rel=0.02)
    assert size_of("vgg16", freeze=1.0).train_state_mib == pytest.approx(57, rel=0.02)


def test_vgg16_drops_out_before_its_head_and_the_plain_one_does_not():
    def kinds(name):
        network = build(ModelSpec(name=name, network=name), (32, 32, 3), 100, Options(), HERE)
        return [type(layer).__name__ for layer in keras.Model(network.inputs, network.outputs).layers]

    assert kinds("vgg16") == ["InputLayer", "Functional", "Dropout", "GlobalAveragePooling2D", "Dense"]
    assert kinds("VGG16") == ["InputLayer", "Functional", "GlobalAveragePooling2D", "Dense"]


def test_images_too_small_for_a_network_are_named():
    with pytest.raises(InputError, match="Xception can't take images of 16×16×3"):
        size_of("Xception", (16, 16, 3))


def test_more_frozen_layers_than_there_are():
    with pytest.raises(InputError, match="freeze: 20 layers, but vgg16 has 19; at most 19"):
        size_of("vgg16", freeze=20)


def test_uint8_pixels_are_rescaled_inside_the_model(rng):
    images = rng.integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)

    def outputs(pixels, batch):
        keras.utils.set_random_seed(3)
        network = build(ModelSpec(name="m", network="simple_cnn"), (32, 32, 3), 10, Options(pixels=pixels), HERE)
        return keras.Model(network.inputs, network.outputs)(batch).numpy()

    np.testing.assert_allclose(outputs("uint8", images), outputs("float64", images / 255), atol=1e-5)


def test_a_network_of_the_users_own(tmp_path):
    (tmp_path / "my_models_here.py").write_text(
        "import keras\n"
        "def build(input_shape, classes, width):\n"
        "    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(width),"
        " keras.layers.Dense(classes, activation='softmax')])\n"
        "def wrong(input_shape, classes):\n"
        "    return 'a string'\n"
    )
    spec = ModelSpec(name="mine", network="my_models_here:build", args={"width": 5})
    found = describe(spec, (8, 8, 1), 10, tmp_path)
    assert found.trainable_params == 64 * 5 + 5 + 5 * 10 + 10
    assert found.macs.forward == 64 * 5 + 5 * 10
    with pytest.raises(InputError, match=r"gave a str; it is called as wrong\(input_shape=\(H, W, C\)"):
        describe(ModelSpec(name="mine", network="my_models_here:wrong"), (8, 8, 1), 10, tmp_path)


def test_describe_says_it_all_in_json():
    output = subprocess.run(
        [sys.executable, "-m", "bench", "describe", "vgg16", "--freeze", "0.1", "--json"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert json.loads(output) == {
        "model": "vgg16",
        "input": [32, 32, 3],
        "classes": 100,
        "trainable_params": 14_764_196,
        "non_trainable_params": 1_792,
        "layers": 19,
        "train_state_mib": pytest.approx(168.97, abs=0.01),
        "macs_per_image": 313_247_744,
        # the first convolution, frozen, has no backward pass: 32·32 places, 3·3·3 to 64
        "training_macs_per_image": 3 * 313_247_744 - 2 * 1024 * 27 * 64,
        "training_flops_per_image": 2 * (3 * 313_247_744 - 2 * 1024 * 27 * 64),
        "macs_absent": None,
    }
