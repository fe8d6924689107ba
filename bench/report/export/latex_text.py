"""Text as LaTeX shows it, whatever it holds, with pdfLaTeX and its default fonts too."""

from __future__ import annotations

import re
import unicodedata

from bench.support.plain_text import plain_text

__all__ = ["escape", "label"]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "-": "-{}",  # two are a dash, else
    "[": "{[}",  # at a row's beginning, the length of what a line's end skips
    "]": "{]}",
    "*": "{*}",  # the same, of a line's end that allows no new page
    "±": r"$\pm$",
    "×": r"$\times$",
    "–": "--",
    "—": "---",
    "−": "$-$",
    "µ": r"\textmu{}",
    "μ": r"\textmu{}",
    "†": r"\dag{}",
    "‡": r"\ddag{}",
    "°": r"\textdegree{}",
    "·": r"\textperiodcentered{}",
    "…": r"\ldots{}",
    "→": r"$\rightarrow$",
    "←": r"$\leftarrow$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "▲": r"$\bigtriangleup$",
    "▼": r"$\bigtriangledown$",
    "∞": r"$\infty$",
    "√": r"$\surd$",
    "Σ": r"$\Sigma$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≈": r"$\approx$",
    "²": r"\textsuperscript{2}",
    "³": r"\textsuperscript{3}",
    "\xa0": "~",
}
_QUOTES = {"“": "``", "”": "''", "‘": "`", "’": "'", "„": r"\quotedblbase{}"}
_KNOWN = _SPECIAL | _QUOTES


def escape(text: str) -> str:
    r"""Text on one line that LaTeX shows as it is. A character that its default fonts lack is named by its number.

    >>> print(escape("simple_cnn: 16.2 ± 0.3 ms, 50 %"))
    simple\_cnn: 16.2 $\pm$ 0.3 ms, 50 \%
    """
    return "".join(map(_escaped, plain_text(" ".join(text.split()))))


def label(*names: str) -> str:
    r"""A name for `\label`, of letters, digits and hyphens alone.

    >>> label("cnn", "colab-t4")
    'tab:cnn-colab-t4'
    """
    return "tab:" + "-".join(re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "x" for name in names)


def _escaped(one: str) -> str:
    if one in _KNOWN:
        return _KNOWN[one]
    if " " <= one <= "~" or _is_latin_letter(one):
        return one
    return f"\\texttt{{U+{ord(one):04X}}}"


def _is_latin_letter(one: str) -> bool:
    """Is it a letter of Latin-1, as the default fonts have it or make it up of a letter and an accent?"""
    return one in "ßæÆøØ" or (one <= "ÿ" and len(unicodedata.normalize("NFD", one)) == 2)
