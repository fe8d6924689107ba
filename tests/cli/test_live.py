"""The live page as the command line has it: its address, and what its trouble costs a run."""

import json
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import StringIO
from types import SimpleNamespace
from urllib.request import urlopen

import pytest

from bench.cli.live import LOCAL, LivePage, address_of
from bench.cli.live_display import LiveNodes
from bench.cli.live_state import LiveState
from bench.cli.nodes_display import NodesDisplay
from bench.cli.remaining import Remaining
from bench.errors import InputError
from bench.report.live import server, view
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from bench.run.estimate import Estimator
from tests import warm
from tests.cli.test_run import command, laid_out, listing
from tests.records import make_failed, make_record
from tests.run.test_estimate import HOST


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(server, "_SOON", 0)


@contextmanager
def told(page) -> Iterator[object]:
    """What the page's listeners are told, a state and blocks at a time."""
    with urlopen(page.url + "events", timeout=60) as stream:
        yield (json.loads(line[6:]) for line in iter(stream.readline, b"") if line.startswith(b"data: "))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (None, LOCAL),
        ("127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_an_address(text, address):
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["", ":80", "host", "host:", "host:x", "host:-1", "host:65536", "host:²"])
def test_what_is_no_address(text):
    with pytest.raises(InputError, match="is no address; HOST:PORT"):
        address_of(text)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 70 + ".invalid"])
def test_a_host_that_is_not_there(tmp_path, host):
    with pytest.raises(InputError, match="can't have the address"):
        LivePage(tmp_path, (host, 0), lambda text: None)


def test_a_port_that_is_taken_ends_it_before_anything_is_run(tmp_path):
    tree = laid_out(tmp_path)
    before = listing(tree)
    with socket.create_server(LOCAL) as taken:
        address = "{}:{}".format(*taken.getsockname())
        done = warm.plain.run(
            command("run", "suites/tiny.yaml", "--live-address", address), cwd=tree, capture_output=True, text=True
        )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Address already in use" in done.stderr
    assert listing(tree) == before


def test_a_run_is_told_as_it_goes(tmp_path):
    journal = Journal(journal_path(tmp_path, "xeon", "cnn"), Record)
    with ExitStack() as stack:
        with LivePage(tmp_path, LOCAL, pytest.fail) as page:
            events = stack.enter_context(told(page))
            assert next(events)["state"]["lead"] == "TensorFlow starts."
            part = page.part()
            part.begins(HOST, "a card", [None, None, None], 0, Remaining())
            assert next(events)["state"]["lead"] == "0 of 3 cells are measured, 3 wait."
            for record in (make_record(host="xeon"), make_failed(host="xeon", cell="other", message="<b>")):
                journal.append(record)
                part.cell_ends(record)
            page.notice("a word\u202e")
            part.stands({})
            last = next(event for event in events if event["state"]["done"] == 2)
            assert last["state"]["lead"] == "1 of 3 cells are measured, 1 failed or were skipped, 1 waits."
        *_, last = events
    assert last["state"]["lead"].startswith("The run has ended. 1 of 3 cells are measured")
    assert last["state"]["over"]
    assert last["state"]["notes"][-1].startswith("a word")
    assert "\u202e" not in last["state"]["notes"][-1]


def test_trouble_of_the_page_is_told_once_and_costs_the_run_nothing(tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("no page today")

    monkeypatch.setattr(view, "blocks", broken)
    said = []
    with ExitStack() as stack:
        with suppress(ValueError), LivePage(tmp_path, LOCAL, said.append) as page:
            events = stack.enter_context(told(page))
            part = page.part()
            part.begins(HOST, "a card", [None], 0, Remaining())
            part.cell_ends(make_record(host="xeon"))
            part.stands({})
            raise ValueError("the run's own")
        *_, last = events
    assert last["state"]["lead"].startswith("The run ended early, with an error")
    assert said == ["the live page stands still from here on (RuntimeError: no page today); the run goes on"]


def test_the_state_counts_what_is_at_work_and_waits():
    state = LiveState()
    part = state.part("")
    part.begins("4 cells", 4)
    part.works("a is measured", 1, 60.0)
    part.ends("a", well=True)
    part.works("round 1: 2 cells, interleaved", 2, 30.0)
    told = state.told()
    assert told["lead"] == "1 of 4 cells are measured, 2 at work, 1 waits."
    assert 0 < told["ends"] - told["since"] <= 31
    part.ends("a", well=True)  # again, in a later round
    assert state.told()["done"] == 1


def test_nodes_are_told_of_together_and_who_is_done_keeps_its_cells():
    state = LiveState()
    for name, seconds in (("t4", 60.0), ("p100", 20.0)):
        state.part(name).begins(f"3 cells on a {name}", 3)
        state.part(name).works("round 1", 2, seconds)
    state.part("p100").ends("a", well=True)
    state.part("p100").ends("b", well=False)
    told = state.told()
    assert told["lead"] == "1 of 6 cells are measured, 1 failed or were skipped, 2 at work, 2 wait."
    assert told["now"] == "t4: round 1; p100: round 1"
    assert told["notes"] == ["t4: 3 cells on a t4", "p100: 3 cells on a p100"]
    assert told["ends"] - told["since"] > 50
    state.part("p100").over()
    assert state.told()["now"] == "t4: round 1"
    assert state.told()["done"] == 2


def test_a_run_on_nodes_is_told_by_node(tmp_path):
    skipped = SimpleNamespace(cell=SimpleNamespace(id="simple_cnn/xla/b128"), skip="no XLA there")
    with ExitStack() as stack:
        with LivePage(tmp_path, LOCAL, pytest.fail) as page:
            events = stack.enter_context(told(page))
            with NodesDisplay(StringIO(), lambda host: Estimator((), host)) as display:
                nodes = LiveNodes(display, page)
                (t4, _), (p100, pairs) = nodes.node("t4"), nodes.node("p100")
                for observer in (t4, p100):
                    observer.begins(HOST, "a card", [skipped, skipped], 0)
                t4.cell_ends(make_record(host="t4"))
                pairs.pair_begins("cache on against off", 3)
                working = next(event["state"] for event in events if event["state"]["now"])
                nodes.left("t4")
                nodes.moved("t4", "p100")
                nodes.left("p100")
        *_, last = (event["state"] for event in events)
    assert working["lead"] == "1 of 4 cells are measured, 3 wait."
    assert working["now"] == "p100: cache on against off, in turns"
    assert [note.partition(":")[0] for note in working["notes"]] == ["t4", "p100"]
    assert last["lead"] == "The run has ended. 1 of 3 cells are measured, 2 wait."
    assert last["notes"][-1] == "what node t4 had left goes on at node p100"
    assert (last["now"], last["over"]) == ("", True)


def test_a_part_that_goes_on_is_counted_once_wherever_it_goes_on():
    for to in ("t4", "p100"):
        state = LiveState()
        for name, cells in (("t4", 4), ("p100", 2)):
            state.part(name).begins(name, cells)
        for name, cells in (("t4", "ab"), ("p100", "xy")):
            for cell in cells:
                state.part(name).ends(cell, well=True)
        state.part("t4").stands(Counter(faster=2))
        state.part("p100").stands(Counter(slower=2))
        for name in ("p100", "t4"):
            state.part(name).over()
        state.part("t4").moved()
        state.part(to).begins("the rest", 2)
        assert state.told()["lead"] == "4 of 6 cells are measured, 2 wait; 2 slower."
        state.part(to).ends("c", well=True)
        state.part(to).stands(Counter(faster=3))  # of the records before, too
        assert state.told()["lead"] == "5 of 6 cells are measured, 1 waits; 3 faster, 2 slower."
