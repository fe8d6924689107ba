"""The house keeps its own rules."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warm import plain


def test_imports_go_down_the_floors_and_only_the_workload_imports_tensorflow(checkout):
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-cache"], cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 kept, 0 broken" in done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory, checkout):
    """A tree with results, to read."""
    from bench.results.journal import Journal, journal_path
    from bench.results.record import Record
    from tests.course_tree import class_tree, keep
    from tests.records import make_record

    root = tmp_path_factory.mktemp("tree")
    for record in (make_record(), make_record(variant="xla")):
        Journal(journal_path(root, record.host, record.suite), Record).append(record)
    own = class_tree(root / "class")
    keep(own, make_record(suite="small"))
    (own / "small.yaml").write_text(
        "data: cifar100\nmodels: [simple_cnn]\nvariants: [notebook]\ncourse: {max_params: 200000}\n"
    )
    (root / "theirs.txt").write_text("*  CPU: Somebody's\nDevice AI Score: 100\n")
    return root


READING = [
    "--help",
    "--version",
    "run --help",
    "run {checkout}/suites/cnn.yaml --dry-run --root {tree}",
    "report --root {tree}",
    "report --json --root {tree}",
    "export --format csv - --root {tree}",
    "export --format parquet {tree}/records.parquet --root {tree}",
    "export --format pytest-benchmark - --root {tree}",
    "export --format tensorboard {tree}/tensorboard --root {tree}",
    "import {tree}/theirs.txt --dry-run --root {tree}",
    "hosts --root {tree}",
    "hosts show colab-t4 --root {tree}",
    "hosts rename xeon-2-cores box --dry-run --root {tree}",
    "plan {checkout}/suites/cnn.yaml --root {tree}",
    "board {tree}/class/mine.yaml --root {tree}/class",
    "check {tree}/class/small.yaml --root {tree}/class",
    "data",
    "init {tree}/new",
]


@pytest.mark.parametrize("verb", READING)
def test_no_verb_that_only_reads_imports_tensorflow(verb, tree, checkout):
    code = (
        "import sys\nfrom bench.cli.main import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit as end: assert not end.code, end.code\n"
        "loaded = {'tensorflow', 'keras', 'torch'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    arguments = verb.format(tree=tree, checkout=checkout).split()
    # forked from a process that has imported no module of ours that asks for any of them
    done = plain.run([sys.executable, "-c", code, *arguments], cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_package_is_in_the_wheel(checkout):
    """Each folder is a package, and the two that lie outside are linked to."""
    settings = configparser.ConfigParser()
    settings.read(checkout / "setup.cfg")
    chosen = {name: settings["options.packages.find"][name].split() for name in ("include", "exclude")}
    there = {".".join(path.parent.relative_to(checkout).parts) for path in checkout.glob("bench/**/__init__.py")}
    shipped = {"bench._shipped", "bench._shipped.hosts", "bench._shipped.suites"}
    # setuptools replaces the standard library's distutils where it is imported
    code = f"from setuptools import find_namespace_packages as find; print(*find({str(checkout)!r}, **{chosen!r}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    # an older checkout's __pycache__ keeps the folders of packages that were moved
    folders = {name: checkout.joinpath(*name.split(".")) for name in found}
    held = {name for name, folder in folders.items() if {path.name for path in folder.iterdir()} - {"__pycache__"}}
    assert held == there | shipped


def test_every_requirement_is_pinned_and_no_address_is_named(checkout):
    lines = [line for line in (checkout / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in lines), lines
    pinned = {re.sub(r"[._-]+", "-", line.partition("==")[0]).lower() for line in lines}
    settings = configparser.ConfigParser()
    settings.read(checkout / "setup.cfg")
    wanted = settings["options"]["install_requires"] + "".join(settings["options.extras_require"].values())
    names = {
        re.sub(r"[._-]+", "-", name).lower() for name in re.findall(r"^\s*([A-Za-z][\w.-]*)", wanted, re.MULTILINE)
    }
    assert names <= pinned, names - pinned


def test_our_own_code_is_tensorflow_2_alone(checkout):
    old = re.compile(r"compat\.v1|compat import v1|tf\.__internal__")
    assert not [str(path) for path in checkout.glob("bench/**/*.py") if old.search(path.read_text())]
