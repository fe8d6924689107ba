import html
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from bench.report.core.html import render
from bench.report.core.table import Heading, Note, Table


def test_a_table_in_html():
    table = Table(
        "speeds", (Heading("what"), Heading("ms", "right")), (("a<b", "1 ± 0.1"),), (Note("why & how", "†"), Note("so"))
    )
    assert render(table) == (
        "<p><strong>speeds</strong></p>\n"
        '<table>\n<thead>\n<tr><th style="text-align:left">what</th><th style="text-align:right">ms</th></tr>\n'
        '</thead>\n<tbody>\n<tr><td style="text-align:left">a&lt;b</td><td style="text-align:right">1 ± 0.1</td></tr>\n'
        "</tbody>\n</table>\n"
        "<ul>\n<li><strong>†</strong> why &amp; how</li>\n<li>so</li>\n</ul>\n"
    )


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, tuple(name for name, _ in attrs)))


@given(st.text(), st.text())
def test_whatever_the_cells_hold_makes_no_tag(cell, title):
    tags = Tags()
    tags.feed(render(Table(title, (Heading(cell),), ((cell,),), (Note(cell, cell),))))
    written = "p strong table thead tbody tr th td ul li".split()
    assert {tag for tag, _ in tags.found} <= set(written)
    assert {names for _, names in tags.found} == {(), ("style",)}


def test_what_is_not_seen_is_written_out():
    shown = render(Table("", (Heading("a"),), (("x\x1b[2J\u202e",),)))
    assert html.unescape(re.search("<td[^>]*>(.*)</td>", shown)[1]) == "x\\x1b[2J\\u202e"
