import json
from pathlib import PurePosixPath

import pytest

from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.report import drawn
from bench.report.core.section import Drawing
from bench.report.drawn import DrawnFigures, inputs_of
from bench.results.query import latest
from bench.results.window import Turns
from tests.records import make_record

RECORDS = [make_record(), make_record(variant="xla", step_ms=8)]


class Pen:
    """Draws a figure whose files hold what it was told last, and counts how often."""

    def __init__(self, folder):
        self.folder, self.times, self.told = folder, 0, "a"

    def draws(self, path):
        self.times += 1
        path.parent.mkdir(exist_ok=True)
        for one in (path, path.with_suffix(".svg")):
            one.write_text(f"{self.told} as {one.suffix}")
        return self.told != ""

    def report(self, inputs="i"):
        figures = DrawnFigures(self.folder)
        seen = figures.draw(Drawing(PurePosixPath("figures/bars.png"), self.draws, lambda: inputs))
        figures.keep()
        return seen

    @property
    def png(self):
        return self.folder / "figures" / "bars.png"


@pytest.fixture
def pen(tmp_path):
    return Pen(tmp_path)


def test_one_that_would_come_out_the_same_is_not_drawn(pen):
    assert [pen.report(), pen.report(), pen.report()] == [True] * 3
    assert pen.times == 1
    pen.report("other")
    assert pen.times == 2
    assert (pen.folder / ".index" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize(
    "touch",
    [
        lambda pen: pen.png.unlink(),
        lambda pen: pen.png.with_suffix(".svg").unlink(),
        lambda pen: pen.png.write_text("mine"),
        lambda pen: pen.png.with_suffix(".svg").write_text(""),
        lambda pen: (pen.folder / ".index" / "figures.json").unlink(),
        lambda pen: (pen.folder / ".index" / "figures.json").write_text('{"figures/bars.png": 1}'),
        lambda pen: (pen.folder / ".index" / "figures.json").write_text("[" * 100_000),
        lambda pen: (pen.folder / ".index" / "figures.json").write_bytes(b"\xff"),
    ],
)
def test_whatever_was_touched_is_drawn_anew(pen, touch):
    pen.report()
    touch(pen)
    assert pen.report()
    assert pen.times == 2
    assert pen.png.read_text() == "a as .png"
    assert pen.report()
    assert pen.times == 2


def test_nothing_to_see_is_asked_again_and_what_is_gone_forgotten(pen):
    pen.report()
    pen.told = ""
    assert [pen.report("other"), pen.report("other")] == [False, False]
    assert pen.times == 3
    assert json.loads((pen.folder / ".index" / "figures.json").read_text()) == {}


def test_where_nothing_can_be_remembered_all_is_drawn(pen):
    (pen.folder / ".index").write_text("a file")
    assert [pen.report(), pen.report()] == [True, True]
    assert pen.times == 2


def test_inputs_are_all_that_a_figure_shows(monkeypatch):
    turns = {"run": "r", "group": 1, "place": 1, "cells": 2, "length": 2, "seed": 0}
    several = [make_record(turns=Turns(round=number, **turns)) for number in (1, 2)]
    every = [
        inputs_of(RECORDS, "Xeon", UNMEASURED),
        inputs_of(RECORDS[::-1], "Xeon", UNMEASURED),
        inputs_of([RECORDS[0], make_record(variant="xla", step_ms=8.001)], "Xeon", UNMEASURED),
        inputs_of(RECORDS, "Xeon 2", UNMEASURED),
        inputs_of(RECORDS, "Xeon", Spread(0.01)),
        inputs_of(latest(several), "Xeon", UNMEASURED),
        inputs_of(several[:1], "Xeon", UNMEASURED),
    ]
    monkeypatch.setattr(drawn, "version", lambda _: "4.0")
    every.append(inputs_of(RECORDS, "Xeon", UNMEASURED))
    monkeypatch.undo()
    monkeypatch.setattr(drawn, "_code", lambda: b"other")
    every.append(inputs_of(RECORDS, "Xeon", UNMEASURED))
    monkeypatch.undo()
    assert len(set(every)) == len(every)
    assert inputs_of([make_record(), make_record(variant="xla", step_ms=8)], "Xeon", UNMEASURED) == every[0]
