"""Verbs on a node of a real cluster: what they print there is shown here, and what they keep is kept here."""

import json
import os
import sys

import pytest
import yaml

from bench.host.profile import HostProfile
from bench.host.registry import remember
from bench.run.cluster.verbs import _with_what_is_new
from tests import warm
from tests.run.cluster.clusters import DRIVER, raylets
from tests.run.cluster.test_cluster import CODE, OWN

AB = OWN.replace("[notebook]", "{base: {}, other: {prefetch: 2}}")


@pytest.fixture(scope="module")
def cluster():
    with raylets([{"node_name": "one", "labels": {"rack": "7"}}]) as found:
        yield found


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "own.yaml").write_text(AB)
    (tmp_path / "suites" / "my_models.py").write_text(CODE)
    return tmp_path


def verb(tree, cluster, *arguments):
    command = [sys.executable, "-m", "bench", *arguments, "--executor", f"ray:{cluster.address}"]
    return warm.run(command, cwd=tree, capture_output=True, text=True, env={**os.environ, **DRIVER})


def test_nodes_are_listed_with_the_hosts_that_they_are(tree, cluster):
    done = verb(tree, cluster, "hosts", "--json")
    (node,) = json.loads(done.stdout)
    assert (node["node"], node["labels"], node["unfit"]) == ("one", {"rack": "7"}, None)
    assert node["host"]


def test_a_node_lists_what_it_would_measure_and_runs_nothing(tree, cluster):
    done = verb(tree, cluster, "run", "suites/own.yaml", "--dry-run", "--json", "--only", "*/other/*")
    assert done.returncode == 0, done.stderr
    (node,) = json.loads(done.stdout)["nodes"]
    assert (node["node"], [cell["cell"] for cell in node["cells"]]) == ("one", ["mine/other/b16"])
    assert node["host"]
    assert not (tree / "results").exists()


@pytest.mark.long
def test_nodes_are_chosen_by_what_they_are(tree, cluster):
    shown = verb(tree, cluster, "hosts", "--on", "rack=7").stdout
    assert "| one " in shown
    wrong = verb(tree, cluster, "hosts", "--on", "rack=8")
    assert wrong.returncode == 2
    assert "rack=7" in wrong.stderr


@pytest.mark.long
def test_a_pair_measured_on_a_node_is_kept_here_with_its_host(tree, cluster):
    done = verb(tree, cluster, "ab", "suites/own.yaml", "mine/base", "mine/other", "--precision", "0.5", "--json")
    assert done.returncode == 0, done.stderr
    (answer,) = json.loads(done.stdout)
    assert (answer["node"], answer["status"], answer["why"]) == ("one", 0, None)
    (path,) = tree.glob("results/*/pairs/own.jsonl")
    (pair,) = map(json.loads, path.read_text().splitlines())
    assert (pair["executor"], pair["host"]) == ("ray", path.parents[1].name)
    assert len(pair["rounds"]) >= 6
    assert "one:   round 2 of at most" in done.stderr  # its lines come as they are said
    profile = yaml.safe_load((tree / "hosts" / f"{pair['host']}.yaml").read_text())
    assert profile["hardware"]["kind"] == "cpu"


@pytest.mark.long
def test_a_doctor_looks_at_the_node_and_leaves_nothing(tree, cluster):
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    done = verb(tree, cluster, "doctor", "--json")
    (answer,) = json.loads(done.stdout)
    assert answer["status"] == done.returncode
    assert "checks" in answer["result"]
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*")} == before


def test_what_is_wrong_on_the_node_is_told_as_it_is_told_there(tree, cluster):
    suite = AB.replace(AB.splitlines()[0], "data: cifar10")
    (tree / "suites" / "real.yaml").write_text(suite)
    asked = ["mine/base", "mine/other", "--strict-data", "--data-dir", str(tree)]  # where there is no data set
    done = verb(tree, cluster, "ab", "suites/real.yaml", *asked)
    assert done.returncode == 2, done.stderr
    assert "one: bench: " in done.stderr
    assert "cifar10" in done.stderr
    assert not (tree / "results").exists()


def test_what_others_wrote_into_a_profile_meanwhile_stays(tmp_path):
    sent = HostProfile(id="box", label="Box")
    now = sent.model_copy(update={"label": "My box"})
    measured = sent.model_copy(update={"formerly": ("case",)})
    found = _with_what_is_new(now, sent, measured)
    assert (found.label, found.formerly) == ("My box", ("case",))
    assert remember(tmp_path, found).name == "box.yaml"
