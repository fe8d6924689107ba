"""What is found of a step that several devices share."""

from bench.analyse.findings.replicated import replicated
from tests.records import make_record, make_replication


def codes(record):
    return [finding.code for finding in replicated(record)]


def test_logical_devices_are_told_of_and_cards_are_not():
    assert codes(make_record()) == []
    assert codes(make_record(replication=make_replication())) == []
    (found,) = replicated(make_record(replication=make_replication(4, logical=True)))
    assert found.code == "logical-devices"
    assert "4 devices are logical ones of one processor" in found.message
    assert codes(make_record(replication=make_replication(1, logical=True))) == []


def test_what_trains_otherwise_is_told():
    told = make_replication(remarks=("clipnorm: each device clips its own gradients",))
    (found,) = replicated(make_record(replication=told))
    assert (found.code, found.message) == ("replicas-differ", "clipnorm: each device clips its own gradients")
