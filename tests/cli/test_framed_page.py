"""The live page in a notebook's output: what is sent, and what its trouble costs."""

import json
import re
from html import unescape

import pytest

from bench.cli import framed_page
from bench.cli.framed_page import FramedPage
from bench.cli.remaining import Remaining
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.cli.test_notebook_progress import Front
from tests.records import make_record
from tests.run.test_estimate import HOST


@pytest.fixture
def front(monkeypatch):
    front = Front()
    monkeypatch.setattr("IPython.display.DisplayHandle", front.handle)
    return front


def told(output):
    """What an output tells the page."""
    (news,) = re.findall(r'id="news">(.*?)</script>', unescape(output["text/html"]))
    return json.loads(news)


def run(root, said):
    """A run of one cell, in a tree with another suite's and another host's records."""
    for other in ({"host": HOST.id, "suite": "other"}, {"host": "elsewhere", "suite": "cnn"}):
        Journal(journal_path(root, other["host"], other["suite"]), Record).append(make_record(**other))
    with FramedPage(root, "cnn", said.append) as page:
        part = page.part()
        part.begins(HOST, "a card", [None], 0, Remaining())
        record = make_record(host=HOST.id)
        Journal(journal_path(root, HOST.id, "cnn"), Record).append(record)
        part.cell_ends(record)


def test_the_page_is_sent_once_and_then_what_it_is_told_of_this_suite_on_this_host(front, tmp_path):
    run(tmp_path, said := [])
    page, state, blocks = front.outputs
    assert "<iframe srcdoc='<!doctype html>" in page["text/html"]
    assert len({one["run"] for one in (told(state), told(blocks))}) == 1
    assert told(state)["told"]["lead"] == "The run has ended. 1 of 1 cell is measured."
    columns = {column["name"]: column["pool"] for column in told(blocks)["told"]["page"]["columns"]}
    assert (columns["host_id"], columns["suite"]) == ([HOST.id], ["cnn"])
    assert said == []


def test_more_than_an_output_may_hold_is_not_sent_and_told_of(front, tmp_path, monkeypatch):
    monkeypatch.setattr(framed_page, "_MOST_BYTES", 1000)
    run(tmp_path, said := [])
    _, state = front.outputs
    assert any("too many results for a notebook's output" in note for note in told(state)["told"]["notes"])
    assert said == []


def test_a_front_end_that_is_gone_costs_the_run_nothing(tmp_path, monkeypatch):
    def gone():
        raise OSError("no front end")

    monkeypatch.setattr("IPython.display.DisplayHandle", gone)
    run(tmp_path, said := [])
    assert said == ["the live page stands still from here on (OSError: no front end); the run goes on"]
