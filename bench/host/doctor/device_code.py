"""Does a build hold code that a card can run?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Code", "capability_number", "code_for", "last_release_with", "lowest"]

_ARCHITECTURE = re.compile(r"(sm|compute)_(\d+)(\d)([a-z]?)")

# Release notes of 2.17: "Support for NVIDIA GPUs with compute capability 5.x (Maxwell generation) has been removed from
# TF binary distributions (Python wheels)"
_LAST_RELEASES = {5: "2.16"}


@dataclass(frozen=True)
class Code:
    """`binary`: machine code; `ptx`: code that the driver compiles for the card; `mixed`: both; `none`.

    `architecture` names it.
    """

    kind: Literal["binary", "mixed", "ptx", "none"]
    architecture: str | None = None


def code_for(capability: str, architectures: Iterable[str]) -> Code:
    """What a card of this compute capability (`8.6`) finds in a build of these architectures.

    Machine code runs on cards of the same major version and an equal or higher minor one, PTX (`compute_90`) is
    compiled for equal and all later ones; a letter (`sm_90a`) binds code to one version alone (CUDA C++ Programming
    Guide, "Binary compatibility", "PTX compatibility").

    TensorFlow means both by `compute_90` (its `.bazelrc`), but not everywhere: of the 1,398 bundles of code in 2.21's
    libtensorflow_cc.so.2, which all hold PTX for 9.0, the 249 with the large kernels hold machine code for it, as much
    as for the other cards, and those with the small ones that MLIR generates don't.

    >>> code_for("8.6", ["sm_80", "compute_90"])
    Code(kind='binary', architecture='sm_80')
    >>> code_for("12.0", ["sm_80", "compute_90"])
    Code(kind='ptx', architecture='compute_90')
    """
    card = capability_number(capability)
    binary: list[tuple[tuple[int, int], str]] = []
    ptx: list[tuple[tuple[int, int], str]] = []
    for name, its, letter in _parsed(architectures):
        if its > card or (letter and its != card):
            continue
        if name.startswith("compute"):
            ptx.append((its, name))
        elif its[0] == card[0]:
            binary.append((its, name))
    if binary:
        return Code("binary", max(binary)[1])
    if not ptx:
        return Code("none")
    its, name = max(ptx)
    return Code("mixed" if its[0] == card[0] else "ptx", name)


def lowest(architectures: Iterable[str]) -> str | None:
    """The lowest compute capability that the build has code for."""
    found = [its for _, its, _ in _parsed(architectures)]
    return "{}.{}".format(*min(found)) if found else None


def last_release_with(capability: str) -> str | None:
    """The last TensorFlow from PyPI that held code for a card which today's leave out, None where none is known."""
    return _LAST_RELEASES.get(capability_number(capability)[0])


def capability_number(capability: str) -> tuple[int, int]:
    """`8.6` as (8, 6), to compare by."""
    major, _, minor = capability.partition(".")
    return int(major), int(minor or 0)


def _parsed(architectures: Iterable[str]) -> list[tuple[str, tuple[int, int], str]]:
    matches = filter(None, map(_ARCHITECTURE.fullmatch, architectures))
    return [(match[0], (int(match[2]), int(match[3])), match[4]) for match in matches]
