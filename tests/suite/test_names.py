"""Names are written out in `bench.suite.names`, so that checking them costs no import of Keras."""

from __future__ import annotations

import pytest

from bench.suite.names import HOUSE_NETWORKS, KERAS_NETWORKS, data_set_hint, is_import_path, network_hint
from tests.suite.asking import answer


def test_the_networks_are_those_that_keras_offers():
    offered = answer(
        "import keras; offered = keras.applications",
        "[n for n in dir(offered) if n[0].isupper() and callable(getattr(offered, n))]",
    )
    assert sorted(KERAS_NETWORKS) == sorted(offered)


def test_the_networks_of_the_house_take_these_arguments():
    taken = answer(
        "from inspect import signature; from bench.workload.networks.build import HOUSE",
        "{name: list(signature(make).parameters) for name, make in HOUSE.items()}",
    )
    assert {name: ["shape", *arguments] for name, arguments in HOUSE_NETWORKS.items()} == taken


@pytest.mark.parametrize("name", ["a:b", "my_models.deep:build_2", "_a._b:_c"])
def test_import_paths(name):
    assert is_import_path(name)


@pytest.mark.parametrize("name", ["a", "a:", ":b", "a:b:c", "a.b", "a..b:c", "a/b:c", "2a:b", "a:b.c", "a :b", "a:b\n"])
def test_what_is_no_import_path(name):
    assert not is_import_path(name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Vgg16", "did you mean 'vgg16' or 'VGG16'?"),
        ("vg-16", "did you mean 'vgg16' or 'VGG16'?"),
        ("resnet50", "did you mean 'ResNet50'?"),
        ("simplecnn", "did you mean 'simple_cnn'?"),
        ("my_models.build", "an import path has a colon before the function: 'my_models:build'"),
    ],
)
def test_the_nearest_network(name, hint):
    assert network_hint(name) == hint


def test_without_a_near_one_the_known_are_listed():
    assert (
        data_set_hint("mnist")
        == "known: cifar100, cifar10, digits, synthetic, or an import path such as 'my_code:build'"
    )
    assert network_hint("qqq").startswith("known: simple_cnn, vgg16, ")
