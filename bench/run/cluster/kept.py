"""Files that a node sends with what it measured: where they may lie here."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from bench.support.files import open_regular

__all__ = ["keep_file"]

_FOLDERS = frozenset({"checkpoints", "logs", "networks", "weights"})


def keep_file(root: Path, results: Path, path: str, content: bytes, *, more: bool) -> bool:
    """Write a file of the folder `results` below `root`, or what follows of it (`more`); False where `path` isn't one
    that belongs to records there."""
    way, ours = PurePosixPath(path).parts, results.relative_to(root).parts
    inside = way[len(ours) :]
    if way[: len(ours)] != ours or len(inside) < 2 or inside[0] not in _FOLDERS or ".." in way:
        return False
    to = root.joinpath(*way)
    to.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if more else os.O_TRUNC)
    with os.fdopen(open_regular(to, flags), "ab" if more else "wb") as file:
        file.write(content)
    return True
