"""The line that stays of each cell."""

import io

import pytest

from bench.analyse.findings.registry import judge
from bench.analyse.speedup.standings import Standings
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.cli.coarse_table import coarse_table
from bench.cli.progress import Display
from bench.results.window import Turns
from bench.run.estimate import Estimator, clock_time
from bench.run.job import Progress
from bench.run.plan import Planned
from bench.suite.options import Options
from bench.suite.spec import Variant
from bench.workload.sizes import Size
from tests.records import SYNTHETIC, make_cell, make_data, make_failed, make_record
from tests.run.test_estimate import HOST


@pytest.mark.parametrize(
    ("record", "end"),
    [
        (make_record(), "images/s"),
        (make_record(data=SYNTHETIC), "images/s"),  # told as the run began
        (make_record(values={"foreign_cpu_share": 0.4}), "images/s  [busy-machine]"),
        (make_record(values={"foreign_cpu_share": 0.4, "cpu_steal_share": 0.4}), "images/s  [busy-machine]"),
        (make_record(noise=0.2, count=30, values={"foreign_cpu_share": 0.4}), "images/s  [busy-machine, noisy]"),
        (make_failed(message="ValueError: bad"), "failed in model: ValueError: bad"),
    ],
)
def test_it_ends_in_what_was_found(record, end):
    stream = io.StringIO()
    Display(stream, lambda host: None).cell_ends(record.model_copy(update={"findings": judge(record, UNMEASURED)}))
    assert stream.getvalue().rstrip().endswith(end)


def test_what_a_running_loop_takes_is_told_with_its_name():
    display = Display(io.StringIO(), lambda host: None)
    for word, shown in [
        (Progress("windows", 0.0162, 0.012), "16.2 ms/step ± 1.2%"),
        (Progress("attribution, step", 0.0162, 0.012), "attribution, step: 16.2 ms/step ± 1.2%"),
        (Progress("attribution, device"), "attribution, device"),
    ]:
        display.cell_says(word)
        assert display._bar.tasks[0].fields["doing"] == shown


def test_the_table_of_a_run_under_way_says_how_every_cell_stands():
    records = [
        make_record(baseline=True),
        make_record(variant="xla", step_ms=8.0),
        make_record(variant="cache", step_ms=15.0),
        make_failed(variant="broken"),
    ]
    table = coarse_table(records, Standings(records, {records[0].host: Spread(0.04, 19, measured=True)}).to_baselines())
    cells = [[str(cell) for cell in column.cells] for column in table.columns]
    assert cells[0] == [record.cell for record in records]
    assert cells[3] == ["1"] * 4
    assert cells[4][:2] == ["baseline", "faster"]
    assert cells[4][2].startswith("undecided, needs about ")
    assert cells[4][3] == "failed"
    assert cells[2][1].startswith("2.00 ± ")


def test_without_a_terminal_a_line_says_how_many_are_decided():
    records = [make_record(baseline=True), make_record(variant="xla", step_ms=8.0), make_failed(variant="broken")]
    stream = io.StringIO()
    display = Display(stream, lambda host: None)
    display.turns_begin(2, [])
    display.stands(records, Standings(records, {}).to_baselines(), 12.0)
    assert stream.getvalue() == "round 2: 0 cells, interleaved …\nround 2: 1 faster\n"


def test_a_further_process_of_a_cell_has_no_line_of_its_own():
    stream = io.StringIO()
    again = Turns(run="r", round=2, group=2, place=1, cells=2, length=3, seed=1)
    Display(stream, lambda host: None).cell_ends(make_record(turns=again, values={}))
    assert stream.getvalue() == ""


def test_the_time_left_falls_with_the_cells_that_end_and_with_the_clock(monkeypatch):
    now = 100.0
    monkeypatch.setattr("bench.cli.remaining.time.monotonic", lambda: now)
    cells = [
        Planned(make_cell(id=name, variant=Variant(name=name)), Options(), None, Size(1000, 0, 10**7), make_data())
        for name in "abc"
    ]
    each = Estimator([], HOST).seconds(cells[0])
    display = Display(io.StringIO(), lambda host: Estimator([], host))

    def left():
        display.cell_says(Progress("windows"))
        return display._bar.tasks[0].fields["left"]

    display.begins(HOST, "a card", cells, 0)
    display.cell_begins(cells[0])
    now += 5
    assert left() == f"about {clock_time(3 * each - 5)} left"
    display.cell_ends(make_record(cell="a"))
    display.turns_begin(1, cells[1:])
    now += 5
    assert left() == f"about {clock_time(2 * each - 5)} left"
    display.stands([], {}, 12.0)
    now += 4
    assert left() == "about 8 s left"
    now += 40
    assert left() == "about 1 s left"


def test_a_notebooks_cell_gets_a_line_a_cell_and_no_codes(monkeypatch):
    """Though it gives its commands a terminal, and says that they may use colour."""
    monkeypatch.setenv("JPY_PARENT_PID", "86")
    monkeypatch.setenv("FORCE_COLOR", "1")
    records = [make_record(baseline=True), make_record(variant="xla", step_ms=8.0)]
    stream = io.StringIO()
    with Display(stream, lambda host: Estimator([], host)) as display:
        display.notice("images are synthetic")
        display.begins(HOST, "a card", [], 0)
        for record in records:
            display.cell_ends(record)
        for number in (1, 2, 3):
            display.turns_begin(number, [])
            display.stands(records, Standings(records, {}).to_baselines(), 12.0)
    note, begins, one, two, further = stream.getvalue().splitlines()
    assert note == "note: images are synthetic"
    assert begins.startswith("0 cells on a card")
    assert [line.split()[1] for line in (one, two)] == [record.cell for record in records]
    assert further.startswith("every cell is measured; further rounds")
    assert "\x1b" not in stream.getvalue()
