"""How far a network is to be trained."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Accuracy", "Epochs", "Images", "Target"]


@dataclass(frozen=True)
class Images:
    """So many images, each counted as often as it is trained on."""

    count: int

    def __str__(self) -> str:
        return f"{self.count:,} images"


@dataclass(frozen=True)
class Epochs:
    """So many epochs, as long as the network's own were."""

    count: int

    def __str__(self) -> str:
        return f"{self.count:,} epoch{'s' * (self.count != 1)}"


@dataclass(frozen=True)
class Accuracy:
    """Until so large a share (0..1) of held-out images is classified correctly after an epoch."""

    share: float

    def __str__(self) -> str:
        return f"{self.share * 100:g} % of held-out images"


Target = Images | Epochs | Accuracy
