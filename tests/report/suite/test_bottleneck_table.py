import json

import pytest

from bench.host.hardware import Hardware
from bench.host.profile import HostProfile
from bench.report.as_json import rows
from bench.report.core.markdown import render
from bench.report.suite.bottleneck_table import attribution_table
from tests.records import make_attributed, make_failed, make_record

CPU = Hardware(kind="cpu", cpu="Intel Xeon", cores=2, memory_bytes=2**34, system="linux")
LATE = {"variant": "late", "noise": 0.001}


def table(*records):
    return attribution_table(records, "Xeon, 2 cores", CPU, records)


def cells(made):
    headings = [column.heading for column in made.columns]
    return [dict(zip(headings, row, strict=True)) for row in made.rows]


def notes(made):
    return {note.mark: note.text for note in made.notes if note.mark}


def test_an_attributed_cell_has_its_loops_its_shares_and_its_verdict():
    made = table(make_attributed(31.5, 31, 12, 9, **LATE), make_record())
    (row,) = cells(made)
    assert row["cell"] == "simple_cnn/late/b128"
    times = [float(row[f"{name}, ms"].split(" ± ")[0]) for name in ("both", "pipeline", "step", "device")]
    assert times == pytest.approx([31.5, 31, 12, 9], rel=0.01)
    shares = [float(row[name].rstrip("%")) for name in ("compute", "host", "input")]
    assert shares == pytest.approx([100 * 9 / 31.5, 100 * 3 / 31.5, 100 * 19.5 / 31.5], abs=1)
    assert row["verdict"] == "input-bound"


def test_under_it_stand_the_words_and_the_option_to_try_next():
    text = notes(table(make_attributed(31.5, 31, 12, 9, **LATE)))["simple_cnn/late/b128"]
    assert text.startswith("input-bound: the pipeline delivers a batch each 31.0 ms, the step needs 12.0")
    assert text.endswith(". Next, try source: device (2.63 times as fast at most, as the step alone takes)")
    done = notes(table(make_attributed(31.5, 31, 12, 9, options={"source": "device"}, **LATE)))
    assert done["simple_cnn/late/b128"].endswith("Nothing left to try that these loops would show")


def test_what_is_not_distinguishable_shows_its_bounds():
    (row,) = cells(table(make_attributed(16, 1, 15.9, 15.8)))
    assert (row["compute"][0], row["host"][0], row["input"][0]) == ("≥", "≤", "≤")
    assert (row["device, ms"], row["verdict"]) != ("–", "–")


def test_noise_gives_no_advice():
    text = notes(table(make_attributed(67, 1, 67, 65, noise=0.3)))["simple_cnn/notebook/b128"]
    assert text.startswith("not distinguishable: ")
    assert "try " not in text


def test_a_loop_that_would_show_nothing_is_a_dash():
    (row,) = cells(table(make_attributed(616, 1, 615)))
    assert (row["device, ms"], row["host"]) == ("–", "–")


def test_what_was_refused_says_why():
    lost = make_record(variant="lost", absent={"attribution": "RuntimeError: out of luck"})
    made = table(lost, make_attributed(16, 1, 25))
    assert all(set(list(row.values())[1:]) == {"–"} for row in cells(made))
    assert notes(made) == {
        "simple_cnn/lost/b128": "RuntimeError: out of luck",
        "simple_cnn/notebook/b128": "the machine's speed changed meanwhile: its step alone took longer than all "
        "together",
    }


def test_without_attributed_cells_there_is_no_table():
    assert table(make_record(), make_failed(absent={"attribution": "never came to it"})) is None


def test_it_renders():
    assert render(table(make_attributed(16, 1, 15.9, 15.8))).count("simple_cnn/notebook/b128") == 2


def test_programs_get_seconds_and_shares():
    profile = HostProfile(id="xeon-2-cores", label="Xeon", hardware=CPU)
    late, plain, refused, lost = json.loads(
        json.dumps(
            rows(
                [
                    make_attributed(31.5, 31, 12, 9, **LATE),
                    make_record(),
                    make_attributed(16, 1, 25, variant="changed"),
                    make_record(variant="lost", absent={"attribution": "out of luck"}),
                ],
                [profile],
            )
        )
    )
    found = late["attribution"]
    assert found["pipeline_seconds"] == pytest.approx(31e-3, rel=0.01)
    assert found["step_seconds_low"] < found["step_seconds"] < found["step_seconds_high"]
    assert found["compute_share"] + found["host_share"] + found["input_share"] == pytest.approx(1)
    assert (found["verdict"], found["device_steps_per_execution"]) == ("input-bound", 64)
    assert found["words"].startswith("input-bound: ")
    assert found["advice"]["gain"] == pytest.approx(31.5 / 12, rel=0.01)
    assert plain["attribution"] is None
    assert "took longer" in refused["attribution"]["refused"]
    assert (lost["attribution"], lost["absent"]["attribution"]) == (None, "out of luck")
