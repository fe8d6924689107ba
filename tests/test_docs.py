"""The documents tell the truth: their links lead somewhere, their commands exist, and what they show can be typed."""

import os
import re
import shlex
import subprocess
import sys
import tarfile
from io import BytesIO

import pytest
import yaml

from tests import warm

DOCUMENTS = ["README.md", "CONTRIBUTING.md"]


def code_lines(text):
    """Lines of indented code blocks, comments cut off."""
    return [line[4:].partition("  #")[0].strip() for line in text.splitlines() if line.startswith("    ")]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_and_no_place_is_left_to_fill_in(checkout, document):
    text = (checkout / document).read_text()
    assert not re.findall(r"@[A-Z]+@", text)
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert all((checkout / link).exists() for link in links if "://" not in link)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_exist(checkout, document):
    targets = set(re.findall(r"^([a-z-]+):", (checkout / "Makefile").read_text(), re.MULTILINE))
    seen = 0
    for line in code_lines((checkout / document).read_text()):
        words = shlex.split(line)
        if words[:1] == ["make"]:
            assert words[1] in targets
            seen += 1
        elif words and words[0].endswith("bench"):
            offered = warm.plain.run(
                [sys.executable, "-m", "bench", words[1], "--help"], capture_output=True, text=True, check=True
            ).stdout
            assert all(word in offered for word in words if word.startswith("--"))
            seen += 1
    assert seen


def test_every_verb_of_the_readme_is_there_and_no_other(checkout):
    told = set(re.findall(r"`bench ([a-z]+)", (checkout / "README.md").read_text()))
    offered = warm.plain.run([sys.executable, "-m", "bench", "--help"], capture_output=True, text=True, check=True)
    assert told == set(re.findall(r"^  ([a-z]+)  ", offered.stdout, re.MULTILINE))


def test_the_suite_of_the_readme_is_one(checkout, tmp_path):
    text = re.search(r"```yaml\n(.*?)```", (checkout / "README.md").read_text(), re.DOTALL)[1]
    (tmp_path / "mine.yaml").write_text(text)
    (tmp_path / "my_models.py").write_text("def build(input_shape, classes, width): ...\n")
    from bench.suite import load

    suite = load(tmp_path / "mine.yaml")
    assert len(suite.cells()) == 3 * 6 * 2 * 2
    assert set(yaml.safe_load(text)) <= set(type(suite).model_fields)


def test_the_training_of_the_readme_is_one(checkout, tmp_path):
    blocks = re.findall(r"```yaml\n(.*?)```", (checkout / "README.md").read_text(), re.DOTALL)
    (training,) = [block for block in blocks if block.startswith("train:")]
    data = "data: {name: cifar100, subset: 20, team_seed: 1}\nvariants: [notebook]\n"
    (tmp_path / "mine.yaml").write_text(data + training)
    from bench.suite import load

    suite = load(tmp_path / "mine.yaml")
    assert [phase.name for phase in suite.train.stages(0)] == ["head", "all"]
    assert {cell.data.subset for cell in suite.cells()} == {20, 40}


def test_every_option_of_the_readme_is_there_and_no_other(checkout):
    from bench.suite import Options

    rows = re.findall(r"^\| `([a-z0-9_`, ]+)` \|", (checkout / "README.md").read_text(), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"[a-z0-9_]+", row)}
    assert set(Options.model_fields) <= told


def hosts_of(tree):
    """What `bench hosts` prints of a tree, on a machine that is none of its hosts."""
    from bench.host.registry import profiles
    from bench.report.core.markdown import render
    from bench.report.hosts.facts import host_facts
    from bench.report.hosts.table import hosts_tables
    from bench.results.query import read_all

    return "\n" + "\n".join(map(render, hosts_tables(host_facts(profiles(tree), read_all(tree).records)))) + "\n"


def handout_of(tree):
    """The first table of `bench report` on a tree: the handout's, with measured hosts as new columns."""
    from bench.analyse.expectation.handout import handout
    from bench.host.registry import profiles
    from bench.report.core.markdown import render
    from bench.report.handout.table import handout_tables
    from bench.results.query import latest, read_all

    known = profiles(tree)
    times, *_ = handout_tables(handout(known, latest(read_all(tree).records)), known)
    return "\n" + render(times) + "\n"


GENERATED = {"hosts": hosts_of, "handout": handout_of}
"""README's tables that are made of records and profiles, by the name in the marks around them."""


def between_marks(name):
    return re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end of {name} -->)", re.DOTALL)


def as_committed(checkout, to):
    """The hosts and results of the last commit: those of the checkout grow when somebody measures there."""
    done = subprocess.run(["git", "-C", checkout, "archive", "HEAD", "hosts", "results"], capture_output=True)
    if done.returncode:
        return checkout
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(to, filter="data")
    return to


@pytest.mark.parametrize("name", GENERATED)
def test_the_readmes_tables_are_what_records_and_profiles_give(checkout, tmp_path, name):
    """After a wanted change: BENCH_GOLDEN=write .venv/bin/python -m pytest tests/test_docs.py"""
    text = (checkout / "README.md").read_text()
    if os.environ.get("BENCH_GOLDEN") == "write":
        text = between_marks(name).sub(lambda _: GENERATED[name](checkout), text)
        (checkout / "README.md").write_text(text)
    told = between_marks(name).search(text)[0]
    assert told in (GENERATED[name](checkout), GENERATED[name](as_committed(checkout, tmp_path)))


def test_the_readmes_table_of_hosts_is_what_the_command_prints(checkout):
    now = hosts_of(checkout)
    assert {"colab-t4", "kaggle-p100", "rtx-2080-ti"} <= {row.split()[1] for row in rows_of(now)}
    command = [sys.executable, "-m", "bench", "hosts", "--root", str(checkout)]
    printed = warm.plain.run(command, capture_output=True, text=True, check=True).stdout
    assert rows_of(now) <= rows_of(printed)


def test_the_readme_shows_each_score_once(checkout):
    """A host's AI-Score is the same in both tables, for each comes of its profile."""
    text = (checkout / "README.md").read_text()
    hosts, handout = (between_marks(name).search(text)[0] for name in ("hosts", "handout"))
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
