"""Bundles within notebooks: in a cell's output, where `bench.pack()` shows one, or attached to a cell."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic_core import from_json

__all__ = ["MOST_NOTEBOOK_BYTES", "archives_in"]

MOST_NOTEBOOK_BYTES: Final = 2**28
_MIME: Final = "application/zip"
_LINK = re.compile(r"data:application/zip;base64,([A-Za-z0-9+/=\s]{1,268435456})")


def archives_in(content: bytes) -> Iterator[bytes]:
    """The ZIP archives in a notebook's outputs and attachments, in their order, none twice.

    Raises ValueError where it is no notebook.
    """
    notebook = from_json(content)
    if not isinstance(notebook, dict):
        raise ValueError("it holds no object")
    seen = set[str]()
    for text in _texts(notebook):
        plain = "".join(text.split())
        if plain in seen:
            continue
        seen.add(plain)
        try:
            yield base64.b64decode(plain, validate=True)
        except (binascii.Error, ValueError):
            continue


def _texts(notebook: dict[str, Any]) -> Iterator[str]:
    """What stands there in base64."""
    for cell in _list(notebook.get("cells")):
        for bundle in _dict(_dict(cell).get("attachments")).values():
            yield from _joined(_dict(bundle).get(_MIME))
        for output in _list(_dict(cell).get("outputs")):
            data = _dict(_dict(output).get("data"))
            yield from _joined(data.get(_MIME))
            for page in _joined(data.get("text/html")):
                yield from _LINK.findall(page)


def _joined(value: object) -> Iterator[str]:
    """A text of a notebook, which may be a list of lines."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and all(isinstance(part, str) for part in value):
        yield "".join(value)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
