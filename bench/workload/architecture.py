"""A network's architecture, read off its layers: what each is, gives, holds and multiplies."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
from keras import layers

from bench.results.architecture import MOST_LAYERS, Architecture, Layer
from bench.support.exception_text import exception_text
from bench.support.plain_text import plain_text
from bench.workload.macs import Call, Followed, Macs, follow

__all__ = ["Told", "architecture_of", "told"]

_LONGEST = 200
_NO_SETTING = frozenset({"rate", "name", "seed", "build_config", "shared_object_id", "trainable", "dtype"})
"""Of a layer's config, what doesn't tell two layers apart that do the same work."""
_UNTOLD = ("_initializer", "_regularizer", "_constraint")


@dataclass(frozen=True)
class Told:
    """Multiply-adds of a network, and its architecture; None: it can't be told, and `why`."""

    macs: Macs
    architecture: Architecture | None
    why: str | None = None


def told(model: keras.Model, batch_size: int) -> Told:
    """What is told of a network that is measured, in batches of that size."""
    followed = follow(model, batch_size)
    try:
        return Told(followed.macs, architecture_of(model, followed))
    except Exception as error:  # an instrument never ends what it watches
        return Told(followed.macs, None, f"its layers can't be told of: {exception_text(error)}")


def architecture_of(model: keras.Model, followed: Followed, most: int = MOST_LAYERS) -> Architecture:
    """What `model`, which was `followed`, consists of; of more than `most` layers the totals alone.

    Names that Keras made up (`conv2d_7`) are numbered anew, for they depend on what else its process has built.
    """
    weights = _Weights(model)
    total = {"trainable": weights.total(True), "non_trainable": weights.total(False)}
    macs, absent = followed.macs.forward, followed.macs.absent
    calls = followed.calls or tuple(_uncalled(model))
    if len(calls) > most:
        return Architecture(layers=(), graph=False, absent=f"it has more than {most:,} layers", macs=macs, **total)
    names, seen = _Names(), set[int]()
    told = []
    for call in calls:
        operation = call.operation
        trainable, others = weights.taken(operation)
        own = bool(getattr(operation, "weights", ()))
        told.append(
            Layer(
                name=names.of(operation),
                kind=_short(_kind(operation)),
                within=tuple(names.model(name) for name in call.within),
                settings=_short(_settings(operation)),
                alike=_alike(operation),
                takes=call.takes,
                shapes=call.shapes,
                dtype=call.dtype,
                trainable=trainable,
                non_trainable=others,
                macs=call.macs,
                frozen=own and not getattr(operation, "trainable", True),
                again=id(operation) in seen,
            )
        )
        seen.add(id(operation))
    return Architecture(
        layers=tuple(told), outputs=followed.outputs, graph=bool(followed.calls), macs=macs, absent=absent, **total
    )


def _uncalled(model: keras.Model) -> Iterator[Call]:
    """The layers that a model without a graph holds, in the order in which they were made."""
    for layer in model._flatten_layers(include_self=False, recursive=False):
        if not isinstance(layer, keras.metrics.Metric):
            yield Call(layer, (), (), (), str(getattr(layer, "compute_dtype", "") or ""), None)


class _Weights:
    """A model's weights, each counted for the first layer that takes it. Seeds of random layers are none."""

    def __init__(self, model: keras.Model) -> None:
        self._left = {id(weight): (True, weight) for weight in model.trainable_weights}
        self._left |= {id(weight): (False, weight) for weight in model.non_trainable_weights}

    def total(self, trainable: bool) -> int:
        return sum(prod(weight.shape) for trained, weight in self._left.values() if trained is trainable)

    def taken(self, operation: Any) -> tuple[int, int]:
        """Trainable and other parameters of the layer that none before it had."""
        found = [0, 0]
        for weight in getattr(operation, "weights", ()):
            trained, _ = self._left.pop(id(weight), (None, None))
            if trained is not None:
                found[not trained] += prod(weight.shape)
        return found[0], found[1]


class _Names:
    """Layers' and models' names, those that Keras made up numbered from the first one here."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._known: dict[int | str, str] = {}

    def of(self, operation: Any) -> str:
        if id(operation) not in self._known:
            name = str(getattr(operation, "name", ""))
            self._known[id(operation)] = self._renamed(name, keras.src.utils.naming.to_snake_case(_kind(operation)))
        return self._known[id(operation)]

    def model(self, name: str) -> str:
        if name not in self._known:
            stem = re.sub(r"_\d+$", "", name)
            self._known[name] = self._renamed(name, stem if stem in ("sequential", "functional", "model") else "")
        return self._known[name]

    def _renamed(self, name: str, stem: str) -> str:
        if not stem or not re.fullmatch(rf"{re.escape(stem)}(_\d+)?", name):
            return _short(name)
        number = self._count[stem]
        self._count[stem] += 1
        return _short(f"{stem}_{number}" if number else stem)


def _kind(operation: Any) -> str:
    """The class's name; of an input `InputLayer`, though it be a bare tensor."""
    return "InputLayer" if isinstance(operation, keras.KerasTensor) else type(operation).__name__


def _short(text: str) -> str:
    return plain_text(text)[:_LONGEST]


def _alike(operation: Any) -> str:
    """Equal for layers whose settings are, names and first weights aside."""
    try:
        config = operation.get_config()
    except Exception:  # a layer of the user's own needn't have one
        config = {"weights": [list(weight.shape) for weight in getattr(operation, "weights", ())]}
    told = json.dumps([_kind(operation), _plain(config)], sort_keys=True, default=lambda one: type(one).__name__)
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:12]


def _plain(config: Any) -> Any:
    if isinstance(config, Mapping):
        return {str(key): _plain(value) for key, value in config.items() if not _is_untold(str(key))}
    return [_plain(one) for one in config] if isinstance(config, list | tuple) else config


def _is_untold(key: str) -> bool:
    return key in _NO_SETTING or key.endswith(_UNTOLD)


def _settings(operation: Any) -> str:
    """In short what the layer does, beside its kind."""
    told = next((tell(operation) for kind, tell in _TOLD.items() if isinstance(operation, kind)), "")
    activation = getattr(operation, "activation", None)
    name = getattr(activation, "__name__", type(activation).__name__ if activation is not None else "linear")
    parts = [told, name if name != "linear" else "", _precision(operation)]
    return ", ".join(part for part in parts if part)


def _precision(operation: Any) -> str:
    """What was put onto its weights after it was built."""
    rank = getattr(operation, "lora_rank", None)
    return ", ".join(
        part for part in (f"LoRA {rank}" if rank else "", getattr(operation, "quantization_mode", None) or "") if part
    )


def _times(sizes: Any) -> str:
    return "×".join(map(str, sizes if isinstance(sizes, Sequence) else (sizes,)))


def _steps(layer: Any, usual: Any = None) -> str:
    strides = tuple(layer.strides) if isinstance(layer.strides, Sequence) else (layer.strides,)
    usual = (1,) * len(strides) if usual is None else tuple(usual)
    short = str(strides[0]) if len(set(strides)) == 1 else _times(strides)
    return "" if strides == usual else f"stride {short}"


def _convolved(layer: Any) -> str:
    spread = layer.dilation_rate if isinstance(layer.dilation_rate, Sequence) else (layer.dilation_rate,)
    many = (
        f"{_times(layer.kernel_size)}, {layer.filters}"
        if getattr(layer, "filters", None)
        else _times(layer.kernel_size)
    )
    dilated = f"dilation {_times(spread)}" if set(spread) != {1} else ""
    groups = f"groups {layer.groups}" if getattr(layer, "groups", 1) not in (1, None) else ""
    return ", ".join(part for part in (many, _steps(layer), dilated, groups) if part)


def _pooled(layer: Any) -> str:
    return ", ".join(part for part in (_times(layer.pool_size), _steps(layer, layer.pool_size)) if part)


_TOLD: Mapping[Any, Callable[[Any], str]] = {
    layers.DepthwiseConv1D | layers.DepthwiseConv2D: _convolved,
    keras.src.layers.convolutional.base_conv.BaseConv
    | keras.src.layers.convolutional.base_conv_transpose.BaseConvTranspose
    | keras.src.layers.convolutional.base_separable_conv.BaseSeparableConv: _convolved,
    keras.src.layers.pooling.base_pooling.BasePooling: _pooled,
    layers.Dense: lambda layer: str(layer.units),
    layers.EinsumDense: lambda layer: str(layer.equation),
    layers.LSTM | layers.GRU | layers.SimpleRNN: lambda layer: str(layer.units),
    layers.Dropout | layers.SpatialDropout1D | layers.SpatialDropout2D: lambda layer: f"{layer.rate:.3g}",
    layers.Embedding: lambda layer: f"{layer.input_dim} × {layer.output_dim}",
    layers.MultiHeadAttention: lambda layer: f"{layer.num_heads} heads of {layer.key_dim}",
    layers.Wrapper: lambda layer: (
        type(layer.layer).__name__ + (f" {inner}" if (inner := _settings(layer.layer)) else "")
    ),
    layers.UpSampling2D: lambda layer: _times(layer.size),
}
"""What is told of a layer, by its kind."""
