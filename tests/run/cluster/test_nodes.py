"""Which nodes a run takes, and what is told where none is to be had."""

from dataclasses import replace

import pytest

from bench.errors import InputError
from bench.host.hardware import Hardware
from bench.run.cluster.alike import check_clocks, check_software, tell_of_shared_machines
from bench.run.cluster.nodes import Node, chosen

PLAIN = Hardware(kind="cpu", cpu="AMD EPYC", cores=8, memory_bytes=2**34, system="linux")


def node(name, gpu=None, unfit=None, **labels):
    hardware = PLAIN.model_copy(update={"kind": "gpu", "gpu_name": gpu}) if gpu else PLAIN
    return Node(name * 8, name, f"10.0.0.{len(name)}", {"CPU": 8.0}, labels, hardware, {}, unfit)


HEAD, T4, TWIN = node("head"), node("a", "Tesla T4"), node("b", "Tesla T4")
P100 = node("c", "Tesla P100-PCIE-16GB", rack="7")
CLUSTER = (HEAD, T4, TWIN, P100)


def names(on, nodes=CLUSTER):
    return [one.name for one in chosen(nodes, on)]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (None, ["a", "c"]),
        ("all", ["a", "c"]),
        ("gpu=T4", ["a"]),
        ("gpu=tesla t4", ["a"]),
        ("gpu=P100,rack=7", ["c"]),
        ("rack=7", ["c"]),
        ("b", ["b"]),
        ("head", ["head"]),
        ("p100", ["c"]),
    ],
)
def test_one_node_of_each_kind_that_is_asked_for(on, expected):
    assert names(on) == expected


def test_rays_own_word_for_a_card_counts_too():
    labelled = replace(HEAD, labels={"ray.io/accelerator-type": "A100"})
    assert names("gpu=A100", [labelled, T4]) == ["head"]


def test_several_of_a_kind_where_they_are_to_share():
    assert [one.name for one in chosen(CLUSTER, "all", most=2)] == ["a", "b", "c"]


def test_without_any_card_all_kinds_of_processor_are_taken():
    other = replace(HEAD, name="other", hardware=PLAIN.model_copy(update={"cores": 4}))
    assert names("all", [HEAD, other, HEAD]) == ["head", "other"]


@pytest.mark.parametrize(
    ("on", "there"),
    [
        ("gpu=A100", "there is gpu=P100, gpu=T4"),
        ("rack=8", "did you mean 'rack=7'"),
        ("nowhere", r"there is a \(Tesla T4\), b"),
    ],
)
def test_where_none_is_that_what_there_is_is_told(on, there):
    with pytest.raises(InputError, match=f"--on {on}: no node of the cluster is that; .*{there}"):
        chosen(CLUSTER, on)


def test_another_of_the_kind_stands_in_for_one_that_is_unfit():
    assert names("all", [replace(T4, unfit="TensorFlow isn't installed there"), TWIN]) == ["b"]


def test_every_node_that_no_other_stands_in_for_is_named():
    lame = [replace(one, unfit="TensorFlow isn't installed there") for one in (T4, P100)]
    with pytest.raises(InputError) as found:
        chosen([HEAD, *lame], None)
    assert [str(fault).partition(";")[0] for fault in found.value.faults] == [
        f"node {name}: TensorFlow isn't installed there" for name in "ac"
    ]


def test_clocks_that_differ_are_told_of_or_refused():
    told = []
    check_clocks([replace(T4, clock_offset=1.5), replace(P100, clock_offset=40.0, doubt=39.0)], told.append)
    assert not told
    check_clocks([replace(T4, clock_offset=-5.0)], told.append)
    assert told == ["the clock of node a is 5 s behind this machine's: the times of its records are off by that"]
    with pytest.raises(InputError, match="node a is 300 s ahead of"):
        check_clocks([replace(T4, clock_offset=300.0)], told.append)


def test_nodes_that_share_a_machine_are_told_of():
    told = []
    tell_of_shared_machines([replace(T4, address="10.0.0.9"), replace(P100, address="10.0.0.9"), HEAD], told.append)
    assert told == ["a, c are nodes on one machine, and disturb each other: name one with --on"]


def test_versions_that_differ_are_named_or_refused():
    told = []
    software = {"a": {"tensorflow": "2.21.0", "nvidia_driver": "550"}, "c": {"tensorflow": "2.20.0"}}
    check_software(software, False, told.append)
    assert len(told) == 1
    assert told[0].startswith("tensorflow differs: 2.21.0 on a, 2.20.0 on c")
    with pytest.raises(InputError, match="tensorflow differs"):
        check_software(software, True, told.append)
    check_software(dict.fromkeys("ab", software["a"]), True, told.append)
