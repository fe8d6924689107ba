"""A process that imports code from one folder alone. Each case has a process of its own: none is ever set free."""

import subprocess
import sys

import pytest

from bench.errors import InputError
from bench.suite.user_code import confined_source
from tests.trees import tree

ASK = """
import sys
from pathlib import Path
from bench.errors import InputError
from bench.suite.user_code import confine, load_function

confine(Path(sys.argv[1]) if sys.argv[1] else None)
for path in sys.argv[2:]:
    try:
        print(load_function(path, Path(sys.argv[1]))())
    except InputError as error:
        print(error)
"""
FIRE = "print('FIRED')\ndef build(): return 'elsewhere'\n"
"""A module that says that it was imported."""


@pytest.fixture
def base(tmp_path):
    own = {
        "own.py": "import helper\nimport colorsys\ndef build(): return f'own, {helper.NAME}'\nwidth = 3\n",
        "helper.py": "NAME = 'its helper'\n",
        "package/__init__.py": "NAME = 'a package'\n",
        "package/nets.py": "from . import NAME\nfrom .layers import KIND\ndef build(): return f'{NAME}, {KIND}'\n",
        "package/layers.py": "KIND = 'its layers'\n",
        "bare/deep/nets.py": "from bare.deep import more\ndef build(): return more.NAME\n",
        "bare/deep/more.py": "NAME = 'no __init__'\n",
        "re.py": "def build(): return 'taken'\n",
        "broken.py": "1 / 0\n",
    }
    elsewhere = {"trap.py": FIRE, "own.py": FIRE, "package/nets.py": FIRE, "deep/trap.py": FIRE}
    return tree(tmp_path, {f"folder/{name}": text for name, text in own.items()} | {
        f"here/{name}": text for name, text in elsewhere.items()
    })  # fmt: skip


@pytest.fixture
def ask(base):
    """What each import path gives, in a process whose current folder is full of traps, that may be imported."""

    def answers(folder, *paths, on_path=()):
        code = f"import sys; sys.path[:0] = {[*map(str, on_path)]!r}\n{ASK}"
        command = [sys.executable, "-c", code, "" if folder is None else str(base / folder), *paths]
        done = subprocess.run(command, cwd=base / "here", capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "FIRED" not in done.stdout + done.stderr
        return done.stdout.splitlines()

    return answers


def test_the_folders_own_modules_are_imported_with_what_they_import(ask):
    assert ask("folder", "own:build", "package.nets:build", "bare.deep.nets:build", "own:build") == [
        "own, its helper",
        "a package, its layers",
        "no __init__",
        "own, its helper",
    ]


@pytest.mark.parametrize(
    "path", ["trap:build", "os:getcwd", "numpy:ones", "pip:main", "deep.trap:build", "package:build"]
)
def test_what_is_not_in_the_folder_is_not_imported(path, ask, base):
    (told,) = ask("folder", path, on_path=[base / "here"])
    assert "--folder" in told or "has no function 'build'" in told


def test_nothing_at_all_is_imported_without_a_folder(ask, base):
    told = ask(None, "trap:build", "own:build", "os:getcwd", on_path=[base / "here"])
    assert told == [
        f"{path} is code of somebody's own, and none is run here" for path in ("trap:build", "own:build", "os:getcwd")
    ]


def test_a_name_that_something_else_has_already_is_not_taken_for_it(ask):
    (told,) = ask("folder", "re:build")
    assert "re.py: re:build: a module 're' that isn't the folder's own is in use already; give it another name" in told


def test_what_is_wrong_with_a_module_of_the_folder_is_said(ask):
    broken, absent, number = ask("folder", "broken:build", "own:bild", "own:width")
    assert broken == "broken:build: broken can't be imported: ZeroDivisionError: division by zero"
    assert absent == "own:bild: own has no function 'bild'; did you mean 'build'?"
    assert "own has no function 'width'" in number


def test_links_out_of_the_folder_are_refused(base):
    (base / "folder" / "linked.py").symlink_to(base / "here" / "trap.py")
    (base / "folder" / "away").symlink_to(base / "here")
    (base / "folder" / "inner.py").symlink_to("own.py")
    for module in ("linked", "away.trap"):
        with pytest.raises(InputError, match="a link leads out of"):
            confined_source(module, base / "folder")
    assert confined_source("inner", base / "folder") == base / "folder" / "inner.py"
    (base / "other").symlink_to(base / "folder")
    assert confined_source("own", base / "other").is_file()
