"""Import paths are followed without importing anything."""

from __future__ import annotations

import sys

import pytest

SUITE = "data: digits\nvariants: {notebook: }\nmodels: [{network: '%s', name: own}]\n"


@pytest.fixture
def module(write):
    """A module beside the suite that gives itself away where it is imported."""
    source = """
import sys
from os.path import join as joined
raise SystemExit("imported")

def build(input_shape, classes):
    r = "\\d"  # an escape that Python warns of

class Network: ...

if sys.argv:
    def sometimes(): ...

late = build
_hidden: int = 3
"""
    return write(source, "networks.py")


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize("function", ["build", "Network", "sometimes", "late", "joined", "_hidden"])
def test_what_a_module_beside_the_suite_defines(suite_of, function):
    network = f"networks:{function}"
    assert suite_of(SUITE % network).models[0].network == network
    assert "networks" not in sys.modules


def test_what_it_does_not_define(faults_of, module):
    assert faults_of(SUITE % "networks:biuld") == ["3: FOLDER/networks.py has no 'biuld'; did you mean 'build'?"]


def test_a_module_that_is_not_there(faults_of, module):
    assert faults_of(SUITE % "netwroks:build") == [
        "3: there is no module 'netwroks' for 'netwroks:build'; did you mean 'networks'?"
    ]
    assert faults_of(SUITE % "networks.deep:build") == [
        "3: there is no module 'networks.deep' for 'networks.deep:build'; did you mean 'networks'?"
    ]


def test_packages(suite_of, faults_of, write):
    write("raise SystemExit\n", "mine/__init__.py")
    write("def build(): ...\n", "mine/deep/nets.py")
    assert suite_of(SUITE % "mine.deep.nets:build").models[0].network == "mine.deep.nets:build"
    assert faults_of(SUITE % "mine.deep.nets:built") == [
        "3: FOLDER/mine/deep/nets.py has no 'built'; did you mean 'build'?"
    ]
    assert "mine" not in sys.modules


def test_the_current_folder_and_what_is_installed(suite_of, faults_of, write, monkeypatch):
    write("def make(): ...\n", "elsewhere/nets.py")
    assert "no module 'nets'" in faults_of(SUITE % "nets:make")[0]
    monkeypatch.chdir(write("", "elsewhere/x").parent)
    assert suite_of(SUITE % "nets:make")
    assert "has no 'mak'" in faults_of(SUITE % "nets:mak")[0]
    assert suite_of(SUITE % "json.decoder:JSONDecoder")
    assert suite_of(SUITE % "sys:exit")


@pytest.mark.parametrize("source", ["from json import *\n", "def __getattr__(name): ...\n"])
def test_names_that_show_only_when_a_module_runs(suite_of, write, source):
    write(source, "dynamic.py")
    assert suite_of(SUITE % "dynamic:anything")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"def build(:\n", "is no Python, at line 1: "),
        (b"x = '\xff'\n", "broken.py "),
        (b"x = '\0'\n", "broken.py "),
        (b"x = " + b"(" * 5000, "broken.py "),
    ],
)
def test_a_module_that_is_no_python(faults_of, write, source, said):
    write(source, "broken.py")
    (fault,) = faults_of(SUITE % "broken:build")
    assert fault.startswith("3: FOLDER/broken.py ")
    assert said in fault
    assert fault.endswith("; mend it first")


def test_a_data_set_by_import_path(suite_of, faults_of, write):
    write("def load(n=1): ...\n", "photos.py")
    text = "data: {name: 'photos:%s', args: {n: 2}%s}\nmodels: [simple_cnn]\nvariants: {notebook: }\n"
    suite = suite_of(text % ("load", ", subset: 7, team_seed: 1"))
    assert suite.data.args == {"n": 2}
    assert faults_of(text % ("loads", ", classes: 5")) == [
        "1: FOLDER/photos.py has no 'loads'; did you mean 'load'?",
        "1: 'classes' belongs to synthetic data only; leave it out",
    ]
