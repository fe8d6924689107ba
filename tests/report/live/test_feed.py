"""What browsers are told, and when."""

import json

from bench.report.live.feed import Feed


def told(feed, version=0):
    found = feed.since(version)
    return None if found is None else json.loads(found.data)


def test_one_who_has_nothing_is_given_all_and_others_what_changed():
    feed = Feed()
    feed.publish({"lead": "a"}, {"page": [1], "shared": {"x": float("inf")}})
    feed.publish({"lead": "b"})
    feed.publish({"lead": "c"}, {"page": [1, 2], "shared": {"x": float("inf")}})
    assert told(feed) == {"version": 3, "state": {"lead": "c"}, "blocks": {"page": [1, 2], "shared": {"x": None}}}
    assert told(feed, 1) == {"version": 3, "state": {"lead": "c"}, "blocks": {"page": [1, 2]}}
    assert told(feed, 3) is None


def test_a_version_of_another_run_is_given_all():
    feed = Feed()
    feed.publish({}, {"page": 1})
    assert told(feed, 77)["blocks"] == {"page": 1}


def test_an_event_is_one_line_whatever_records_say():
    feed = Feed()
    feed.publish({"lead": "a\r\nid: 9\n\ndata: x"}, {"page": "\n\u2028"})
    data = feed.since(0).data
    assert b"\n" not in data
    assert b"\r" not in data
    assert json.loads(data)["state"]["lead"] == "a\r\nid: 9\n\ndata: x"


def test_who_listens_is_woken_and_who_does_not_read_holds_up_nothing():
    feed = Feed()
    with feed.listening() as woken:
        for count in range(5000):
            feed.publish({"count": count})
        assert woken.recv(1) == b"."
    feed.publish({"count": -1}, last=True)
    assert feed.since(1).last
