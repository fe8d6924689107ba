"""Options and their values, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["settings_text", "value_text"]

_NULL = {
    "threads": "TensorFlow's choice",
    "pipeline_threads": "TensorFlow's",
    "autotune_ram_mib": "tf.data's choice",
    "image_size": "the data's own",
}


def value_text(option: str, value: Any) -> str:
    """A value as a suite names it, but for null, which is said in words.

    >>> value_text("xla", True), value_text("threads", None), value_text("env", {"A": "1", "B": "2"})
    ('on', "TensorFlow's choice", 'A=1 B=2')
    """
    match value:
        case None:
            return _NULL.get(option, "none")
        case bool():
            return "on" if value else "off"
        case dict():
            return " ".join(f"{name}={inner}" for name, inner in value.items()) or "none"
        case [str(function), _]:  # a function, and the hash of its source
            return function
        case _:
            return str(value)


def settings_text(settings: Mapping[str, Any]) -> str:
    """Several options in a row, the last after an "and".

    >>> settings_text({"pixels": "uint8", "xla": True})
    'pixels uint8 and xla on'
    """
    *first, last = (f"{name} {value_text(name, value)}" for name, value in settings.items())
    return f"{', '.join(first)} and {last}" if first else last
