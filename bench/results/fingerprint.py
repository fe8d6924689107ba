"""How a fingerprint is made of what it stands for."""

from __future__ import annotations

import hashlib
import json
from typing import Any

__all__ = ["canonical", "fingerprint"]

_DIGITS = 16


def canonical(value: Any) -> str:
    """Values of JSON as text that is equal for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def fingerprint(text: str) -> str:
    """The fingerprint of what has that canonical text."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
