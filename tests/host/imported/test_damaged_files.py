"""Damaged files of others: a few of what `tests/fuzz/imports.py` tries."""

from tests.fuzz.campaign import campaign
from tests.fuzz.imports import Imports


def test_a_few_of_them(tmp_path):
    answers = campaign("imports", Imports(tmp_path).try_one, 30, seed=11)
    assert answers["read"]
    assert answers["refused"]
