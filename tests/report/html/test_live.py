"""The page of a run that goes on, in a real browser."""

import re
import signal
import subprocess

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from bench.host.registry import known
from bench.report.html.document import live_document
from bench.report.html.model import blocks
from bench.report.live import server as room
from bench.report.live.feed import Feed
from bench.report.live.server import LiveServer
from bench.report.live.view import LiveView
from bench.results.query import read_all
from tests import warm
from tests.cli.test_run import ENDLESS, command, laid_out
from tests.report.html.conftest import PATIENCE
from tests.report.html.test_page import cells

CHARTS = "#charts figcaption h3"
TOP = "one => one.getBoundingClientRect().top"


def state(lead, *, over=False):
    going = {} if over else {"now": "vgg16/xla/b128 is measured", "since": 1.7e9, "ends": 1.7e9 + 60}
    quiet = {"now": "", "since": 0, "ends": None, "cells": 4, "done": 1}
    return {**quiet, **going, "lead": lead, "notes": ["4 cells on a card"], "over": over}


class Run:
    """A run of the planted tree's records: some were there before, others come as they are `left`."""

    def __init__(self, root):
        found = sorted(read_all(root).records, key=lambda record: (record.started, record.variant == "xla"))
        self.records, self.profiles = found, known(root).profiles
        self.feed = Feed()
        self.server = self.serve()

    def serve(self, port=0):
        page, policy = live_document("bench: results")
        server = LiveServer(("127.0.0.1", port), page, policy, self.feed)
        server.start()
        return server

    def left(self, count, lead, *, over=False):
        self.feed.publish(state(lead, over=over), blocks(self.records[:count], self.profiles), last=over)


@pytest.fixture(scope="module")
def planted(written):
    return written.parents[1]


@pytest.fixture
def run(planted, monkeypatch):
    for name, value in (("_SOON", 0), ("_GRACE", 0), ("_RETRY_MS", 50)):
        monkeypatch.setattr(room, name, value)
    found = Run(planted)
    yield found
    found.server.close()


def opened(tab, run, fragment=""):
    page = tab.page
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: tab.said.append(message.text))
    page.on("pageerror", lambda error: tab.said.append(str(error)))
    page.on("request", lambda request: tab.asked.append(request.url))
    page.goto(run.server.url + fragment)
    return page


def says(page, text):
    expect(page.locator("#live-lead")).to_have_text(text, timeout=PATIENCE)


def test_what_arrives_is_drawn_in_place_and_the_reader_keeps_what_they_had(tab, run):
    run.feed.publish(state("TensorFlow starts."))
    page = opened(tab, run, "#sort=-step_seconds&q=b128")
    says(page, "TensorFlow starts.")
    run.left(0, "0 of 4 cells are measured.")
    says(page, "0 of 4 cells are measured.")
    assert page.locator("#summary").inner_text() == "Nothing is measured yet."
    run.left(12, "1 of 4 cells are measured.")
    says(page, "1 of 4 cells are measured.")
    before = cells(page)
    assert len(before) > 1
    page.get_by_label("search").press("End")
    page.get_by_label("search").type(" s")
    page.locator("#charts figure summary").first.click()
    page.locator("#charts figure tbody tr").first.wait_for()
    chart = page.locator(CHARTS).first.inner_text()
    page.locator(CHARTS).first.evaluate("one => one.scrollIntoView()")
    page.evaluate("document.getElementById('filter-q').focus({preventScroll: true})")
    height = page.evaluate("scrollY")
    run.left(len(run.records), "3 of 4 cells are measured.")
    says(page, "3 of 4 cells are measured.")
    assert page.evaluate("[document.activeElement.id, document.activeElement.selectionStart]") == ["filter-q", 6]
    assert page.locator("#charts figure details[open] tbody tr").count() > 0
    assert abs(page.locator(CHARTS, has_text=chart).evaluate(TOP)) < 2
    assert page.evaluate("scrollY") != height
    page.get_by_label("search").type("imple")
    assert len(cells(page)) > 1
    assert all("simple" in name for name in cells(page))
    assert "q=b128+simple" in page.url
    assert page.locator("th[aria-sort=descending]").count() == 1
    run.left(len(run.records), "The run has ended.", over=True)
    says(page, "The run has ended.")
    expect(page.locator("#live-now")).to_have_text("This page stays as it is.")
    run.server.close()
    page.get_by_role("button", name="Clear").click()
    assert page.locator("#count").inner_text() == "24 of 24 cells"
    assert page.locator("#live-link").is_hidden()
    assert tab.said == []
    assert {url.split("#")[0] for url in tab.asked} == {run.server.url, run.server.url + "events"}


def test_an_open_run_stays_open_and_gets_what_is_new(tab, run):
    run.left(len(run.records) - 1, "a")
    page = opened(tab, run)
    link = page.get_by_role("link", name="compact/notebook/b128/s0")
    link.click()
    page.locator("#run details summary").first.click()
    page.locator("#back").focus()
    run.left(len(run.records), "b")
    says(page, "b")
    assert page.locator("#run-title").inner_text() == "compact/notebook/b128/s0"
    assert page.evaluate("document.activeElement.id") == "back"
    assert page.locator("#run details[open]").count() == 1
    page.keyboard.press("Enter")
    page.locator("#overview").wait_for()
    assert page.locator("#count").inner_text() == "24 of 24 cells"
    assert tab.said == []


def test_those_who_listen_are_told_rarely_and_of_the_end_at_once(tab, run):
    run.left(3, "1 of 9")
    page = opened(tab, run)
    says(page, "1 of 9")
    for count in range(2, 9):
        run.left(3 + count, f"{count} of 9")
        says(page, f"{count} of 9")
    told = page.locator("#live-told")
    assert told.inner_text() == "1 of 9"
    assert page.locator("#count").get_attribute("aria-live") == "off"
    run.left(12, "The run has ended.", over=True)
    says(page, "The run has ended.")
    assert told.inner_text() == "The run has ended."


def test_a_connection_that_drops_is_told_and_made_again(tab, run):
    run.left(3, "1 of 9")
    page = opened(tab, run)
    says(page, "1 of 9")
    with run.server._changed:
        streams = [*run.server._open]
    for one in streams:
        one.shutdown(2)
    page.locator("#live-link").filter(has_text="tries again").wait_for()
    run.left(len(run.records), "2 of 9")
    says(page, "2 of 9")
    assert page.locator("#live-link").is_hidden()
    page.get_by_text("24 of 24 cells").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_stands_in_the_way_of_anyone(tab, run, scheme):
    tab.page.emulate_media(color_scheme=scheme)
    run.left(6, "1 of 9")
    page = opened(tab, run)
    says(page, "1 of 9")
    page.locator("#charts > *").first.wait_for()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []


def followed(tree, *options):
    whole = command("run", "suites/tiny.yaml", "--live", *options)
    return warm.Popen(whole, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def content(page):
    return page.locator("main").inner_text()


@pytest.mark.long
def test_a_real_run_is_followed_to_its_end(tab, tmp_path):
    """And its page then says what the file says that is made of the same records."""
    tree = laid_out(tmp_path)
    started = warm.Popen(
        command("run", "suites/tiny.yaml", "--live"),
        cwd=tree,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = next(line.split()[1] for line in started.stderr if line.startswith("live: "))
    page = tab.page
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: tab.said.append(str(error)))
    page.goto(address)
    page.get_by_text("1 of 1 cells").wait_for()
    assert cells(page) == ["simple_cnn/notebook/b16"]
    assert "2 cells" in page.locator("#live").inner_text()
    page.get_by_text(re.compile(r"The run has ended\. 2 of 2 cells are measured")).first.wait_for()
    _, said = started.communicate()
    assert started.returncode == 0, said
    assert said.count("live") == 0
    live = content(page)
    assert "simple_cnn/uint8/b16" in live
    assert warm.run(command("report", "--html"), cwd=tree, capture_output=True).returncode == 0
    other = page.context.new_page()
    other.goto((tree / "results" / "report.html").as_uri())
    other.locator("#charts > *").first.wait_for()
    for _ in range(PATIENCE // 100):  # charts are drawn one after the other
        if content(other) == live:
            break
        other.wait_for_timeout(100)
    assert content(other) == live
    assert tab.said == []


def test_ctrl_c_ends_run_and_page(tab, tmp_path):
    tree = laid_out(tmp_path)
    started = followed(tree, *ENDLESS)
    address = next(line.split()[1] for line in started.stderr if line.startswith("live: "))
    page = tab.page
    page.goto(address)
    page.get_by_text("simple_cnn/notebook/b16 is measured").wait_for(timeout=PATIENCE)
    started.send_signal(signal.SIGINT)
    page.get_by_text("The run was interrupted").first.wait_for(timeout=PATIENCE)
    started.communicate()
    assert started.returncode == 130


def test_a_view_of_a_run_is_what_the_tree_gives(planted):
    """In whichever order records come, they stand where they will be read."""
    view, every = LiveView(planted), read_all(planted).records
    view.read()
    view._records = [record for record in every if record.suite != "cnn"]
    for record in every:
        if record.suite == "cnn":
            view.add(record)
    assert view._records == list(every)
    assert view.blocks() == LiveView(planted).read()
