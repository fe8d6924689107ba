"""The folder beside results for what can be made anew at any time."""

from __future__ import annotations

from pathlib import Path

from bench.support.files import keep_within

__all__ = ["FOLDER", "make_folder"]

FOLDER = ".index"
"""Of `results/`."""


def make_folder(folder: Path) -> None:
    """Make it where there is none; git ignores it. Raises OSError, and where it lies outside of the results by a
    link."""
    folder.mkdir(exist_ok=True)
    keep_within(folder / "any", folder.parent)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
