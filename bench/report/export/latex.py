"""Tables as LaTeX: booktabs, a caption, a label, and the notes below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.analyse.stats.spread import spread_of
from bench.host.profile import HostProfile
from bench.report.core.groups import by_model
from bench.report.core.table import Note, Table
from bench.report.export.latex_text import escape, label
from bench.report.suite.table import suite_table
from bench.results.query import by_suite
from bench.results.record import Record

__all__ = ["latex", "render"]

_TALLEST = r".7\textheight"
"""Of a page, the rest of which is for the notes."""
_HEAD = r"""% To be included with \input; in the preamble:
%   \usepackage[T1]{fontenc}
%   \usepackage{textcomp, booktabs, graphicx}
"""


def latex(records: Sequence[Record], profiles: Sequence[HostProfile]) -> str:
    """The table of each suite on each host, the newest record of each cell in it."""
    by_id: Mapping[str, HostProfile] = {profile.id: profile for profile in profiles}
    tables = []
    for (host, suite, team), group in by_suite(records).items():
        profile = by_id.get(host)
        table = suite_table(by_model(group), profile.label if profile else host, spread_of(profile))
        tables.append(render(table, label(suite, host, *([team] if team else []))))
    return "\n".join((_HEAD, *tables))


def render(table: Table, name: str) -> str:
    """The table as a float that `name` refers to, scaled down where it is wider than the line or too tall; ends with a
    newline."""
    sides = "".join("l" if column.align == "left" else "r" for column in table.columns)
    rows = "\n".join(f"    {_row(row)}" for row in table.rows)
    notes = "\n".join(f"  {_note(note)}." for note in table.notes)  # one paragraph: lines of their own fill a page
    below = f"  \\par\\smallskip\n  \\begin{{minipage}}{{\\linewidth}}\\scriptsize\n{notes}\n  \\end{{minipage}}\n"
    return f"""\\begin{{table}}[htbp]
  \\centering
  \\caption{{{escape(table.title)}}}
  \\label{{{name}}}
  \\resizebox{{\\ifdim\\width>\\linewidth \\linewidth\\else\\width\\fi}}{{!}}{{%
  \\resizebox*{{!}}{{\\ifdim\\totalheight>{_TALLEST} {_TALLEST}\\else\\totalheight\\fi}}{{%
    \\begin{{tabular}}{{@{{}}{sides}@{{}}}}
    \\toprule
    {_row([column.heading for column in table.columns])}
    \\midrule
{rows}
    \\bottomrule
    \\end{{tabular}}}}}}
{below if table.notes else ""}\\end{{table}}
"""


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(escape, cells)) + r" \\"


def _note(note: Note) -> str:
    return f"\\textbf{{{escape(note.mark)}}} {escape(note.text)}" if note.mark else escape(note.text)
