"""What the doctor found, as people and programs get it."""

import json

from bench.host.doctor.check import Check
from bench.report.doctor import doctor_row, doctor_text, fitness

FINE = Check("software: Python", "fine", "3.11.4, 64 bit")
LIMITED = Check("data: cifar100", "limited", "not found; " + "synthetic images " * 12, "bench data fetch cifar100")
BROKEN = Check("software: NumPy", "broken", "1.24.0, too old", "python -m pip install 'numpy>=1.26'")
WORSE = Check("folders: results/", "broken", "is a file", "mv results results.old")
UNKNOWN = Check("machine: processor", "unknown", "can't be seen")


def test_each_check_has_a_line_under_its_group_and_its_mend_below():
    text = doctor_text([FINE, LIMITED, BROKEN, WORSE, UNKNOWN])
    assert text.splitlines()[:4] == [
        "software",
        "  ✓ Python     3.11.4, 64 bit",
        "  ✗ NumPy      1.24.0, too old",
        "               → python -m pip install 'numpy>=1.26'",
    ]
    assert [line for line in text.splitlines() if line and line[0] != " "][:-1] == [
        "software",
        "data",
        "folders",
        "machine",
    ]
    assert "  ? processor  can't be seen" in text
    assert max(map(len, text.splitlines()[:-1])) <= 120


def test_long_findings_are_wrapped_and_commands_never():
    long = Check("data: x", "broken", "found " * 60, "command " * 40)
    for columns in (60, 90, 120):
        lines = doctor_text([long], columns=columns).splitlines()
        assert columns - 10 < max(len(line) for line in lines if "found" in line) <= columns
        assert sum("command command" in line for line in lines[:-1]) == 1


def test_the_verdict_says_what_to_do_first():
    assert str(fitness([FINE])) == "This machine is fit to measure."
    assert str(fitness([FINE, UNKNOWN])) == "This machine is fit to measure, as far as can be seen (?)."
    assert str(fitness([FINE, LIMITED])).startswith("This machine is fit to measure; one thing is not as good")
    found = fitness([LIMITED, FINE, BROKEN, WORSE])
    assert (found.fit, found.broken, found.limited, found.first) == (False, 2, 1, BROKEN)
    assert str(found) == (
        "This machine is not fit to measure: 2 things are broken (✗). First: python -m pip install 'numpy>=1.26'"
    )
    assert doctor_text([BROKEN]).splitlines()[-1] == str(fitness([BROKEN]))


def test_programs_get_the_same_in_stable_keys():
    row = json.loads(json.dumps(doctor_row([FINE, BROKEN])))
    assert set(row) == {"fit", "verdict", "broken", "limited", "first", "checks"}
    assert row["fit"] is False
    assert row["first"] == row["checks"][1]
    assert row["checks"][0] == {
        "group": "software",
        "what": "Python",
        "state": "fine",
        "found": "3.11.4, 64 bit",
        "mend": None,
    }
    assert doctor_row([FINE])["first"] is None


def test_colours_are_the_callers_affair():
    painted = doctor_text([FINE, BROKEN], lambda text, state: f"<{state}>{text}</>")
    assert "<fine>✓</>" in painted
    assert "<broken>→ python -m pip install 'numpy>=1.26'</>" in painted
