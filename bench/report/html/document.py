"""The file itself: page, styles, scripts and data in one, and what a browser may do with it."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic_core import to_json

from bench.support.plain_text import plain_text

__all__ = ["document"]

SCRIPTS = ("page", "data", "state", "words", "table", "plot", "charts", "curves", "network", "record", "main")
"""Of `static/`, in the order in which each needs those before it; they share one scope."""

_PLACES = re.compile(r"\{\{(\w+)\}\}")
_MARKUP = {b"<": b"\\u003c", b">": b"\\u003e", b"&": b"\\u0026", "\u2028".encode(): b"\\u2028"}
_MARKUP["\u2029".encode()] = b"\\u2029"


def document(title: str, data: Mapping[str, Any]) -> Iterator[bytes]:
    """The whole page, piece by piece; `data` are blocks of JSON that its scripts read by their names.

    Nothing that a record says can become markup: it is data in blocks that no browser runs, with all of the characters
    escaped that could end one, and the scripts make text of it alone. Should that ever fail, the page's own policy lets
    no script run and no style hold but those that it was written with, and nothing be fetched from anywhere.
    """
    style, scripts = _text("page.css"), (_library(), _script())
    fill: dict[str, Callable[[], Iterable[bytes]]] = {
        "policy": lambda: iter((_policy(scripts, style).encode(),)),
        "title": lambda: iter((html.escape(plain_text(title)).encode(),)),
        "style": lambda: iter((style.encode(),)),
        "data": lambda: _blocks(data),
        "scripts": lambda: (b"<script>" + source.encode() + b"</script>\n" for source in scripts),
    }
    for place, part in enumerate(_PLACES.split(_text("page.html"))):
        yield from fill[part]() if place % 2 else (part.encode(),)


def _blocks(data: Mapping[str, Any]) -> Iterator[bytes]:
    for name, block in data.items():
        yield f'<script type="application/json" id="{html.escape(name)}">'.encode()
        yield _escaped(to_json(block, inf_nan_mode="null"))
        yield b"</script>\n"


def _escaped(json: bytes) -> bytes:
    for character, escape in _MARKUP.items():
        json = json.replace(character, escape)
    return json


def _policy(scripts: Iterable[str], style: str) -> str:
    allowed = " ".join(map(_hash, scripts))
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _script() -> str:
    parts = "\n".join(_text(f"{name}.js") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


def _library() -> str:
    return _text("echarts.common.min.js", "vendor", "echarts")


@cache
def _text(name: str, *folder: str) -> str:
    return files("bench.report.html").joinpath(*(folder or ("static",)), name).read_text(encoding="utf-8")
