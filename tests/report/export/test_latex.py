import re
import shutil
import subprocess

import pytest

from bench.report.core.table import Heading, Note, Table
from bench.report.export.latex import latex, render
from bench.report.export.latex_text import escape, label
from bench.results.query import latest, read_all

PRINTED = "".join(map(chr, range(32, 127)))
HOSTILE = [
    *(r"\input{/etc/passwd}", "\\", "}", "{", "%", "$x_1$", "[1]", "*", "a & b", "~^#_", "--", "漢字 🚀 éßÿ", "▲▼±×"),
]


@pytest.mark.parametrize("text", [PRINTED, *HOSTILE])
def test_nothing_in_text_is_a_command_of_its_own(text):
    bare = re.sub(r"\\(text\w+|dag|ddag|ldots)\{[^{}]*\}|\\[{}$&#_%]|\$\\?[\w-]+\$|-\{\}|\{[\[\]*]\}", "", escape(text))
    assert not re.search(r"[\\{}$&#_%^~\[\]*<>|\"]", bare), bare


def test_the_suites_tables_have_caption_label_and_explained_marks(root):
    text = latex(latest(read_all(root).records), ())
    assert r"\label{tab:cnn-xeon-2-cores}" in text
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == text.count(r"\caption{") > 1
    assert text.count(r"\toprule") == text.count(r"\midrule") == text.count(r"\bottomrule")
    assert re.search(r"\d \$\\pm\$ \d", text)
    marked = 0
    for table in text.split(r"\end{table}")[:-1]:
        marks = {mark for cell in re.findall(r"& ((?:[a-z], )*[a-z]) \\\\", table) for mark in cell.split(", ")}
        assert marks <= set(re.findall(r"\\textbf\{([a-z])\}", table))
        marked += len(marks)
    assert marked


def test_labels():
    assert label("my suite_1", "RTX/2080") == "tab:my-suite-1-rtx-2080"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex (apt install texlive-latex-base)")
def test_pdflatex_takes_it_with_whatever_a_record_names(root, tmp_path):
    rows = tuple((cell, "1", "1") for cell in (*HOSTILE, PRINTED))
    planted = Table(PRINTED, (Heading("[x]"), Heading("%", "right"), Heading("*")), rows, (Note(PRINTED, "a"),))
    body = latex(latest(read_all(root).records), ()) + render(planted, label(PRINTED))
    head = "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{textcomp, booktabs, graphicx}\n"
    (tmp_path / "tables.tex").write_text(body)
    (tmp_path / "a.tex").write_text(head + "\\begin{document}\n\\input{tables}\n\\end{document}\n")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
    assert "too large" not in done.stdout
