"""The file itself: page, styles, scripts and data in one, and what a browser may do with it."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic_core import to_json

from bench.support.plain_text import plain_text

__all__ = ["document", "framed_document", "live_document", "message_document", "style_alone"]

SCRIPTS = ("page", "data", "state", "words", "table", "plot", "charts", "curves", "network", "record", "main")
"""Of `static/`, in the order in which each needs those before it; they share one scope. Last is what begins:
`file` with the blocks in the page itself, `live` with those that arrive, from a server (`events`) or from outputs of a
notebook's cell (`frame`)."""

_FOOTER = "This file asks nothing of any network."
_LIVE_FOOTER = (
    "This page asks nothing but of the run that it shows. <code>bench report --html</code> writes it to a file."
)

_PLACES = re.compile(r"\{\{(\w+)\}\}")
_MARKUP = {b"<": b"\\u003c", b">": b"\\u003e", b"&": b"\\u0026", "\u2028".encode(): b"\\u2028"}
_MARKUP["\u2029".encode()] = b"\\u2029"


def document(title: str, data: Mapping[str, Any]) -> Iterator[bytes]:
    """The whole page, piece by piece; `data` are blocks of JSON that its scripts read by their names.

    Nothing that a record says can become markup: it is data in blocks that no browser runs, with all of the characters
    escaped that could end one, and the scripts make text of it alone. Should that ever fail, the page's own policy lets
    no script run and no style hold but those that it was written with, and nothing be fetched from anywhere.
    """
    return _filled(title, ("file",), data, _policy(_scripts("file"), _text("page.css")), "", _FOOTER)


def live_document(title: str) -> tuple[bytes, str]:
    """The page of a run that goes on, without any data, and its policy: its blocks arrive as events, at `events` beside
    it, and nothing else is fetched."""
    parts = ("keeping", "live", "events")
    policy = f"{_policy(_scripts(*parts), _text('page.css'))}; connect-src 'self'; frame-ancestors 'none'"
    # a policy in the page itself can't say who may frame it
    inside = policy.removesuffix("; frame-ancestors 'none'")
    return b"".join(_filled(title, parts, {}, inside, _text("live.html"), _LIVE_FOOTER)), policy


def framed_document(title: str, run: str) -> bytes:
    """The page of a run for a frame in a notebook's output, without any data: it hears `message_document`s of that
    `run` beside it, and fetches nothing."""
    parts = ("keeping", "live", "frame")
    policy = _policy(_scripts(*parts), _text("page.css"))
    return b"".join(_filled(title, parts, {"frame": {"run": run}}, policy, _text("live.html"), _FOOTER))


def message_document(run: str, kind: str, version: int, told: bytes) -> bytes:
    """What tells the `framed_document` of that run its "state" or "blocks", JSON in bytes; it shows nothing."""
    script = _text("message.js")
    policy = f"default-src 'none'; script-src {_hash(script)}"
    news = b'{"run":%b,"kind":%b,"version":%d,"told":%b}' % (to_json(run), to_json(kind), version, told)
    return (
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<title>bench</title><script type="application/json" id="news">'.encode()
        + _escaped(news)
        + f"</script><script>{script}</script>".encode()
    )


def style_alone() -> tuple[str, str]:
    """The page's style, and the policy of a page that has nothing else: no script runs, and nothing is fetched."""
    style = _text("page.css")
    return style, f"default-src 'none'; style-src {_hash(style)}; img-src data:; base-uri 'none'; form-action 'none'"


def _filled(
    title: str, parts: Sequence[str], data: Mapping[str, Any], policy: str, live: str, footer: str
) -> Iterator[bytes]:
    style, scripts = _text("page.css"), _scripts(*parts)
    fill: dict[str, Callable[[], Iterable[bytes]]] = {
        "policy": lambda: iter((policy.encode(),)),
        "title": lambda: iter((html.escape(plain_text(title)).encode(),)),
        "style": lambda: iter((style.encode(),)),
        "live": lambda: iter((live.encode(),)),
        "footer": lambda: iter((footer.encode(),)),
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


def _scripts(*last: str) -> tuple[str, str]:
    return _library(), _script(*last)


def _script(*last: str) -> str:
    parts = "\n".join(_text(f"{name}.js") for name in (*SCRIPTS, *last))
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


def _library() -> str:
    return _text("echarts.common.min.js", "vendor", "echarts")


@cache
def _text(name: str, *folder: str) -> str:
    return files("bench.report.html").joinpath(*(folder or ("static",)), name).read_text(encoding="utf-8")
