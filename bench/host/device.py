"""What the framework computes on, as the framework says."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Device"]


@dataclass(frozen=True)
class Device:
    """`kind` is `gpu` or `cpu`; `name` is the framework's word for it, None on CPUs.

    `count` is how many of them there are, `software` are the versions that a step's time depends on, by name.
    """

    kind: str
    name: str | None
    compute_capability: str | None
    software: dict[str, str]
    count: int = 1
