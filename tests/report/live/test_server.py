"""The server as anyone may speak to it."""

import socket
import threading
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from bench.report.live import server as room
from bench.report.live.feed import Feed
from bench.report.live.server import LiveServer

PATIENCE = 60


@pytest.fixture
def feed():
    found = Feed()
    found.publish({"lead": "it goes on"}, {"page": 1})
    return found


@pytest.fixture
def server(feed, monkeypatch):
    monkeypatch.setattr(room, "_SOON", 0)
    monkeypatch.setattr(room, "_MOST_CONNECTIONS", 4)
    before = set(threading.enumerate())
    found = LiveServer(("127.0.0.1", 0), b"<p>page", "default-src 'none'", feed)
    found.start()
    yield found
    found.close()
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(found.server_address)


@contextmanager
def connected(server):
    with socket.create_connection(server.server_address, PATIENCE) as found:
        yield found


def ask(server, place="", method="GET", lines=(), host="127.0.0.1"):
    with connected(server) as found:
        head = [f"{method} {urlsplit(server.url).path}{place} HTTP/1.1", f"Host: {host}", *lines]
        found.sendall("\r\n".join([*head, "", ""]).encode())
        return whole(found)


def whole(found):
    """All until the other side ends it: status, headers, body."""
    with found.makefile("rb") as file:
        head, _, body = file.read().partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return int(status.split()[1]), dict(line.split(": ", 1) for line in lines), body


def test_the_page_is_given_with_what_a_browser_may_do_with_it(server):
    status, headers, body = ask(server)
    assert (status, body) == (200, b"<p>page")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == "default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Server"] == "bench"
    assert ask(server, method="HEAD")[::2] == (200, b"")
    assert ask(server, "events", method="HEAD")[::2] == (200, b"")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"place": "../"}, 404),
        ({"place": "suites/tiny.yaml"}, 404),
        ({"place": "events/"}, 404),
        ({"host": "evil.example"}, 403),
        ({"lines": ["Host: evil.example"]}, 403),
        ({"lines": ["Origin: http://evil.example"]}, 403),
        ({"method": "POST", "lines": ["Content-Length: 0"]}, 405),
        ({"method": "OPTIONS"}, 405),
        ({"method": "<b>"}, 405),
        ({"lines": ["X-Many: x"] * 200}, 431),
    ],
)
def test_what_else_is_asked_is_refused(server, given, status):
    found, headers, body = ask(server, **given)
    assert found == status
    assert b"<" not in body
    assert server.token.encode() not in body
    assert headers["Cache-Control"] == "no-store"
    assert ask(server)[0] == 200


def test_a_wrong_token_is_refused(server):
    server.token = server.token[::-1]
    right = server.url
    server.token = "another"
    with connected(server) as found:
        found.sendall(f"GET {urlsplit(right).path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert whole(found)[0] == 404


def test_a_request_without_end_is_cut(server):
    with connected(server) as found:
        found.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000)
        with suppress(ConnectionResetError):
            assert found.recv(1) == b""
    assert ask(server)[0] == 200


def test_one_who_says_nothing_is_left(server, monkeypatch):
    monkeypatch.setattr(room, "_PATIENCE", 0.05)
    with connected(server) as found:
        assert found.recv(1) == b""


def test_events_come_as_they_are_published_and_end_with_the_last(server, feed):
    with connected(server) as found, found.makefile("rb") as file:
        found.sendall(f"GET {urlsplit(server.url).path}events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        lines = iter(file.readline, b"")

        def event():
            return [next(line for line in lines if line.startswith(name)).strip() for name in (b"id:", b"data:")]

        assert event() == [b"id: 1", b'data: {"version":1,"state":{"lead":"it goes on"},"blocks":{"page":1}}']
        feed.publish({"lead": "still"}, {"page": 1})
        assert event() == [b"id: 2", b'data: {"version":2,"state":{"lead":"still"},"blocks":{}}']
        feed.publish({"lead": "over"}, {"page": 2}, last=True)
        assert event() == [b"id: 3", b'data: {"version":3,"state":{"lead":"over"},"blocks":{"page":2}}']
        assert [line for line in lines if line.strip()] == []


def test_one_who_comes_back_is_given_what_it_missed(server, feed):
    feed.publish({"lead": "over"}, {"page": 1, "runs-0": 2}, last=True)
    body = ask(server, "events", lines=["Last-Event-ID: 1"])[2]
    assert b'"blocks":{"runs-0":2}' in body
    for nonsense in ("x", "-1", "9" * 5000, "\xb2"):
        assert b'"blocks":{"page":1,"runs-0":2}' in ask(server, "events", lines=[f"Last-Event-ID: {nonsense}"])[2]


def test_there_is_room_for_so_many_and_again_once_they_left(server):
    with connected(server) as first:
        others = [socket.create_connection(server.server_address, PATIENCE) for _ in range(6)]
        turned_away = 0
        for one in others[3:]:
            try:
                turned_away += one.recv(1) == b""
            except ConnectionResetError:
                turned_away += 1
        assert turned_away == 3
        for one in (first, *others):
            one.close()
    while True:  # the server hears of it in its own time
        try:
            assert ask(server)[0] == 200
            return
        except (IndexError, OSError):
            continue


def test_who_reads_nothing_holds_up_nobody_and_ends_with_the_server(feed):
    server = LiveServer(("127.0.0.1", 0), b"", "", feed)
    server.start()
    with connected(server) as found:
        found.sendall(f"GET {urlsplit(server.url).path}events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        found.recv(1)
        for count in range(8):
            feed.publish({}, {f"runs-{count}": "x" * 2_000_000})
        assert ask(server)[0] == 200
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(room, "_GRACE", 0.05)
            server.close()


def test_a_port_that_is_taken(server):
    with pytest.raises(OSError, match="in use"):
        LiveServer(server.server_address, b"", "", Feed())


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", socket.gethostname()), ("localhost", "127.0.0.1")])
def test_its_address_is_one_that_a_browser_can_ask(feed, monkeypatch, host, shown):
    monkeypatch.setattr(room, "_SOON", 0)
    server = LiveServer((host, 0), b"<p>page", "", feed)
    server.start()
    assert urlsplit(server.url).hostname == shown.lower()
    assert ask(server, host=urlsplit(server.url).netloc)[0] == 200
    server.close()
