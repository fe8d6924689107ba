"""Where the suites and host profiles lie that come with the project."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

__all__ = ["shipped_folder"]


def shipped_folder(kind: Literal["suites", "hosts"]) -> Path:
    """The folder of shipped_folder `suites` or `hosts`: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_shipped" / kind
    return installed.resolve() if installed.is_dir() else package.parent / kind
