"""The documents tell the truth: their links lead somewhere, their commands exist, and what they show can be typed."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from bench.report.blocks import blocks as blocks_of
from tests import warm

CHECKOUT = Path(__file__).parents[1]
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *sorted(str(p.relative_to(CHECKOUT)) for p in (CHECKOUT / "docs").rglob("*.md")),
]
GENERATED_PAGES = {f"docs/reference/{name}.md" for name in ("suite", "cli", "metrics", "findings", "record", "views")}


def code_lines(text):
    """Lines of indented code blocks, comments cut off."""
    return [line[4:].partition("  #")[0].strip() for line in text.splitlines() if line.startswith("    ")]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_and_no_place_is_left_to_fill_in(document):
    text = (CHECKOUT / document).read_text()
    assert not re.findall(r"@@?[A-Z]+@@?", text)
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        target = (CHECKOUT / document).parent / link
        made = str(target.resolve().relative_to(CHECKOUT)) in GENERATED_PAGES if "://" not in link else True
        assert made or target.exists() or link == "assets/cnn-speedup.png", link


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_exist(document):
    targets = set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    for line in code_lines((CHECKOUT / document).read_text()):
        words = shlex.split(line) if line.startswith(("make ", "bench ", ".venv/bin/bench ")) else []
        if words[:1] == ["make"]:
            assert words[1] in targets
        elif words:
            verb = words[1:3] if words[1] in ("hosts", "data") and len(words) > 2 else words[1:2]
            offered = warm.plain.run(
                [sys.executable, "-m", "bench", *verb, "--help"], capture_output=True, text=True, check=True
            ).stdout
            assert all(word in offered for word in words if word.startswith("--"))


def blocks(document, language):
    return re.findall(rf"^```{language}\n(.*?)^```", (CHECKOUT / document).read_text(), re.DOTALL | re.MULTILINE)


MODULES = {
    "my_models.py": "def build(input_shape, classes, width=32): ...\n",
    "my_data.py": "def load(count=1000): ...\n",
    "my_code.py": "def augment(images, labels): ...\n",
    "my_pipeline.py": "def train(): ...\ndef validation(): ...\ndef build(width): ...\n",
}


@pytest.mark.parametrize(
    ("document", "text"), [(document, text) for document in DOCUMENTS for text in blocks(document, "yaml")]
)
def test_suites_that_are_shown_are_suites(tmp_path, document, text):
    from bench.suite import load

    for name, code in MODULES.items():
        (tmp_path / name).write_text(code)
    if text.startswith("train:"):
        text = "data: {name: cifar100, subset: 20, team_seed: 1}\nvariants: [notebook]\n" + text
    if not text.startswith("# yaml-language-server"):
        (tmp_path / "mine.yaml").write_text(text)
        assert load(tmp_path / "mine.yaml").cells()


@pytest.mark.parametrize(
    ("document", "text"), [(document, text) for document in DOCUMENTS for text in blocks(document, "python")]
)
def test_code_that_is_shown_runs(document, text):
    """As a module: functions of the user's own are then called as a suite would."""
    end = ""
    if "def train(" in text:
        end = "build(4).fit(train().batch(500), validation_data=validation().batch(500), verbose=0)\n"
    elif "def build(" in text:
        end = "assert build((32, 32, 3), 10, width=4).count_params()\n"
    elif "def load(" in text:
        end = "(x, y), (u, v) = load(count=100)\nassert (len(x), len(y), len(u), len(v)) == (90, 90, 10, 10)\n"
    subprocess.run([sys.executable, "-c", text + end], cwd=CHECKOUT, check=True)


def test_the_site_is_built_without_a_warning(tmp_path):
    """Every link, anchor and reference is looked at, and the pages ask nothing of anyone."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    env = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    pages = {page.relative_to(tmp_path): page.read_text() for page in tmp_path.rglob("*.html")}
    loaded = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"?(https?:)?//[^\s\">]*")
    assert not [(name, found) for name, page in pages.items() for found in loaded.findall(page)]
    reference = {name: pages[Path("reference", f"{name}.html")] for name in ("suite", "cli", "metrics", "findings")}
    assert all(word in reference["suite"] for word in ("steps_per_execution", "same_within", "target_accuracy"))
    assert all(word in reference["cli"] for word in ("bench run", "--resume", "bench hosts merge"))
    assert "two-speeds" in reference["findings"]
    assert "training_macs_per_image" in reference["metrics"]


def test_every_verb_of_the_readme_is_there_and_no_other(checkout):
    told = set(re.findall(r"`bench ([a-z]+)", (checkout / "README.md").read_text()))
    offered = warm.plain.run([sys.executable, "-m", "bench", "--help"], capture_output=True, text=True, check=True)
    assert told == set(re.findall(r"^  ([a-z]+)  ", offered.stdout, re.MULTILINE))


def made_anew(document, tree):
    """The document as `bench report --write` makes it of a tree's results, on a machine that is none of its hosts."""
    from bench.report.documents import refresh

    copy = tree / Path(document).name
    shutil.copyfile(CHECKOUT / document, copy)
    refresh(tree, [copy])
    return copy.read_text()


def table_of(document):
    """What stands between the marks of a document with one block."""
    text = (CHECKOUT / document).read_text()
    (block,) = blocks_of(text, Path(document))
    return "\n".join(text.splitlines()[block.line : block.end - 1])


SHOWN = ["docs/how-to/hosts.md", "README.md"]
"""Documents with tables that are made of records and profiles."""


def as_committed(checkout, to):
    """The hosts and results of the last commit, where there is one: those of the checkout grow when somebody measures
    there."""
    done = subprocess.run(["git", "-C", checkout, "archive", "HEAD", "hosts", "results"], capture_output=True)
    if done.returncode:
        return None
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(to, filter="data")
    return to


@pytest.mark.parametrize("document", SHOWN)
def test_tables_are_what_records_and_profiles_give(checkout, tmp_path, document):
    """After a wanted change: bench report --write"""
    here, committed = tmp_path / "here", tmp_path / "committed"
    here.mkdir()
    committed.mkdir()
    for name in ("hosts", "results"):
        (here / name).symlink_to(checkout / name)
    text = (checkout / document).read_text()
    assert text in (made_anew(document, here), made_anew(document, as_committed(checkout, committed) or here))


def test_the_page_of_results_is_what_they_give(checkout, tmp_path):
    """After a wanted change: bench report --html docs/results.html"""
    from bench.report.html.write import write_page

    tree = as_committed(checkout, tmp_path) or checkout
    assert write_page(tree, tmp_path / "page.html").read_bytes() == (checkout / "docs" / "results.html").read_bytes()


def test_the_table_of_hosts_is_what_the_command_prints(checkout):
    now = table_of(SHOWN[0])
    assert {"colab-t4", "kaggle-p100", "rtx-2080-ti"} <= {row.split()[1] for row in rows_of(now)}
    command = [sys.executable, "-m", "bench", "hosts", "--root", str(checkout)]
    printed = warm.plain.run(command, capture_output=True, text=True, check=True).stdout
    assert rows_of(now) <= rows_of(printed)


def test_each_score_is_the_same_in_both_tables():
    """For each comes of its host's profile."""
    hosts, handout = map(table_of, SHOWN)
    by_name = {row[1]: row[2].removesuffix(" P") for row in cells_of(hosts.partition("### Roofs")[0])}
    heading, *rows = cells_of(handout)
    assert dict(zip(heading[1:], rows[-1][1:], strict=True)) == {name: by_name[name] for name in heading[1:]}


def cells_of(text):
    """A table's rows as their cells, without the line under the heading."""
    rows = [row.strip("| ").split("|") for row in re.findall(r"^\| .*", text, re.MULTILINE)]
    return [[cell.strip() for cell in row] for row in rows]


def rows_of(text):
    """A table's rows without the mark of this machine, the letters of notes and the width of columns."""
    rows = re.findall(r"^\| .*", text, re.MULTILINE)
    return {" ".join(re.sub(r" ←| \([a-z]\)", "", row).split()) for row in rows}
