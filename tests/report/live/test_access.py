"""Who is answered."""

from email.message import Message

import pytest

from bench.report.live.access import known_host, place_of


def headers(*pairs):
    message = Message()
    for name, value in pairs:
        message[name] = value
    return message


@pytest.mark.parametrize(
    ("bound", "host", "right"),
    [
        ("127.0.0.1", "127.0.0.1:8000", True),
        ("127.0.0.1", "localhost:9", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("127.0.0.1", "[::1]:8000", True),
        ("127.0.0.1", "evil.example:8000", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "10.0.0.7:8000", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "[::1", False),
        ("127.0.0.1", "user@127.0.0.1:1", True),
        ("0.0.0.0", "10.0.0.7:8000", True),
        ("0.0.0.0", "evil.example", False),
        ("box.lan", "box.lan:8000", True),
        ("box.lan", "evil.example", False),
    ],
)
def test_a_host_must_name_this_machine(bound, host, right):
    assert known_host(headers(("Host", host)), bound) is right


def test_a_host_is_named_once():
    assert not known_host(headers(), "127.0.0.1")
    assert not known_host(headers(("Host", "127.0.0.1"), ("Host", "evil.example")), "127.0.0.1")


@pytest.mark.parametrize(
    ("origin", "right"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.0.0.1:8001", False),
        ("https://127.0.0.1:8000", False),
        ("http://evil.example", False),
        ("null", False),
    ],
)
def test_an_origin_is_the_pages_own(origin, right):
    assert known_host(headers(("Host", "127.0.0.1:8000"), ("Origin", origin)), "127.0.0.1") is right


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/secret/", ""),
        ("/secret/events", "events"),
        ("/secret", None),
        ("/secret/events?x", None),
        ("/secret/../secret/", None),
        ("/secret/results/report.html", None),
        ("secret/", None),
        ("//secret/", None),
        ("/wrong/", None),
        ("/", None),
        ("/s\udcffcret/", None),
        ("http://127.0.0.1/secret/", None),
    ],
)
def test_nothing_is_there_but_the_page_and_its_events(path, place):
    assert place_of(path, "secret") == place
