"""Damaged host profiles, through every verb that reads them: a few of what `tests/fuzz/profiles.py` tries."""

from tests.fuzz.campaign import campaign
from tests.fuzz.profiles import Profiles


def test_a_few_of_them(tmp_path):
    answers = campaign("profiles", Profiles(tmp_path).try_one, 6, seed=11)
    assert sum(answers.values()) == 6
