"""What a course does, as its teams and its staff do it: each command in a process of its own."""

import json
import os
import sys

import numpy as np

from tests import warm
from tests.bundle_files import archive_of
from tests.course import honest_team, keep, sealed_lines


def bench(*arguments, cwd, **variables):
    environment = {name: value for name, value in os.environ.items() if name != "BENCH_TEAM"} | variables
    command = [sys.executable, "-m", "bench", *map(str, arguments)]
    return warm.plain.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def test_a_class_from_empty_folders_to_a_verdict(tmp_path):
    for number, team in enumerate(("07", "08")):
        tree = tmp_path / team
        tree.mkdir()
        assert bench("init", "--team", team, cwd=tree).returncode == 0
        keep(tree, team, sealed_lines(honest_team(np.random.default_rng(number), team)))
        packed = bench("pack", "--json", cwd=tree)
        assert json.loads(packed.stdout)["team"] == team
    bundles = {f"{team}/bench.zip": (tmp_path / team / f"bench-{team}.zip").read_bytes() for team in ("07", "08")}
    bundles["09/bench.zip"] = bundles["08/bench.zip"][:-50]
    (tmp_path / "handed-in.zip").write_bytes(archive_of(bundles))
    staff = tmp_path / "staff"
    assert bench("init", "staff", cwd=tmp_path).returncode == 0
    collected = bench("collect", "../handed-in.zip", cwd=staff)
    assert collected.returncode == 1
    assert "3 bundles: 2 taken, 0 there already, 1 refused" in collected.stdout
    again = json.loads(bench("collect", "../handed-in.zip", "--json", cwd=staff).stdout)
    assert [one["state"] for one in again["bundles"]] == ["known", "known", "refused"]
    audited = bench("audit", "--json", cwd=staff)
    assert audited.returncode == 0, audited.stderr
    assert [one["verdict"] for one in json.loads(audited.stdout)["teams"]] == ["plausible"] * 2
    assert "team 08" in bench("report", "--team", "08", "--no-figures", cwd=staff).stdout
    path = next(staff.glob("results/*/07/cnn.jsonl"))
    path.write_bytes(path.read_bytes().replace(b'"seed":0', b'"seed":5', 1))
    doubted = bench("audit", cwd=staff)
    assert doubted.returncode == 1
    assert "odd, seal: team 07's" in doubted.stdout


def test_bad_input_is_one_clear_line(tmp_path):
    for arguments, words in (
        (("init", "--team", "a/b"), "a team can't be called 'a/b'"),
        (("pack",), "has no owner"),
        (("audit",), "there are no records to audit"),
        (("collect", "nothing.zip"), "no such file or folder"),
        (("collect", "."), "there is nothing in ."),
    ):
        done = bench(*arguments, cwd=tmp_path)
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr
        assert list(tmp_path.iterdir()) == []
    done = bench("pack", cwd=tmp_path, BENCH_TEAM="..")
    assert (done.returncode, "BENCH_TEAM" in done.stderr) == (2, True)
