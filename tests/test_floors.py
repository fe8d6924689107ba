"""The floors of the import contract, and the two documents that tell of them."""

import re
import tomllib

import pytest

import bench


@pytest.fixture(scope="module")
def floors(checkout):
    """The contract's floors from the top down, each a set of modules."""
    settings = tomllib.loads((checkout / "pyproject.toml").read_text())
    (contract,) = [one for one in settings["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    assert (contract["containers"], contract["exhaustive"]) == (["bench"], True)
    listed = [set(re.findall(r"\w+", floor)) for floor in contract["layers"]]
    assert listed.pop(0) == {"__main__"}
    return listed


def names(text):
    return set(re.findall(r"`(\w+)`", text))


def test_contributing_names_every_module_on_its_floor(checkout, floors):
    text = (checkout / "CONTRIBUTING.md").read_text()
    told = re.search(r"^Imports go down these floors.*?\n\n", text, re.MULTILINE | re.DOTALL)[0]
    assert [names(floor) for floor in told.split("→")] == floors


def test_both_tables_of_rooms_are_whole(checkout, floors):
    rooms = set().union(*floors) - {"errors"}
    assert set(re.findall(r"^\| `bench/(\w+)`", (checkout / "CONTRIBUTING.md").read_text(), re.MULTILINE)) == rooms
    assert set(re.findall(r"^\| `(\w+)`", bench.__doc__, re.MULTILINE)) == rooms
