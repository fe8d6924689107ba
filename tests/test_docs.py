"""The documents tell the truth: their links lead somewhere, their commands exist, and what they show can be typed."""

import re
import shlex
import subprocess
import sys

import pytest
import yaml

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
    targets = set(re.findall(r"^([a-z]+):", (checkout / "Makefile").read_text(), re.MULTILINE))
    seen = 0
    for line in code_lines((checkout / document).read_text()):
        words = shlex.split(line)
        if words[:1] == ["make"]:
            assert words[1] in targets
            seen += 1
        elif words and words[0].endswith("bench"):
            offered = subprocess.run(
                [sys.executable, "-m", "bench", words[1], "--help"], capture_output=True, text=True, check=True
            ).stdout
            assert all(word in offered for word in words if word.startswith("--"))
            seen += 1
    assert seen


def test_every_verb_of_the_readme_is_there_and_no_other(checkout):
    told = set(re.findall(r"`bench ([a-z]+)", (checkout / "README.md").read_text()))
    offered = subprocess.run([sys.executable, "-m", "bench", "--help"], capture_output=True, text=True, check=True)
    assert told == set(re.findall(r"^  ([a-z]+)  ", offered.stdout, re.MULTILINE))


def test_the_suite_of_the_readme_is_one(checkout, tmp_path):
    text = re.search(r"```yaml\n(.*?)```", (checkout / "README.md").read_text(), re.DOTALL)[1]
    (tmp_path / "mine.yaml").write_text(text)
    (tmp_path / "my_models.py").write_text("def build(input_shape, classes, width): ...\n")
    from bench.suite import load

    suite = load(tmp_path / "mine.yaml")
    assert len(suite.cells()) == 3 * 6 * 2 * 2
    assert set(yaml.safe_load(text)) <= set(type(suite).model_fields)


def test_every_option_of_the_readme_is_there_and_no_other(checkout):
    from bench.suite import Options

    rows = re.findall(r"^\| `([a-z0-9_`, ]+)` \|", (checkout / "README.md").read_text(), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"[a-z0-9_]+", row)}
    assert set(Options.model_fields) <= told
