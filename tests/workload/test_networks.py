import json
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from bench.errors import InputError
from bench.suite.options import Options
from bench.suite.spec import ModelSpec
from bench.workload.model import describe
from bench.workload.networks import build, freeze
from bench.workload.networks.build import HOUSE
from bench.workload.networks.passed_over import check_layers_run
from tests import warm

HERE = Path(__file__).parent
BY_KERAS = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
"""Its way to save weights is behind NumPy's."""


def size_of(network, shape=(32, 32, 3), classes=100, **settings):
    return describe(ModelSpec(name=network, network=network, **settings), shape, classes, HERE)


def parameters_of(network, side, classes=100, **settings):
    found = size_of(network, (side, side, 3), classes, **settings)
    return found.trainable_params, found.non_trainable_params


def built(network, shape=(32, 32, 3), classes=10, folder=HERE, options=None, **settings):
    spec = ModelSpec(name=network, network=network, **settings)
    return build(spec, shape, classes, options or Options(), folder)


def refusal_of(network, *shape, **settings):
    with pytest.raises(InputError) as refused:
        built(network, *shape, **settings)
    return str(refused.value)


@pytest.mark.parametrize("side", [32, 78])  # the bases' parameters don't depend on it
@pytest.mark.parametrize(
    ("network", "freeze", "trainable", "non_trainable"),
    [
        ("vgg16", 0, 14_765_988, 0),
        ("vgg16", 0.1, 14_764_196, 1_792),
        ("vgg16", 0.2, 14_727_268, 38_720),
        ("vgg16", 2, 14_764_196, 1_792),
        ("vgg16", 1.0, 51_300, 14_714_688),
        ("VGG16", 0.1, 14_764_196, 1_792),
        ("VGG19", 0, 20_075_684, 0),
        ("VGG19", 0.1, 20_036_964, 38_720),
        ("VGG19", 0.2, 19_963_108, 112_576),
        ("VGG19", 1.0, 51_300, 20_024_384),
        ("ResNet50", 0, 23_739_492, 53_120),
        ("ResNet50", 0.1, 23_654_244, 138_368),
        ("ResNet50", 0.2, 23_529_828, 262_784),
        ("ResNet50", 1.0, 204_900, 23_587_712),
    ],
)
def test_transferred_parameters_are_the_published_ones(network, freeze, trainable, non_trainable, side):
    assert parameters_of(network, side, freeze=freeze) == (trainable, non_trainable)


@pytest.mark.parametrize(
    ("network", "side", "trainable", "non_trainable"),
    [
        ("simple_cnn", 32, 128_420, 0),
        ("scratch_first", 32, 116_196, 0),
        ("scratch_first", 78, 902_628, 0),
        ("scratch_second", 32, 247_556, 64),
        ("scratch_second", 78, 2_213_636, 64),
        ("scratch_third", 32, 837_700, 896),
        ("scratch_third", 78, 2_967_620, 896),
        ("scratch_fourth", 32, 1_753_252, 0),
        ("scratch_fourth", 78, 6_013_092, 0),
        ("scratch_fifth", 32, 163_492, 1_856),
        ("scratch_fifth", 78, 163_492, 1_856),
        ("scratch_sixth", 32, 566_820, 0),
        ("scratch_sixth", 78, 960_036, 0),
    ],
)
def test_parameters_of_the_networks_to_train_from_scratch(network, side, trainable, non_trainable):
    assert parameters_of(network, side) == (trainable, non_trainable)


@pytest.mark.parametrize(
    ("args", "trainable", "non_trainable"),
    [
        ({}, 106_372, 448),
        ({"num_blocks": 3, "num_filters": 32, "size_filter": 3, "augment": False}, 106_372, 448),
        ({"num_blocks": 2}, 25_988, 192),
        ({"num_blocks": 4}, 414_596, 960),
        ({"num_blocks": 4, "augment": True}, 414_596, 960),
        ({"num_blocks": 4, "size_filter": 5}, 1_104_260, 960),
        ({"num_blocks": 4, "size_filter": 7}, 2_138_756, 960),
        ({"num_blocks": 1, "num_filters": 8, "size_filter": 1}, 3 * 8 + 2 * 8 + 8 * 100 + 100, 2 * 8),
    ],
)
def test_parameters_of_convnet(args, trainable, non_trainable):
    assert parameters_of("convnet", 128, args=args) == (trainable, non_trainable)


@pytest.mark.parametrize(("args", "trainable"), [({}, 45_738), ({"width": 8}, 13_338)])
def test_parameters_of_compact(args, trainable):
    width = args.get("width", 16)
    assert parameters_of("compact", 32, 10, args=args) == (trainable, 72 * width)
    assert trainable < 50_000


def test_the_training_state_of_vgg16_is_the_published_one():
    assert size_of("vgg16").train_state_mib == pytest.approx(169, rel=0.02)
    assert size_of("vgg16", freeze=1.0).train_state_mib == pytest.approx(57, rel=0.02)


def test_vgg16_drops_out_before_its_head_and_the_plain_one_does_not():
    def kinds(name):
        network = built(name)
        return [type(layer).__name__ for layer in keras.Model(network.inputs, network.outputs).layers]

    assert kinds("vgg16") == ["InputLayer", "Functional", "Dropout", "GlobalAveragePooling2D", "Dense"]
    assert kinds("VGG16") == ["InputLayer", "Functional", "GlobalAveragePooling2D", "Dense"]


@pytest.mark.parametrize(
    ("network", "shape", "args"),
    [
        ("Xception", (16, 16, 3), {}),
        ("simple_cnn", (8, 8, 1), {}),
        ("scratch_second", (16, 16, 3), {}),
        ("convnet", (32, 32, 3), {"num_blocks": 6}),
    ],
)
def test_images_too_small_for_a_network_are_named(network, shape, args):
    height, width, channels = shape
    assert refusal_of(network, shape, args=args).startswith(
        f"{network} can't take images of {height}×{width}×{channels}: "
    )


@pytest.mark.parametrize(
    ("network", "args", "faults"),
    [
        ("convnet", {"num_blocks": 0}, ["convnet: 'num_blocks' must be a whole number from 1, is 0"]),
        ("convnet", {"size_filter": 4}, ["convnet: 'size_filter' must be an odd whole number from 1, is 4"]),
        ("convnet", {"size_filter": -3}, ["convnet: 'size_filter' must be an odd whole number from 1, is -3"]),
        (
            "convnet",
            {"num_blocks": True, "num_filters": 2.5, "size_filter": None, "augment": "yes"},
            [
                "convnet: 'num_blocks' must be a whole number from 1, is true (on)",
                "convnet: 'num_filters' must be a whole number from 1, is 2.5",
                "convnet: 'size_filter' must be an odd whole number from 1, is empty (null)",
                "convnet: 'augment' must be true or false, is the text 'yes'",
            ],
        ),
        ("compact", {"width": 0}, ["compact: 'width' must be a whole number from 1, is 0"]),
    ],
)
def test_arguments_that_a_network_cannot_have(network, args, faults):
    assert refusal_of(network, args=args).splitlines() == faults


@pytest.mark.parametrize("network", HOUSE)
def test_every_network_of_the_house_trains_in_half_precision_and_gives_shares(network, rng):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        network = built(network, options=Options(pixels="uint8"))
        model = keras.Model(network.inputs, network.outputs)
        model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False, run_eagerly=True)
        images, labels = rng.integers(0, 256, (4, 32, 32, 3), dtype=np.uint8), rng.integers(0, 10, 4)
        assert np.isfinite(model.train_on_batch(images, labels))
    finally:
        keras.config.set_dtype_policy(before)
    shares = model.predict_on_batch(images)
    assert (model.layers[-1].name, shares.dtype) == ("head", np.float32)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_convnet_augments_in_training_only_and_stays_within_its_pixels(rng):
    network = built("convnet", args={"augment": True})
    model = keras.Model(network.inputs, network.outputs)
    (last,) = [layer for layer in model.layers if isinstance(layer, keras.layers.RandomContrast)]
    augmented = keras.Model(network.inputs, last.output)
    images = rng.random((8, 32, 32, 3), dtype=np.float32)
    np.testing.assert_array_equal(augmented(images, training=False), images)
    seen = augmented(images, training=True).numpy()
    assert abs(seen - images).mean() > 0.05
    assert 0 <= seen.min() < seen.max() <= 1


def test_more_frozen_layers_than_there_are():
    assert refusal_of("vgg16", freeze=20) == "freeze: 20 layers, but vgg16 has 19; at most 19"


def stack(*trainable):
    return keras.Sequential([keras.Input((1,)), *(keras.layers.Dense(1, trainable=each) for each in trainable)])


def trained(model):
    return [layer.trainable for layer in model.layers]


@pytest.mark.parametrize(
    ("layers", "amount", "frozen"),
    [(10, 0.7, 7), (10, 0.29, 3), (100, 0.29, 29), (100, 0.07, 7), (3, 1e-5, 1), (3, 0.0, 0), (3, 1.0, 3), (3, 1, 1)],
)
def test_a_fraction_of_the_layers_is_exact_in_its_decimals(layers, amount, frozen):
    model = stack(*[True] * layers)
    assert freeze(model, amount, "mine") == layers
    assert trained(model) == [False] * frozen + [True] * (layers - frozen)


def test_freezing_again_leaves_nothing_of_the_first_time():
    model = stack(True, True, True, True)
    for amount, frozen in ((1.0, 4), (0.5, 2), (3, 3), (0, 0), (1, 1)):
        freeze(model, amount, "mine")
        assert trained(model) == [False] * frozen + [True] * (4 - frozen)
    with pytest.raises(InputError, match="freeze: 5 layers, but mine has 4; at most 4"):
        freeze(model, 5, "mine")
    assert trained(model) == [False, True, True, True]


def test_a_layer_that_its_builder_froze_stays_so():
    model = stack(True, False, True)
    for amount in (1.0, 2, 0, 0):
        freeze(model, amount, "mine")
    assert trained(model) == [True, False, True]


@BY_KERAS
@pytest.mark.parametrize("network", ["scratch_first", "MobileNet"])
def test_weights_of_the_base_come_from_a_file(network, tmp_path):
    first = built(network)
    first.base.save_weights(tmp_path / "base.weights.h5")
    second = built(network, classes=7, folder=tmp_path, weights="base.weights.h5")
    for mine, theirs in zip(second.base.weights, first.base.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@BY_KERAS
@pytest.mark.parametrize("content", [None, b"no weights at all"])
def test_a_file_of_other_weights_is_refused(content, tmp_path):
    path = tmp_path / "other.weights.h5"
    if content is None:
        built("scratch_second").base.save_weights(path)
    else:
        path.write_bytes(content)
    refusal = refusal_of("scratch_first", folder=tmp_path, weights=path.name)
    assert refusal.startswith("the weights in other.weights.h5 can't be put into scratch_first: ")


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


class PassedOver(keras.layers.Layer):
    """Which Keras finds no way to."""

    def call(self, inputs):
        return 3 * inputs

    def compute_output_spec(self, inputs):
        return inputs


class Run(PassedOver):
    def compute_output_spec(self, inputs):
        return keras.KerasTensor(inputs.shape, inputs.dtype)


class WithoutShape(PassedOver):
    """With which Keras makes no graph of a model, and runs its layers one after the other."""

    def compute_output_spec(self, inputs):
        raise NotImplementedError


class InTurn(keras.Sequential):
    """Runs its layers itself."""

    def call(self, inputs, training=None):
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs


def test_a_layer_that_keras_never_runs_is_told_before_anything_is_measured():
    def model(*layers):
        return keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(2)])

    lost = PassedOver(name="triple")
    inner = keras.Sequential([keras.Input((4,)), PassedOver(name="inside"), keras.layers.Dense(4)])
    for given, name in ((model(lost), "triple"), (model(inner), "inside")):
        with pytest.raises(InputError, match=f"my:net gave a model of which Keras never runs '{name}'"):
            check_layers_run("my:net", given)
    dropout = keras.layers.Dropout(0.5)
    in_turn = InTurn([keras.Input((4,)), PassedOver(), keras.layers.Dense(2)])
    for sound in (
        model(Run(), dropout),
        keras.Sequential([keras.layers.Dense(2)]),
        model(model(Run())),
        model(WithoutShape()),
        in_turn,
    ):
        check_layers_run("my:net", sound)


def test_describe_says_it_all_in_json():
    output = warm.run(
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
        # the first convolution, frozen, has no backward pass: 32·32 places, 3·3·3 to 64; the second, which is the first
        # trained, has none for what it takes: 3·3·64 to 64
        "training_macs_per_image": 3 * 313_247_744 - 2 * 1024 * 27 * 64 - 1024 * 576 * 64,
        "training_flops_per_image": 2 * (3 * 313_247_744 - 2 * 1024 * 27 * 64 - 1024 * 576 * 64),
        "macs_absent": None,
    }


@pytest.mark.parametrize("where", ["as it is imported", "as it is called"])
def test_what_own_code_sets_for_all_of_keras_does_not_outlive_it(where, tmp_path):
    settings = (
        'keras.config.set_dtype_policy("mixed_bfloat16")\n'
        'keras.config.set_floatx("float16")\n'
        'keras.config.set_image_data_format("channels_first")\n'
    )
    name = f"settings_of_its_own_{where.split()[-1]}"
    at_import, at_call = (settings, "") if where == "as it is imported" else ("", settings)
    (tmp_path / f"{name}.py").write_text(
        f"import keras\nfrom keras import layers\n{at_import}\ndef net(input_shape, classes):\n"
        + "".join(f"    {line}\n" for line in at_call.splitlines())
        + "    return keras.Sequential([keras.Input(input_shape), layers.Flatten(), layers.Dense(classes)])\n"
    )
    before = keras.config.dtype_policy(), keras.config.floatx(), keras.config.image_data_format()
    network = build(ModelSpec(name="mine", network=f"{name}:net"), (8, 8, 1), 10, Options(), tmp_path)
    assert (keras.config.dtype_policy(), keras.config.floatx(), keras.config.image_data_format()) == before
    dense = network.base.layers[-1]
    assert dense.compute_dtype == ("float32" if where == "as it is imported" else "bfloat16")
