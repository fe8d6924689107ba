"""The names that a suite may use: data sets, networks, and import paths of the user's own."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bench.errors import nearest
from bench.suite.wording import close, quoted

__all__ = [
    "DATA_SETS",
    "HOUSE_NETWORKS",
    "IMPORT_PATH",
    "KERAS_NETWORKS",
    "NETWORKS",
    "SEARCHED",
    "data_set_hint",
    "is_import_path",
    "network_hint",
]

SEARCHED = "tune-"
"""How the suites of searches for the best options begin: what they measure coarsely stands in for nothing else."""

DATA_SETS = ("cifar100", "cifar10", "digits", "synthetic")

# written out, as asking Keras would cost an import of TensorFlow; a test compares them
KERAS_NETWORKS = (
    *("ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtSmall", "ConvNeXtTiny", "ConvNeXtXLarge"),
    *("DenseNet121", "DenseNet169", "DenseNet201"),
    *("EfficientNetB0", "EfficientNetB1", "EfficientNetB2", "EfficientNetB3"),
    *("EfficientNetB4", "EfficientNetB5", "EfficientNetB6", "EfficientNetB7"),
    *("EfficientNetV2B0", "EfficientNetV2B1", "EfficientNetV2B2", "EfficientNetV2B3"),
    *("EfficientNetV2L", "EfficientNetV2M", "EfficientNetV2S"),
    *("InceptionResNetV2", "InceptionV3"),
    *("MobileNet", "MobileNetV2", "MobileNetV3Large", "MobileNetV3Small"),
    *("NASNetLarge", "NASNetMobile"),
    *("ResNet101", "ResNet101V2", "ResNet152", "ResNet152V2", "ResNet50", "ResNet50V2"),
    *("VGG16", "VGG19"),
    "Xception",
)

HOUSE_NETWORKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "simple_cnn": (),
        "scratch_first": (),
        "scratch_second": (),
        "scratch_third": (),
        "scratch_fourth": (),
        "scratch_fifth": (),
        "scratch_sixth": (),
        "convnet": ("num_blocks", "num_filters", "size_filter", "augment"),
        "compact": ("width",),
    }
)
"""Networks that the house builds from layers, with their arguments; none has weights to start from."""

NETWORKS = ("simple_cnn", "vgg16", *(name for name in HOUSE_NETWORKS if name != "simple_cnn"), *KERAS_NETWORKS)
"""The handout's two by the names that it gives them, the house's others, then every `keras.applications` network by its
function's name.

Upper and lower case count: `vgg16` is the handout's network with its dropout, `VGG16` the plain one.
"""

_WORD = r"[A-Za-z_][A-Za-z0-9_]*"
IMPORT_PATH = rf"{_WORD}(\.{_WORD})*:{_WORD}"
"""What an import path reads like, as a regular expression."""


def is_import_path(name: str) -> bool:
    """Whether `name` reads `module:function` or `package.module:function`."""
    return re.fullmatch(IMPORT_PATH, name) is not None


def data_set_hint(name: str) -> str:
    """Words that lead from a wrong data set's name to the right ones."""
    return close(name, DATA_SETS) or _or_import_path(name, DATA_SETS)


def network_hint(name: str) -> str:
    """Words that lead from a wrong network's name to the right ones.

    >>> network_hint("Vgg16")
    "did you mean 'vgg16' or 'VGG16'?"
    """
    folded = [known.casefold() for known in NETWORKS]
    best = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    if not best:
        return _or_import_path(name, NETWORKS)
    alike = [quoted(known) for known in NETWORKS if known.casefold() == best[0]]
    return f"did you mean {' or '.join(alike)}?"


def _or_import_path(name: str, known: Sequence[str]) -> str:
    module, point, function = name.rpartition(".")
    path = f"{module}:{function}"
    if point and is_import_path(path):
        return f"an import path has a colon before the function: {quoted(path)}"
    return f"{nearest(name, known)}, or an import path such as 'my_code:build'"
