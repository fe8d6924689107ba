"""The live page in a notebook's output, in a real browser: a stand-in of a front end shows what the kernel sends."""

from html import escape

import pytest
from playwright.sync_api import expect

from bench.cli.framed_page import Frames
from bench.host.registry import known
from bench.report.html.model import blocks
from bench.results.query import read_all
from tests.report.html.conftest import PATIENCE
from tests.report.html.test_live import state

NOTEBOOK = "http://notebook.test/tree"


@pytest.fixture
def outputs(monkeypatch):
    """The outputs of a cell, as they stand by now."""
    shown = []

    class Handle:
        def display(self, data, raw):
            self.place = len(shown)
            shown.append(data["text/html"])

        def update(self, data, raw):
            shown[self.place] = data["text/html"]

    monkeypatch.setattr("IPython.display.DisplayHandle", Handle)
    return shown


class Notebook:
    """A page that shows outputs as front ends do: one that hasn't changed is left alone."""

    def __init__(self, tab):
        self.tab, self.page = tab, tab.page
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", lambda message: tab.said.append(message.text))
        self.page.on("pageerror", lambda error: tab.said.append(str(error)))
        self.page.on("request", lambda request: tab.asked.append(request.url))
        self.page.route(NOTEBOOK, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        self.page.goto(NOTEBOOK)

    def show(self, outputs):
        self.page.evaluate(
            """outputs => outputs.forEach((html, place) => {
                const node = document.body.children[place] ?? document.body.appendChild(document.createElement('div'));
                if (node.told !== html) { node.told = html; node.innerHTML = html; }
            })""",
            outputs,
        )

    @property
    def frame(self):
        return self.page.locator("iframe[title='bench: results']").content_frame


def says(frame, text):
    expect(frame.locator("#live-lead")).to_have_text(text, timeout=PATIENCE)


def test_outputs_beside_the_page_tell_it_and_the_reader_keeps_what_they_had(tab, written, outputs):
    root = written.parents[1]
    records, profiles = read_all(root).records, known(root).profiles
    frames, notebook = Frames(), Notebook(tab)
    frames.start()
    frames.publish(state("TensorFlow starts."))
    notebook.show(outputs)
    frame = notebook.frame
    says(frame, "TensorFlow starts.")
    frames.publish(state("1 of 4 cells are measured."), blocks(records[:12], profiles))
    notebook.show(outputs)
    says(frame, "1 of 4 cells are measured.")
    before = frame.locator("#count").inner_text()
    frame.locator("#sort-step_seconds").click()
    frame.get_by_label("search").type("b128")
    frames.publish(state("3 of 4 cells are measured."), blocks(records, profiles))
    notebook.show(outputs)
    says(frame, "3 of 4 cells are measured.")
    assert frame.locator("#count").inner_text() != before
    assert frame.locator("th[aria-sort=ascending]").count() == 1
    assert frame.locator("#filter-q").evaluate("one => [one === document.activeElement, one.value]") == [True, "b128"]
    frame.locator("#table tbody a").first.click()
    name = frame.locator("#run-title").inner_text()
    frames.publish(state("The run has ended.", over=True), blocks(records, profiles))
    notebook.show(outputs)
    says(frame, "The run has ended.")
    assert frame.locator("#run-title").inner_text() == name
    frame.locator("#back").click()
    assert name in frame.locator("#table").inner_text()
    assert frame.locator("html").evaluate("() => document.title") == "bench: results"
    assert len(outputs) == 3
    assert tab.said == []
    assert tab.asked == [NOTEBOOK]


def test_a_notebook_that_is_opened_again_shows_the_same_in_a_sandbox_too(tab, written, outputs):
    root = written.parents[1]
    frames, notebook = Frames(), Notebook(tab)
    frames.start()
    frames.publish(state("The run has ended.", over=True), blocks(read_all(root).records, known(root).profiles))
    notebook.show([f'<iframe id="box" sandbox="allow-scripts" srcdoc="{escape("".join(outputs))}"></iframe>'])
    frame = notebook.page.locator("#box").content_frame.locator("iframe[title='bench: results']").content_frame
    says(frame, "The run has ended.")
    assert frame.locator("#count").inner_text() == "24 of 24 cells"
    assert tab.said == []
