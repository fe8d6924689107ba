"""Names are written out in `bench.suite.names`, so that checking them costs no import of Keras."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from bench.suite.names import KERAS_NETWORKS, data_set_hint, is_import_path, network_hint


def test_the_networks_are_those_that_keras_offers():
    program = (
        "import json, keras; offered = keras.applications;"
        "print(json.dumps([n for n in dir(offered) if n[0].isupper() and callable(getattr(offered, n))]))"
    )
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert sorted(KERAS_NETWORKS) == sorted(json.loads(done.stdout.splitlines()[-1]))


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
