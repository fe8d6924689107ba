"""What is told of a network's layers: that it adds up, and that it tells the truth of graphs that aren't rows."""

import keras
import pytest
from keras import layers

from bench.report.network.folding import folded
from bench.report.network.structure import Block, Repeat, leaves
from bench.results.architecture import Architecture
from bench.suite.spec import ModelSpec
from bench.workload.architecture import architecture_of, told
from bench.workload.macs import count_macs, follow
from bench.workload.model import describe, parameters


def architecture(model, batch_size=1):
    return architecture_of(model, follow(model, batch_size))


def residual(classes=5):
    images = x = keras.Input((16, 16, 3), name="images")
    x = layers.Conv2D(8, 3, padding="same")(x)
    for _ in range(3):
        y = layers.Conv2D(8, 3, padding="same", use_bias=False)(x)
        y = layers.ReLU()(layers.BatchNormalization()(y))
        x = layers.Add()([x, y])
    return keras.Model(images, layers.Dense(classes)(layers.GlobalAveragePooling2D()(x)))


def towers():
    image, words = keras.Input((16, 16, 3), name="image"), keras.Input((7,), dtype="int32", name="words")
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(image))
    y = layers.LSTM(6)(layers.Embedding(50, 3)(words))
    both = layers.Concatenate()([x, y])
    outputs = {"label": layers.Dense(3, name="label")(both), "score": layers.Dense(1, name="score")(both)}
    return keras.Model({"image": image, "words": words}, outputs)


def siamese():
    encoder = keras.Sequential([keras.Input((32,)), layers.Dense(16), layers.Dense(8)], name="encoder")
    one, other = keras.Input((32,)), keras.Input((32,))
    return keras.Model([one, other], layers.Dense(1)(encoder(one) - encoder(other)))


def backbone():
    base = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(32, 32, 3))
    base.trainable = False
    return keras.Sequential([keras.Input((32, 32, 3)), base, layers.GlobalAveragePooling2D(), layers.Dense(4)])


class Scaled(layers.Layer):
    """A layer of one's own with a weight, and no config."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],))

    def call(self, x):
        return x * self.scale * self.factor

    def get_config(self):
        raise NotImplementedError


class Through(layers.Layer):
    """Gives what it takes."""

    def call(self, x):
        return x


def own():
    x = given = keras.Input((8,))
    x = layers.Concatenate()([Through()(x), given])
    return keras.Model(given, layers.Dense(2)(Scaled(3.0)(x)))


class Alone(keras.Model):
    """A network without a graph."""

    def __init__(self):
        super().__init__()
        self.first, self.second = layers.Dense(5), layers.Dense(2)

    def call(self, x):
        return self.second(self.first(x))


def alone():
    model = Alone()
    model(keras.ops.zeros((1, 4)))
    return model


@pytest.mark.parametrize("build", [residual, towers, siamese, backbone, own, alone])
def test_what_is_told_of_layers_adds_up_to_what_is_told_of_the_network(build):
    model = build()
    found = architecture(model)
    assert (found.trainable, found.non_trainable) == parameters(model)
    assert found.others() == (0, 0)
    assert found.macs == count_macs(model).forward
    if found.macs is not None:
        assert sum(layer.macs for layer in found.layers) == found.macs
        assert found.macs > 0
    places = sorted(place for leaf in leaves(folded(found)) for place in leaf.places)
    assert places == list(range(len(found.layers)))
    assert Architecture.model_validate_json(found.content) == found


@pytest.mark.parametrize("network", ["simple_cnn", "convnet", "compact"])
def test_they_add_up_to_what_describe_says(network, tmp_path):
    found = describe(ModelSpec(name=network, network=network), (32, 32, 3), 10, tmp_path)
    assert sum(layer.trainable for layer in found.architecture.layers) == found.trainable_params
    assert sum(layer.non_trainable for layer in found.architecture.layers) == found.non_trainable_params
    assert sum(layer.macs for layer in found.architecture.layers) == found.macs.forward
    assert {layer.dtype for layer in found.architecture.layers} == {"float32"}


def test_repeats_of_a_residual_network_are_blocks_with_a_connection_past_them():
    found = architecture(residual())
    (repeat,) = (one for one in folded(found) if isinstance(one, Repeat))
    assert repeat.count == 3
    (block,) = repeat.row
    assert isinstance(block, Block)
    assert [len(row) for row in block.branches.rows] == [3, 0]
    assert [found.layers[leaf.places[0]].kind for leaf in leaves(repeat.row)] == [
        *("Conv2D", "BatchNormalization", "ReLU"),
        "Add",
    ]


def test_an_own_layer_that_gives_what_it_takes_stands_beside_that():
    kinds = {layer.kind: layer for layer in architecture(own()).layers}
    takes = [architecture(own()).layers[place].kind for place in kinds["Concatenate"].takes]
    assert sorted(takes) == ["InputLayer", "Through"]


def test_a_shared_layer_has_its_parameters_once_and_its_work_at_each_call():
    dense = [layer for layer in architecture(siamese()).layers if layer.within == ("encoder",)]
    assert sorted(layer.trainable for layer in dense) == [0, 0, 8 * 17, 16 * 33]
    assert sorted(layer.macs for layer in dense) == [128, 128, 512, 512]
    assert sorted(layer.again for layer in dense) == [False, False, True, True]


def test_inputs_and_outputs_are_told_by_their_names():
    found = architecture(towers())
    assert {layer.name: layer.shapes for layer in found.layers if layer.kind == "InputLayer"} == {
        "image": ((16, 16, 3),),
        "words": ((7,),),
    }
    assert {found.layers[place].name for place in found.outputs} == {"label", "score"}
    assert {layer.dtype for layer in found.layers if layer.name == "words"} == {"int32"}


def test_a_frozen_backbone_is_told_as_frozen_by_the_models_that_it_lies_in():
    found = architecture(backbone())
    inner = [layer for layer in found.layers if layer.within]
    assert {layer.within for layer in inner} == {("mobilenetv2_1.00_32",)}
    assert all(layer.frozen == bool(layer.non_trainable) for layer in inner)
    assert not any(layer.trainable for layer in inner)


def test_a_network_without_a_graph_has_its_layers_and_the_reason():
    found = architecture(alone())
    assert not found.graph
    assert [(layer.kind, layer.trainable, layer.shapes) for layer in found.layers] == [
        ("Dense", 25, ()),
        ("Dense", 12, ()),
    ]
    assert "Alone is a class of its own" in found.absent


def test_images_of_any_size_cost_the_multiply_adds_alone():
    model = keras.Sequential([keras.Input((None, None, 3)), layers.Conv2D(3, 3), layers.GlobalAveragePooling2D()])
    found = architecture(model)
    assert [layer.shapes for layer in found.layers] == [((None, None, 3),), ((None, None, 3),), ((3,),)]
    assert found.macs is None
    assert found.absent == "the network takes images of any size"


def test_its_digest_tells_networks_apart_and_nothing_of_the_process_or_the_batch():
    first = architecture(residual()).digest
    residual(), towers()
    assert architecture(residual(), batch_size=32).digest == first
    assert architecture(residual(classes=6)).digest != first
    frozen = residual()
    frozen.layers[1].trainable = False
    assert architecture(frozen).digest != first


def test_of_too_many_layers_the_totals_are_told():
    model = residual()
    found = architecture_of(model, follow(model), most=4)
    assert (found.trainable, found.non_trainable) == parameters(model)
    assert not found.layers
    assert "more than 4 layers" in found.absent


def test_what_goes_wrong_with_it_costs_the_cell_nothing_else(monkeypatch):
    def broken(*_):
        raise RuntimeError("a layer of its own kind")

    monkeypatch.setattr("bench.workload.architecture._settings", broken)
    found = told(residual(), 8)
    assert found.architecture is None
    assert "a layer of its own kind" in found.why
    assert found.macs.forward > 0
