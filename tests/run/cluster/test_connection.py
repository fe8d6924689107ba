"""An address that leads nowhere is told of at once: Ray itself would try for minutes."""

import socket

import pytest

from bench.cli.where import Where
from bench.errors import InputError
from bench.run.cluster import connection
from bench.run.cluster.connection import connected


def refused(address):
    with pytest.raises(InputError) as found, connected(address):
        pass
    (fault,) = found.value.faults
    return str(fault)


@pytest.mark.parametrize("address", ["here", "10.0.0.1", "10.0.0.1:0", "10.0.0.1:70000", "ray://a:10001", "a:b"])
def test_what_is_no_address(address):
    assert "names no address; write ray:HOST:PORT" in refused(address)


def test_a_port_where_nothing_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert "Connection refused; start one with `ray start --head`" in refused(f"127.0.0.1:{taken.getsockname()[1]}")


def test_a_port_where_something_else_listens(monkeypatch):
    monkeypatch.setattr(connection, "PROBE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert "something else listens there" in refused(f"127.0.0.1:{other.getsockname()[1]}")


def test_without_ray_its_extra_is_named(monkeypatch):
    monkeypatch.setattr(connection, "find_spec", lambda _: None)
    assert "needs the extra `ray`, and Ray is not installed" in refused(None)


@pytest.mark.parametrize(
    ("executor", "on", "strict", "told"),
    [
        ("cloud", None, False, "known: local, inline, ray"),
        ("rat", None, False, "did you mean 'ray'"),
        ("local:8", None, False, "--executor local:8 is none"),
        ("ray:", None, False, "has no address"),
        ("ray:auto", None, False, "whatever cluster it finds"),
        ("local", "all", False, "--on is about nodes"),
        ("inline", None, True, "--strict-software is about nodes"),
        ("ray", "gpu=", False, "--on 'gpu=' is incomplete"),
        ("ray", "rack=1,", False, "is incomplete"),
        ("ray", "", False, "is incomplete"),
    ],
)
def test_what_no_executor_is(executor, on, strict, told):
    with pytest.raises(InputError, match=told):
        Where.of(executor, on, strict)


def test_an_address_is_taken_from_the_executors_name():
    assert Where.of("ray:10.0.0.1:6379", "gpu=T4", True) == Where("ray", "10.0.0.1:6379", "gpu=T4", True)
    assert Where.of("ray", None, False) == Where("ray")
