"""What people call the handout's networks."""

from __future__ import annotations

__all__ = ["network_label"]

_LABELS = {"simple_cnn": "simple CNN", "vgg16": "VGG16"}


def network_label(model: str) -> str:
    """`simple CNN` for `simple_cnn`, `VGG16` for `vgg16`; another network goes by its own name."""
    return _LABELS.get(model, model)
