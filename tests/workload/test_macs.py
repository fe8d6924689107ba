"""Multiply-adds against published figures, against sums by hand, and what can't be determined."""

import keras
import pytest
import tensorflow as tf
from keras import layers

from bench.workload.macs import count_macs

TORCHVISION = "torchvision's documentation, GFLOPS of the same architecture"
NASNET = "Zoph et al. 2018, Learning Transferable Architectures (arXiv:1707.07012), tables 2 and 3"
RESNET = "He et al. 2015, Deep Residual Learning (arXiv:1512.03385), table 1"

PUBLISHED = {
    "VGG16": (15.47, TORCHVISION),
    # torchvision's strides are elsewhere (4.09); Keras has the first version's: 7.72 GFLOP, two a multiply-add
    "ResNet50": (7.72 / 2, "Luo et al. 2017, ThiNet (arXiv:1707.06342), table 3"),
    "ResNet101": (7.6, RESNET),
    "DenseNet121": (2.834, TORCHVISION),
    "InceptionV3": (5.713, TORCHVISION),
    "Xception": (8.38, NASNET),
    "MobileNet": (0.569, "Howard et al. 2017, MobileNets (arXiv:1704.04861), table 4"),
    "MobileNetV2": (0.300, "Sandler et al. 2018, MobileNetV2 (arXiv:1801.04381), table 4"),
    "MobileNetV3Large": (0.217, TORCHVISION),
    "EfficientNetB0": (0.386, TORCHVISION),
    "EfficientNetB4": (4.394, TORCHVISION),
    "ConvNeXtTiny": (4.456, TORCHVISION),
    "NASNetMobile": (0.564, NASNET),
}
"""10⁹ multiply-adds at each network's own input size, and who says so.

VGG19 (19.63), ResNet152 (11.3), DenseNet201 (4.29), InceptionResNetV2 (13.2), NASNetLarge (23.8) and EfficientNetV2S
(8.37), too slow to be built here each time, were found to agree as well.
"""

SLOW_TO_BUILD = ("ResNet101", "EfficientNetB4", "NASNetMobile")


@pytest.fixture
def no_random_weights(monkeypatch):
    """Networks are only counted: drawing VGG16's 138 million weights would take most of the time."""
    monkeypatch.setattr(
        keras.initializers.GlorotUniform, "__call__", lambda self, shape, dtype=None: keras.ops.zeros(shape, dtype)
    )


@pytest.mark.parametrize(
    "network",
    [pytest.param(name, marks=[pytest.mark.long] if name in SLOW_TO_BUILD else []) for name in PUBLISHED],
)
def test_multiply_adds_are_the_published_ones(network, no_random_weights):
    shape = {"input_shape": (224, 224, 3)} if network.startswith("MobileNetV3") else {}  # it has no size of its own
    found = count_macs(getattr(keras.applications, network)(weights=None, **shape))
    assert found.forward / 1e9 == pytest.approx(PUBLISHED[network][0], rel=0.01)
    # backward is twice forward but for the gradient of the images, which the first layer doesn't compute
    assert 2.85 * found.forward < found.training < 3 * found.forward


def counted(outputs, inputs):
    found = count_macs(keras.Model(inputs, outputs))
    assert found.absent is None
    return found


def test_every_kind_of_layer_by_hand():
    inputs = keras.Input((9, 9, 4))
    x = layers.Conv2D(6, 3, groups=2)(inputs)  # 7×7×6 outputs of 3·3·2
    x = layers.DepthwiseConv2D(3, depth_multiplier=2)(x)  # 5×5×12 outputs of 3·3
    x = layers.SeparableConv2D(5, 2)(x)  # 4×4 places of 2·2·12 and 12·5
    x = layers.Conv2DTranspose(3, 2, strides=2)(x)  # 4×4×5 inputs, each to 2·2·3
    x = layers.Dense(7)(x)  # 8×8 places of 3·7
    shared = layers.Dense(7)
    x = shared(shared(x))  # 8×8 places of 7·7, twice
    by_hand = (
        7 * 7 * 6 * 18 + 5 * 5 * 12 * 9 + 4 * 4 * (2 * 2 * 12 + 12 * 5) + 4 * 4 * 5 * 12 + 8 * 8 * 21 + 2 * 8 * 8 * 49
    )
    assert counted(x, inputs).forward == by_hand


def test_sequences_and_attention_by_hand():
    inputs = keras.Input((6, 8))  # six places of eight
    x = layers.EinsumDense("abc,cde->abde", (6, 2, 5))(inputs)  # 6 places of 8·10
    x = layers.Reshape((6, 10))(x)
    x = layers.MultiHeadAttention(2, 5)(x, x)  # 4 maps of 6·10·10, and 2 heads twice 6·6·5
    x = layers.TimeDistributed(layers.Dense(4))(x)  # 6 places of 10·4
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)  # twice 6 places of (4 + 3)·4·3
    x = layers.Conv1D(5, 3)(x)  # 4×5 outputs of 3·6
    x = layers.Dot(axes=2)([x, x])  # 4×4 outputs of 5
    x = keras.ops.matmul(x, keras.ops.transpose(x, (0, 2, 1)))  # 4×4 outputs of 4
    by_hand = 6 * 80 + 4 * 600 + 2 * 2 * 6 * 6 * 5 + 6 * 40 + 2 * 6 * 7 * 12 + 4 * 5 * 18 + 16 * 5 + 16 * 4
    assert counted(x, inputs).forward == by_hand


class Block(layers.Layer):
    """A layer of a user's own that holds others, and a kernel of its own."""

    def __init__(self):
        super().__init__()
        self.inner = layers.Conv2D(4, 3, padding="same")

    def build(self, shape):
        self.mix = self.add_weight(shape=(4, 10), name="mix")
        self.inner.build(shape)

    def call(self, x):
        return keras.ops.matmul(self.inner(x), self.mix)


def test_a_layer_of_ones_own_is_looked_into():
    inputs = keras.Input((5, 5, 3))
    assert counted(Block()(inputs), inputs).forward == 25 * (4 * 27 + 40)


def test_a_network_of_any_size_within_one_of_a_given_size():
    inside = keras.Sequential([keras.Input((None, None, 3)), layers.Conv2D(4, 3)])
    inputs = keras.Input((6, 6, 3))
    assert counted(inside(inside(inputs)[..., :3]), inputs).forward == 16 * 4 * 27 + 4 * 4 * 27
    assert count_macs(inside).absent == "the network takes images of any size"


class Own(keras.Model):
    """A network as a class of its own."""

    def __init__(self):
        super().__init__()
        self.first, self.second = layers.Dense(4), layers.Dense(3)

    def call(self, x):
        return self.second(self.first(x))


def test_a_network_that_is_a_class_is_traced_within_another_and_absent_by_itself():
    inputs = keras.Input((8,))
    found = counted(Own()(inputs), inputs)
    assert (found.forward, found.training) == (8 * 4 + 4 * 3, 2 * 8 * 4 + 3 * 4 * 3)
    assert count_macs(Own()).absent == "Own is a class of its own, and can't be followed layer by layer"


class Compiled(layers.Layer):
    """A layer that calls a compiled function twice."""

    def build(self, shape):
        self.mix = self.add_weight(shape=(4, 4), name="mix")

    def call(self, x):
        product = tf.function(lambda taken: tf.matmul(taken, self.mix), autograph=False)
        return product(product(x))


def test_functions_that_are_called_are_looked_into_each_time():
    inputs = keras.Input((4,))
    found = counted(Compiled()(inputs), inputs)
    assert (found.forward, found.training) == (2 * 16, 5 * 16)


class Doubling(layers.Layer):
    """A layer whose products lie within a loop."""

    def call(self, x):
        return keras.ops.while_loop(lambda y: keras.ops.max(y) < 9, lambda y: (keras.ops.matmul(y, y),), (x,))[0]

    def compute_output_spec(self, x):
        return keras.KerasTensor(x.shape, x.dtype)


def test_what_cannot_be_told_is_not_counted_as_none():
    inputs = keras.Input((5, 5))
    found = count_macs(keras.Model(inputs, Doubling(name="moving")(inputs)))
    assert (found.forward, found.training) == (None, None)
    why = "what its StatelessWhile multiplies can't be seen"
    assert found.absent == f"multiply-adds of layer moving (Doubling) can't be determined: {why}"


@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize("order", ["channels_first", "channels_last"])
def test_a_recurrent_convolution_by_hand(order, sequences):
    inputs = keras.Input((4, 3, 7, 6) if order == "channels_first" else (4, 7, 6, 3))
    layer = layers.ConvLSTM2D(2, 3, return_sequences=sequences, data_format=order)
    found = counted(layer(inputs), inputs)  # 4 steps of 5×4 places, of 4 gates of 2 each
    kernel, recurrent = 4 * 20 * 8 * 27, 4 * 20 * 8 * 18
    assert found.forward == kernel + recurrent
    assert found.training == 2 * kernel + 3 * recurrent


def test_sizes_that_a_layer_leaves_open_are_those_of_what_it_takes():
    inputs = keras.Input((6, 8))
    x = layers.EinsumDense("abc,cd->abd", (None, 5))(inputs)  # 6 places of 8·5
    x = layers.Dense(3)(layers.Attention()([x, x]))  # two products of 6·6·5, and 6 places of 5·3
    assert counted(x, inputs).forward == 6 * 40 + 2 * 6 * 6 * 5 + 6 * 15


def test_a_low_rank_adapter_multiplies_its_factors_once_a_batch():
    inputs = keras.Input((8,))
    layer = layers.Dense(16, lora_rank=2)
    model = keras.Model(inputs, layer(inputs))
    product, factors = 8 * 16, 8 * 2 * 16
    found = count_macs(model, batch_size=32)
    assert found.forward == product + factors / 32
    # the kernel's gradient is wanted for the factors', and these twice: the images' is not
    assert found.training == 2 * product + 3 * factors / 32


def test_the_first_layer_trained_computes_no_gradient_of_what_it_takes():
    images, words = keras.Input((9, 9, 4)), keras.Input((6, 8))
    whole, depthwise, pointwise = 7 * 7 * 6 * 36, 7 * 7 * 4 * 9, 7 * 7 * 4 * 6
    assert counted(layers.Conv2D(6, 3)(images), images).training == 2 * whole
    # the depthwise kernel's gradient goes through the pointwise one
    assert counted(layers.SeparableConv2D(6, 3)(images), images).training == 2 * depthwise + 3 * pointwise
    # and that of an LSTM's weights through all of its steps
    assert counted(layers.LSTM(5)(words), words).training == 6 * 20 * (2 * 8 + 3 * 5)
    maps, scores = 4 * 6 * 8 * 10, 2 * 2 * 6 * 6 * 5
    attention = counted(layers.MultiHeadAttention(2, 5)(words, words), words)
    assert attention.forward == maps + scores
    assert attention.training == 3 * (maps + scores) - 3 * 6 * 8 * 10  # three maps of what it takes


def test_a_partly_frozen_network_costs_a_backward_pass_only_where_something_is_trained():
    inputs = keras.Input((6, 6, 2))
    first, second, third = (layers.Conv2D(2, 1, name=name) for name in ("first", "second", "third"))
    side = layers.Conv2D(2, 1, name="side")
    outputs = layers.Add()([third(second(first(inputs))), side(inputs)])
    model = keras.Model(inputs, outputs)
    one = 36 * 2 * 2
    assert count_macs(model).training == (2 + 3 + 3 + 2) * one  # the images' gradient is not computed
    first.trainable = side.trainable = False  # nothing before them is trained: forward alone
    assert count_macs(model).training == (1 + 2 + 3 + 1) * one
    third.trainable = False  # it still passes the gradient on to the second
    assert count_macs(model).training == (1 + 2 + 2 + 1) * one
    model.trainable = False
    assert count_macs(model).training == count_macs(model).forward == 4 * one


def test_normalisation_that_is_trained_wants_a_gradient_through_what_follows():
    inputs = keras.Input((6, 6, 2))
    last = layers.Conv2D(2, 1)
    model = keras.Model(inputs, last(layers.BatchNormalization()(layers.Conv2D(2, 1, trainable=False)(inputs))))
    last.trainable = False
    one = 36 * 2 * 2
    assert count_macs(model).training == one + 2 * one
