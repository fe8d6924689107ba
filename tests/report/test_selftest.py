import json
from dataclasses import replace

import pytest

from bench.analyse.selftest.ground_truth import Checked
from bench.analyse.selftest.result import SelfTested
from bench.host.fitness import Unfit
from bench.host.measured import Noise, SelfTest
from bench.host.profile import HostProfile
from bench.report.core.markdown import render
from bench.report.selftest import selftest_row, selftest_table

PROFILE = HostProfile(
    id="here",
    label="This machine",
    noise=Noise(date="2026-01-05", in_turns=0.008, apart=0.011, rounds=12),
    self_test=SelfTest(date="2026-01-05", version="1.0", largest_error=0.003, empty_step_seconds=0.0012, cells=2),
)
GOOD = (
    Checked("data", 0.12, 0.1221, 0.1220, 0.1220, 0.002),
    Checked("step", 0.12, 0.1221, 0.1222, 0.1223, 0.001),
)
MISSED = replace(GOOD[1], measured=0.1221 * 1.02)
FOUND = SelfTested(PROFILE, GOOD, (), True)
BUSY = Unfit("other work takes 80 % of the processors", "end it, or wait")
LIMITED = Unfit("the container may use 2 of 8 cores", "raise its limit", lasting=True)


def shown(found):
    return render(selftest_table(found), 2)


def row_of(text, name):
    line = next(line for line in text.splitlines() if line.startswith(f"| {name} "))
    return [part.strip() for part in line.split("|")[1:-1]]


def test_every_known_step_time_has_its_error_and_all_is_stored():
    text = shown(FOUND)
    assert "Self-test of This machine" in text
    assert row_of(text, "step") == ["step", "120.00", "122.10", "122.30", "+0.16 ± 0.10", "+0.08", "ok"]
    assert "stored in hosts/here.yaml" in text
    assert FOUND.passed


def test_the_smallest_differences_are_said_in_percent():
    text = shown(FOUND)
    row = selftest_row(FOUND)
    apart, in_turns = row["smallest_difference"] * 100, row["smallest_difference_in_turns"] * 100
    assert 3 < apart < 6
    assert 0.5 < in_turns < 1
    assert f"differences under {apart:.2f} % between two cells of a run can't be distinguished from noise here" in text
    assert f"{in_turns:.3f}".rstrip("0")[:4] in text
    assert "fit around nothing takes 1.2" in text


def test_a_missed_one_is_named_and_nothing_is_stored():
    found = replace(FOUND, checked=(GOOD[0], MISSED), stored=False)
    text = shown(found)
    assert not found.passed
    assert row_of(text, "step")[-3:] == ["+2.00 ± 0.10", "+1.92", "missed"]
    assert row_of(text, "data")[-1] == "ok"
    assert "missed by more than 1 %: nothing was stored" in text
    assert "stored in hosts" not in text


def test_an_unfit_machine_is_told_why_and_what_would_mend_it():
    text = shown(replace(FOUND, unfit=(BUSY,), stored=False))
    assert "isn't fit to measure just now: other work takes 80 % of the processors: end it, or wait" in text
    assert "--force" in text
    assert "stored in hosts" not in text


def test_what_is_lasting_does_not_keep_it_from_being_stored():
    text = shown(replace(FOUND, unfit=(LIMITED,)))
    assert "isn't fit to measure: the container may use 2 of 8 cores" in text
    assert "stored in hosts/here.yaml" in text


@pytest.mark.parametrize(
    "found",
    [
        FOUND,
        replace(FOUND, unfit=(BUSY, LIMITED), stored=False),
        replace(FOUND, checked=(GOOD[0], MISSED), stored=False),
    ],
    ids=["good", "unfit", "missed"],
)
def test_programs_get_all_of_it(found):
    row = json.loads(json.dumps(selftest_row(found), allow_nan=False))
    assert (row["passed"], row["stored"], row["fit"]) == (found.passed, found.stored, not found.unfit)
    assert [one["name"] for one in row["known"]] == ["data", "step"]
    assert row["known"][0]["error"] == pytest.approx(0.1220 / 0.1221 - 1)
    assert [one["lasting"] for one in row["unfit"]] == [one.lasting for one in found.unfit]
    assert row["noise"]["apart"] == 0.011
