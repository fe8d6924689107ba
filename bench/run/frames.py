"""pandas, where it is wanted."""

from __future__ import annotations

from typing import Any

from bench.errors import Fault, InputError

__all__ = ["frames"]


def frames() -> Any:
    """The module pandas. Raises InputError where it isn't installed: few need it, so it is no requirement."""
    try:
        import pandas
    except ModuleNotFoundError:
        raise InputError(
            Fault("a frame wants the package pandas, which is not installed", "pip install pandas")
        ) from None
    return pandas
