"""What a search came to as a program gets it: one that shows its answer, its table and its code."""

from __future__ import annotations

from dataclasses import dataclass, fields
from html import escape

from bench.analyse.tune.result import Tuned
from bench.report.core import html
from bench.report.core.markdown import render
from bench.report.tune.script import best_script
from bench.report.tune.text import answer, effects_table, search_lines

__all__ = ["ShownTuned", "shown"]


@dataclass(frozen=True)
class ShownTuned(Tuned):
    """What a search came to. `print` shows the answer, what each option adds, how it was found, and the code; a
    notebook the same.

    >>> found = bench.tune(build, data)
    >>> found.best.options.changed(), found.ratio.value
    ({'cache': 'memory'}, 1.83)
    >>> print(found.code)
    """

    @property
    def code(self) -> str | None:
        """A program that trains with the best options; None where none is better than the baseline."""
        return best_script(self)

    def __str__(self) -> str:
        table = effects_table(self)
        parts = [f"{answer(self)}\n"]
        parts += [render(table, 3)] if table is not None else []
        parts += [f"- {line}" for line in search_lines(self)]
        if self.code is not None:
            parts += ["\nThe code:\n", *(f"    {line}".rstrip() for line in self.code.splitlines())]
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        table = effects_table(self)
        lines = "".join(f"<li>{escape(line)}</li>" for line in search_lines(self))
        code = f"<pre>{escape(self.code)}</pre>" if self.code is not None else ""
        shown_table = html.render(table) if table is not None else ""
        return f"<p><strong>{escape(answer(self))}</strong></p>{shown_table}<ul>{lines}</ul>{code}"


def shown(found: Tuned) -> ShownTuned:
    """The same, with what it shows."""
    return ShownTuned(**{field.name: getattr(found, field.name) for field in fields(found)})
