"""`bench doctor` from the outside: this very machine, and the same one broken in each way that a file can break it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.run.doctor import examine
from tests.trees import tree

BROKEN = "import os, sys\nraise ImportError('libstdc++.so.6: cannot open shared object file: No such file')\n"
# what a terminal shows, and whether the parent has imported what it asks another process to import
WATCHED = (
    "import sys\nfrom bench.cli.main import main\n"
    "try: main(sys.argv[1:])\n"
    "finally: assert not {'tensorflow', 'keras'} & set(sys.modules)"
)


def doctor(root, *arguments, path=None, **environment):
    """Run the verb on `root`; modules under `path` come first."""
    env = {**os.environ, **environment}
    env["PYTHONPATH"] = os.pathsep.join(map(str, filter(None, [path, env.get("PYTHONPATH")])))
    command = [sys.executable, "-c", WATCHED, "doctor", "--root", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def by_name(row):
    return {f"{one['group']}: {one['what']}": one for one in row["checks"]}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """This machine, asked once."""
    root = tmp_path_factory.mktemp("tree")
    done = doctor(root, "--json")
    return root, done, json.loads(done.stdout)


def test_this_machine_is_fit_where_its_tests_run(healthy):
    root, done, row = healthy
    broken = [one for one in row["checks"] if one["state"] == "broken"]
    # a card that TensorFlow can't use is a fault of the machine, and not of these tests
    assert [one for one in broken if not one["group"].startswith("GPU")] == []
    assert (done.returncode, row["fit"]) == ((1, False) if broken else (0, True))
    assert {one["group"] for one in row["checks"]} >= {"software", "GPU", "machine", "data", "folders", "host"}
    checks = by_name(row)
    assert checks["software: import"]["found"].endswith("can be imported")
    assert all(one["mend"] for one in row["checks"] if one["state"] == "limited")
    assert "asking TensorFlow" in done.stderr
    assert list(root.iterdir()) == []


def test_commands_of_bench_act_on_the_tree_that_was_looked_at(healthy):
    root, _, row = healthy
    mends = {name: one["mend"] for name, one in by_name(row).items()}
    assert mends["host: AI-Score"] == f"bench calibrate --root {root}"
    assert mends["host: noise"] == f"bench selftest --root {root}"


def test_a_broken_tensorflow_is_named_with_its_last_words_and_the_rest_is_looked_at(tmp_path):
    path = tree(tmp_path / "path", {"tensorflow/__init__.py": BROKEN})
    root = tree(tmp_path / "tree", {"results": "a file", "hosts/mine.yaml": "id: mine\n"})
    done = doctor(root, path=path)
    assert done.returncode == 1
    assert done.stdout.endswith("\n")
    lines, told = done.stdout.splitlines(), " ".join(done.stdout.split())
    assert f"✗ import TensorFlow is taken from {path}/tensorflow/__init__.py, not from where it is installed" in told
    assert "and doesn't work: ImportError: libstdc++.so.6: cannot open shared object file" in told
    assert f"→ mv {path}/tensorflow {path}/tensorflow.aside" in told
    assert f"{root}/results is a file where a folder should be → mv {root}/results {root}/results.old" in told
    assert f"{root}/hosts/mine.yaml:1: label is missing" in told
    assert "✓ Python" in done.stdout
    assert lines[-1].startswith("This machine is not fit to measure: 3 things are broken (✗). First: mv ")


@pytest.mark.parametrize(
    ("code", "patience", "state", "words"),
    [
        ("import time\ntime.sleep(600)\n", 1.0, "unknown", "gave no answer within 1 s"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", 600.0, "broken", "killed by SIGSEGV"),
    ],
)
def test_a_tensorflow_that_hangs_or_dies(tmp_path, monkeypatch, code, patience, state, words):
    tree(tmp_path, {"path/tensorflow.py": code})
    monkeypatch.syspath_prepend(tmp_path / "path")
    found = {one.what: one for one in examine(tmp_path, lambda _: None, patience_seconds=patience)}
    assert (found["software: import"].state, words in found["software: import"].found) == (state, True)
    assert found["folders: results/"].state == "fine"


@pytest.fixture
def python_without(tmp_path):
    """Makes a Python that has all packages of this one but one, by links."""

    def make(module):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
        (site,) = (tmp_path / "venv").glob("lib/python3*/site-packages")
        folders = [Path(place) for place in sys.path if Path(place).name in ("site-packages", "dist-packages")]
        for one in [one for folder in folders for one in folder.iterdir()]:
            taken = one.suffix == ".pth" or one.name.startswith((module, "__editable__"))
            if not taken and not (site / one.name).exists():
                (site / one.name).symlink_to(one)
        return tmp_path / "venv/bin/python"

    return make


@pytest.mark.parametrize(
    ("module", "name", "words"),
    [
        ("tensorflow", "TensorFlow", "not installed, and bench-harness"),
        ("numpy", "NumPy", "not installed, and "),
    ],
)
def test_a_python_that_lacks_what_bench_needs(tmp_path, checkout, python_without, module, name, words):
    python = python_without(module)
    env = {**os.environ, "PYTHONPATH": str(checkout)}
    command = [str(python), "-m", "bench", "doctor", "--json", "--root", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    row = json.loads(done.stdout)
    check = by_name(row)[f"software: {name}"]
    assert (check["state"], words in check["found"]) == ("broken", True)
    assert check["mend"].startswith("venv/bin/python -m pip install ")
    assert row["first"] == check
    assert by_name(row)["software: import"]["state"] == "broken"


def test_a_python_that_lacks_what_the_command_line_itself_needs(tmp_path, checkout, python_without):
    command = [str(python_without("pydantic")), "-m", "bench", "doctor"]
    env = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("bench: No module named 'pydantic")
    assert "venv/bin/python -m pip install pydantic" in done.stderr


def test_a_tree_that_is_not_there(tmp_path):
    done = doctor(tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no such folder" in done.stderr
