import json
import subprocess
import sys
import textwrap

import pytest

from bench.errors import InputError
from bench.results.journal import Journal, journal_path
from bench.results.moved import known_versions, move_results
from bench.results.record import Record
from bench.results.seal import seal_of, unsealed
from tests import warm
from tests.host_trees import TORN, content, labels, make_host, moment, write
from tests.records import make_record


def moved(root, **more):
    return {one.file: one for one in move_results(root, "old", "new", **more)}


def without_seals(text):
    return [unsealed(line) for line in text.split(b"\n")]


def counts(one):
    return one.lines[1:]


def test_everything_goes_over_and_nothing_stays(tmp_path):
    before = content(make_host(tmp_path / "a"))
    found = moved(tmp_path / "a")
    assert counts(found["cnn.jsonl"]) == (3, 0, 0)
    assert counts(found["pairs/cnn.jsonl"]) == counts(found["calibration/ai-benchmark.jsonl"]) == (1, 0, 0)
    after = content(tmp_path / "a")
    wanted = {
        name.replace("/old/", "/new/"): text.replace(b'"old"', b'"new"').replace(b"results/old/", b"results/new/")
        for name, text in before.items()
        if name.startswith("results")
    }
    moved_to = {name: text for name, text in after.items() if name.startswith("results")}
    assert {name: without_seals(text) for name, text in moved_to.items()} == {
        name: without_seals(text) for name, text in wanted.items()
    }
    assert all(seal.holds for line in moved_to["results/new/cnn.jsonl"].splitlines() if (seal := seal_of(line)))
    assert not (tmp_path / "a/results/old").exists()
    assert not (tmp_path / "a/results/figures/old").exists()


def test_a_dry_run_says_the_same_and_does_nothing(tmp_path):
    make_host(make_host(tmp_path, minute=1), "new", minute=3)
    before = content(tmp_path)
    told = moved(tmp_path, dry_run=True)
    assert content(tmp_path) == before
    assert moved(tmp_path) == told


def test_records_of_both_stand_in_the_order_of_their_beginnings(tmp_path):
    make_host(make_host(tmp_path, minute=1), "new", minute=2)
    moved(tmp_path)
    assert labels(tmp_path, "new") == [(0, "01"), (0, "02"), (1, "02"), (1, "03"), (0, "03"), (0, "04")]


def test_a_rename_alone_puts_nothing_in_order(tmp_path):
    for minute in (5, 3, 4):
        record = make_record(host="old", started=moment(minute))
        Journal(journal_path(tmp_path, "old", "cnn"), Record).append(record)
    moved(tmp_path)
    assert [minute for _, minute in labels(tmp_path, "new")] == ["05", "03", "04"]


def test_what_is_there_already_is_not_there_twice(tmp_path):
    for host in ("old", "new"):
        make_host(tmp_path, host)
    path = journal_path(tmp_path, "old", "cnn")
    lines = path.read_bytes().splitlines()
    again = json.dumps(json.loads(lines[0]), indent=None, sort_keys=True).encode()  # the same in other bytes
    path.write_bytes(b"\n".join([again, lines[1], lines[1], lines[2]]) + b"\r\n")
    found = moved(tmp_path)["cnn.jsonl"]
    assert counts(found) == (1, 3, 0)  # a line that one file has twice stays so
    assert len(labels(tmp_path, "new")) == 4


def test_lines_that_are_torn_damaged_or_of_another_host_are_kept_as_they_are(tmp_path):
    make_host(tmp_path)
    path = journal_path(tmp_path, "old", "cnn")
    other = make_record(host="third", started=moment(1)).model_dump_json().encode()
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([lines[0], b"{damaged", other, *lines[1:]]) + b"\n" + TORN)
    found = moved(tmp_path)
    assert counts(found["cnn.jsonl"]) == (5, 0, 2)
    after = content(tmp_path)
    assert after["results/new/cnn.jsonl"].splitlines()[1:3] == [b"{damaged", other]
    assert after["results/new/cnn.jsonl.torn-1"] == TORN
    assert not (tmp_path / "results/old").exists()


def test_a_file_of_the_same_name_costs_no_other_its_place(tmp_path):
    make_host(make_host(tmp_path), "new")
    write(tmp_path / "results/old/notes.txt", "mine")
    write(tmp_path / "results/new/notes.txt", "yours")
    write(tmp_path / "results/old/same.txt", "equal")
    write(tmp_path / "results/new/same.txt", "equal")
    found = moved(tmp_path)
    after = content(tmp_path)
    assert after["results/new/notes.txt"] == b"yours"
    assert after["results/new/notes-old.txt"] == b"mine"
    assert found["notes.txt"].kept_as == "notes-old.txt"
    assert found["same.txt"].kept_as is None
    assert not (tmp_path / "results/old").exists()


@pytest.mark.parametrize("place", ["cnn.jsonl", "pairs/cnn.jsonl", "calibration/ai-benchmark.jsonl"])
@pytest.mark.parametrize("host", ["old", "new"])
def test_lines_of_a_newer_harness_are_refused(tmp_path, place, host):
    make_host(make_host(tmp_path), "new")
    with (tmp_path / "results" / host / place).open("a") as file:
        file.write('{"schema_version": 99, "host": "old"}\n')
    with pytest.raises(InputError, match="newer version of the harness") as caught:
        known_versions(tmp_path, "old", "new")
    assert [fault.file.name for fault in caught.value.faults] == [place.rpartition("/")[2]]


def test_where_the_disk_refuses_nothing_is_lost_and_the_same_again_goes_on(tmp_path):
    make_host(tmp_path)
    code = """
        import resource, sys
        from pathlib import Path
        from bench.errors import InputError
        from bench.results.moved import move_results
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))  # as on a full disk: a write takes a part, or nothing
        try:
            list(move_results(Path(sys.argv[1]), "old", "new"))
        except InputError as error:
            print(error)
    """
    before = content(tmp_path)
    done = warm.plain.run(
        [sys.executable, "-c", textwrap.dedent(code), tmp_path], capture_output=True, text=True, check=True
    )
    assert "can't be moved" in done.stdout
    assert "nothing is lost" in done.stdout
    assert {name: text for name, text in content(tmp_path).items() if "/new/" not in name}.items() <= before.items()
    assert not list((tmp_path / "results/new").rglob("*.moving"))
    moved(tmp_path)
    assert labels(tmp_path, "new") == [(0, "00"), (1, "01"), (0, "02")]


def test_a_run_at_work_meanwhile_loses_nothing(tmp_path):
    code = """
        import sys
        from pathlib import Path
        from bench.results.journal import Journal, journal_path
        from bench.results.record import Record
        from tests.records import make_record
        journal = Journal(journal_path(Path(sys.argv[1]), "old", "cnn"), Record)
        record = make_record(host="old", count=2)
        print("ready", flush=True)
        sys.stdin.readline()
        for seed in range(300):
            journal.append(record.model_copy(update={"seed": seed}))
    """
    command = [sys.executable, "-c", textwrap.dedent(code), tmp_path]
    runs = warm.plain.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    runs.stdout.readline()
    runs.stdin.write("go\n")
    runs.stdin.close()
    times = 0
    while runs.poll() is None:
        times += bool(moved(tmp_path))
    moved(tmp_path)
    runs.stdout.close()
    assert runs.returncode == 0
    assert times > 1
    assert [seed for seed, _ in labels(tmp_path, "new")] == list(range(300))
