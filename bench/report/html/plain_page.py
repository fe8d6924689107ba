"""A page of tables alone, in the page's own style: without scripts, and without data but what can be read on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from bench.report.core.html import render
from bench.report.core.table import Table
from bench.report.html.document import style_alone
from bench.support.plain_text import plain_text

__all__ = ["plain_page"]


def plain_page(title: str, tables: Sequence[Table], links: Mapping[str, str], *, back: str = "") -> str:
    """The whole page; `links` are the files beside it by what they are called, `back` is the file that leads here."""
    style, policy = style_alone()
    listed = "".join(f'<li><a href="{escape(file)}">{_text(name)}</a></li>\n' for name, file in links.items())
    parts = [
        f'<p><a href="{escape(back)}">All teams</a></p>' if back else "",
        *(f'<section class="scroll">\n{render(table, by_class=True)}</section>' for table in tables),
        f"<h2>Teams</h2>\n<ul>\n{listed}</ul>" if listed else "",
    ]
    body = "\n".join(part for part in parts if part)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{_text(title)}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{_text(title)}</h1>
</header>
<main>
{body}
</main>
</body>
</html>
"""


def _text(text: str) -> str:
    return escape(plain_text(" ".join(text.split())))
