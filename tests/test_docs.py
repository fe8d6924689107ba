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


HOSTS = re.compile(r"(?<=<!-- hosts -->\n).*?(?=<!-- end of hosts -->)", re.DOTALL)


def hosts_of(tree):
    """What `bench hosts` prints of a tree, on a machine that is none of its hosts."""
    from bench.host.registry import profiles
    from bench.report.host_figures import figures
    from bench.report.hosts_table import hosts_tables
    from bench.report.markdown import render
    from bench.results.query import read_all

    return "\n" + "\n".join(map(render, hosts_tables(figures(profiles(tree), read_all(tree).records)))) + "\n"


def as_committed(checkout, to):
    """The hosts and results of the last commit: those of the checkout grow when somebody measures there."""
    done = subprocess.run(["git", "-C", checkout, "archive", "HEAD", "hosts", "results"], capture_output=True)
    if done.returncode:
        return checkout
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(to, filter="data")
    return to


def test_the_readmes_table_of_hosts_is_what_the_command_prints(checkout, tmp_path):
    """After a wanted change: BENCH_GOLDEN=write .venv/bin/python -m pytest tests/test_docs.py"""
    text = (checkout / "README.md").read_text()
    if os.environ.get("BENCH_GOLDEN") == "write":
        text = HOSTS.sub(lambda _: hosts_of(checkout), text)
        (checkout / "README.md").write_text(text)
    told = HOSTS.search(text)[0]
    now = hosts_of(checkout)
    assert told in (now, hosts_of(as_committed(checkout, tmp_path)))
    assert {"colab-t4", "kaggle-p100", "rtx-2080-ti"} <= {row.split()[1] for row in rows_of(told)}
    command = [sys.executable, "-m", "bench", "hosts", "--root", str(checkout)]
    printed = warm.plain.run(command, capture_output=True, text=True, check=True).stdout
    assert rows_of(now) <= rows_of(printed)


def rows_of(text):
    """A table's rows without the mark of this machine, the letters of notes and the width of columns."""
    rows = re.findall(r"^\| .*", text, re.MULTILINE)
    return {" ".join(re.sub(r" ←| \([a-z]\)", "", row).split()) for row in rows}
