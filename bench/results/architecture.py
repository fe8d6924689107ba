"""A network's layers as they are told of where there is no TensorFlow: bounded, for files of them come from others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Final, Self

from annotated_types import MaxLen
from pydantic import Field, model_validator

from bench.results.bounded import Count, Name, Number, Text
from bench.support.frozen import Frozen

__all__ = ["MOST_LAYERS", "Architecture", "Layer"]

MOST_LAYERS: Final = 3_000
"""Calls of layers that are told of: EfficientNetV2-L, the longest of Keras Applications, has some 1,030."""

_MOST_TAKEN = 1_000
_DEEP = 20

Sizes = Annotated[tuple[Annotated[int, Field(ge=0, le=10**9)] | None, ...], MaxLen(_DEEP)]
Work = Count | Number
Place = Annotated[int, Field(ge=0, lt=MOST_LAYERS)]


class Layer(Frozen):
    """A call of a layer, or of an operation between layers.

    `within` are the models that it lies in, from the outside in; `settings` say in short what it does, and `alike` is
    equal for calls of the same kind that are set alike. `takes` are the places of those whose results it takes.
    Parameters of a layer that is called again are told at its first call. `frozen`: its weights aren't trained.
    """

    name: Name
    kind: Name
    within: Annotated[tuple[Name, ...], MaxLen(_DEEP)] = ()
    settings: Name = ""
    alike: Name = ""
    takes: Annotated[tuple[Place, ...], MaxLen(_MOST_TAKEN)] = ()
    shapes: Annotated[tuple[Sizes, ...], MaxLen(_MOST_TAKEN)] = Field(
        (), description="without the batch; null: any size"
    )
    dtype: Name = Field("", description="of what it gives")
    trainable: Count = 0
    non_trainable: Count = 0
    macs: Work | None = Field(None, description="multiply-adds an image, forward; null: they can't be determined")
    frozen: bool = False
    again: bool = Field(False, description="was it called before?")


class Architecture(Frozen):
    """A network, call by call, each after those that it takes from; `outputs` are the places of what it gives.

    Where `graph` is false its layers stand in the order in which they were made, and `absent` says why nothing is known
    of what each takes and gives; so it does where `layers` is empty, or multiply-adds are null.
    """

    schema_version: Annotated[int, Field(ge=1, le=1)] = 1
    layers: Annotated[tuple[Layer, ...], MaxLen(MOST_LAYERS)]
    outputs: Annotated[tuple[Place, ...], MaxLen(_MOST_TAKEN)] = ()
    graph: bool = True
    trainable: Count
    non_trainable: Count
    macs: Work | None = None
    absent: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for place, layer in enumerate(self.layers):
            if any(taken >= place for taken in layer.takes):
                raise ValueError(f"layer {place} takes from one that doesn't stand before it")
        if any(place >= len(self.layers) for place in self.outputs):
            raise ValueError("an output is no layer")
        return self

    @property
    def content(self) -> bytes:
        """As it is kept in a file."""
        return self.model_dump_json(exclude_defaults=True).encode() + b"\n"

    @property
    def digest(self) -> str:
        """Equal for equal networks."""
        return hashlib.sha256(self.content).hexdigest()[:32]

    def others(self) -> tuple[int, int]:
        """Parameters, trainable and not, that none of its layers holds."""
        return self.trainable - _sum(self.layers, "trainable"), self.non_trainable - _sum(self.layers, "non_trainable")


def _sum(layers: Sequence[Layer], name: str) -> int:
    return sum(getattr(layer, name) for layer in layers)
