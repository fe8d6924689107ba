"""Networks kept beside results, and read with suspicion."""

import pytest

from bench.results.architecture import Architecture, Layer
from bench.results.stored_networks import MOST_NETWORKS, keep_network, read_networks
from tests.records import make_record


def network(units=1):
    return Architecture(layers=(Layer(name="dense", kind="Dense", trainable=units),), trainable=units, non_trainable=0)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "results" / make_record().host


def file_of(folder, digest):
    return folder / "networks" / f"{digest}.json"


def test_a_network_is_kept_once_and_comes_back(tmp_path, folder):
    found = network()
    keep_network(folder, found)
    before = file_of(folder, found.digest).stat()
    keep_network(folder, found)
    assert file_of(folder, found.digest).stat().st_ino == before.st_ino
    records = [make_record(network=found.digest), make_record(network=found.digest), make_record()]
    assert read_networks(tmp_path, records) == ({found.digest: found}, ())


def test_a_damaged_one_is_written_anew(folder):
    found = network()
    keep_network(folder, found)
    file_of(folder, found.digest).write_text("{")
    keep_network(folder, found)
    assert file_of(folder, found.digest).read_bytes() == found.content


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "EOF"),
        (network(2).content, "another one than its name says"),
        (b'{"schema_version":2,"layers":[],"trainable":1,"non_trainable":0}', "schema_version"),
        (
            b'{"layers":[{"name":"a","kind":"b","takes":[0]}],"trainable":1,"non_trainable":0}',
            "doesn't stand before it",
        ),
        (b" " * (2**21 + 1), "larger than"),
    ],
)
def test_what_is_no_such_network_costs_itself_and_a_notice(tmp_path, folder, content, why):
    digest, good = network().digest, network(3)
    keep_network(folder, good)
    file_of(folder, digest).write_bytes(content)
    found, notices = read_networks(tmp_path, [make_record(network=digest), make_record(network=good.digest)])
    assert list(found) == [good.digest]
    assert len(notices) == 1
    assert why in notices[0]


def test_no_name_leads_out_of_the_folder(tmp_path, folder):
    found = network()
    keep_network(tmp_path / "outside", found)
    (folder / "networks").mkdir(parents=True)
    file_of(folder, found.digest).symlink_to(file_of(tmp_path / "outside", found.digest))
    read, notices = read_networks(tmp_path, [make_record(network=found.digest)])
    assert not read
    assert "leads out" in notices[0]
    for digest, host in (("../../outside/networks/x", make_record().host), (found.digest, "../outside"), ("", "..")):
        assert read_networks(tmp_path, [make_record(network=digest, host=host)]) == ({}, ())


def test_one_that_is_not_there_is_no_fault(tmp_path):
    assert read_networks(tmp_path, [make_record(network=network().digest)]) == ({}, ())


def test_of_very_many_those_of_the_newest_records_are_read(tmp_path, folder):
    every = [network(units) for units in range(MOST_NETWORKS + 2)]
    for one in every:
        keep_network(folder, one)
    started = [f"20{10 + place // 12:02}-{place % 12 + 1:02}-01T00:00:00+00:00" for place in range(len(every))]
    records = [make_record(network=one.digest, started=day) for one, day in zip(every, started, strict=True)]
    assert set(read_networks(tmp_path, records).networks) == {one.digest for one in every[2:]}
