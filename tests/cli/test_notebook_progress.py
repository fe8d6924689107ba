"""Progress in a notebook's kernel: one output, replaced."""

import pytest

from bench.analyse.speedup.standings import Standings
from bench.cli.in_place import InPlace, StepsInPlace
from bench.cli.notebook_progress import NotebookDisplay
from bench.instruments.stats import estimate
from bench.run.estimate import Estimator
from bench.run.job import Progress
from bench.run.plan import Planned
from bench.suite.options import Options
from bench.suite.spec import Variant
from bench.workload.sizes import Size
from tests.records import make_cell, make_data, make_failed, make_record
from tests.run.test_estimate import HOST


class Front:
    """What a front end would show: the outputs, and how many messages came."""

    def __init__(self):
        self.outputs, self.messages, self.now = [], 0, 100.0

    def handle(self):
        front = self

        class Handle:
            def display(self, data, raw):
                front.outputs.append(data)
                self.place, front.messages = len(front.outputs) - 1, front.messages + 1

            def update(self, data, raw):
                front.outputs[self.place] = data
                front.messages += 1

        return Handle()

    @property
    def html(self):
        (shown,) = self.outputs
        return shown["text/html"]

    @property
    def text(self):
        (shown,) = self.outputs
        return shown["text/plain"]


@pytest.fixture
def front(monkeypatch):
    front = Front()
    monkeypatch.setattr("IPython.display.DisplayHandle", front.handle)
    monkeypatch.setattr("bench.cli.in_place.time.monotonic", lambda: front.now)
    return front


def test_what_comes_too_soon_is_held_back_and_the_last_of_it_shown(front):
    place = InPlace()
    for number in range(5):
        place.show(lambda shown=str(number): (shown, shown))
    assert (front.messages, front.text) == (1, "0")
    front.now += 1
    place.show(lambda: ("5", "5"))
    place.show(lambda: ("6", "6"))
    assert (front.messages, front.text) == (2, "5")
    place.flush()
    place.flush()
    assert (front.messages, front.text) == (3, "6")


def planned(name):
    return Planned(make_cell(id=name, variant=Variant(name=name)), Options(), None, Size(1000, 0, 10**7), make_data())


def test_a_run_is_one_output_that_ends_with_what_is_known(front):
    cells = [planned(name) for name in "abc"]
    records = [make_record(cell="a"), make_record(cell="b", variant="xla", step_ms=8), make_failed(variant="<c>")]
    with NotebookDisplay(lambda host: Estimator([], host)) as display:
        assert "TensorFlow starts" in front.text
        display.notice("images <are> synthetic")
        display.begins(HOST, "a card", cells, 0)
        display.cell_begins(cells[0])
        front.now += 1
        display.cell_says(Progress("windows", 0.0162, 0.012))
        assert "16.2 ms/step ± 1.2%  about " in front.text
        display.cell_ends(records[0])
        front.now += 1
        display.turns_begin(1, cells[1:])
        assert 'value="1" max="3"' in front.html
        assert "1/3  round 1: 2 cells, interleaved" in front.text
        for record in records[1:]:
            display.cell_ends(record)
        display.stands(records, Standings(records, {}).to_baselines(), 12.0)
    assert "images &lt;are&gt; synthetic" in front.html
    assert "<c>" not in front.html
    assert front.html.count("<table>") == 1
    assert front.text.count("\nb ") == 1  # in the table alone
    assert "failed in model" in front.text  # its line tells more than the table does
    assert front.text.endswith("3/3")


def test_a_run_that_ends_early_says_so_and_keeps_what_it_showed(front):
    with pytest.raises(KeyboardInterrupt), NotebookDisplay(lambda host: Estimator([], host)) as display:  # noqa: PT012
        display.begins(HOST, "a card", [planned("a"), planned("b")], 0)
        display.cell_ends(make_record(cell="a"))
        raise KeyboardInterrupt
    assert "a  16.0 ms/step" in front.text
    assert front.text.endswith("1/2  ended early")


def test_a_live_models_measurement_is_one_line(front):
    steps = StepsInPlace("<dense>")
    steps.heard("first step", None)
    assert front.html == "<div>&lt;dense&gt;: first step</div>"
    steps.heard("windows", estimate([(10, 0.1), (10, 0.1), (10, 0.1)]))
    steps.flush()
    assert front.text == "<dense>: 10 ms/step ± 0.0%"
