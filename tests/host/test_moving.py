import json
import os
import shutil
import subprocess
import sys
import textwrap

import pytest

from bench.errors import InputError
from bench.host.moving import merge, rename
from bench.host.profile import load
from bench.host.registry import profiles, recognise
from bench.results.query import read_all
from bench.support.resources import shipped_folder
from tests.host_trees import TORN, content, cpu, gpu, labels, make_host, make_profile, write


def test_a_host_goes_by_its_new_id_in_all_that_it_has(tmp_path):
    make_host(tmp_path)
    found = rename(tmp_path, "old", "new", "My box")
    assert (found.old, found.new, found.stays) == ("old", "new", None)
    assert labels(tmp_path, "new") == [(0, "00"), (1, "01"), (0, "02")]
    names = content(tmp_path)
    assert not [name for name in names if "old" in name]
    profile = load(tmp_path / "hosts/new.yaml")
    assert profile == make_profile("new", label="My box", formerly=("old",))
    assert b'"old"' not in b"".join(text for name, text in names.items() if name.startswith("results"))


def test_this_machine_is_known_by_its_new_id(tmp_path):
    root = make_host(tmp_path, "cpu-amd-epyc-2c")
    rename(root, "cpu-amd-epyc-2c", "my-box")
    again = recognise(root, cpu())
    assert (again.profile.id, again.is_new, again.replaced) == ("my-box", False, None)
    named = recognise(root, cpu(), "cpu-amd-epyc-2c")
    assert (named.profile.id, named.replaced) == (
        "my-box",
        "cpu-amd-epyc-2c is called my-box now; results go under that",
    )
    assert recognise(root, cpu(cores=4), "cpu-amd-epyc-2c").profile.id == "cpu-amd-epyc-2c"  # another machine
    rename(root, "my-box", "cpu-amd-epyc-2c")
    assert recognise(root, cpu()).profile.id == recognise(root, cpu(), "my-box").profile.id == "cpu-amd-epyc-2c"


def test_the_label_alone_may_change(tmp_path):
    make_host(tmp_path)
    before = content(tmp_path)
    rename(tmp_path, "old", "old", "My box")
    after = content(tmp_path)
    assert load(tmp_path / "hosts/old.yaml") == make_profile(label="My box")
    assert {name for name in after if after[name] != before[name]} == {"hosts/old.yaml"}
    with pytest.raises(InputError, match="'old' is its id already; --label"):
        rename(tmp_path, "old", "old")
    for new in ("old", "new"):
        with pytest.raises(InputError, match="a label can't be empty"):
            rename(tmp_path, "old", new, " ")
    assert content(tmp_path) == after


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("older", "new"), "nothing is stored of a host 'older'; did you mean 'old'"),
        (("old", "there"), "there is a host 'there' already; `bench hosts merge old there`"),
        (("old", "colab-t4"), "there is a host 'colab-t4' already"),
        (("old", "no-profile"), "there is a host 'no-profile' already"),
        (("old", "Upper"), "'Upper' can't be a host's id; small letters"),
        (("old", "../up"), "can't be a host's id"),
        (("old", "con."), "'con.' can't be a host's id; .*between them"),
        (("old", "figures"), "can't be a host's id; results keep their figures"),
        (("colab-t4", "mine"), "'colab-t4' has only published times.*bench run SUITE --host mine"),
    ],
)
def test_what_cannot_be_renamed_is_refused_and_left_alone(tmp_path, names, says):
    make_host(make_host(tmp_path), "there")
    write(tmp_path / "results/no-profile/cnn.jsonl", '{"schema_version": 2, "host": "no-profile"}\n')
    before = content(tmp_path)
    with pytest.raises(InputError, match=says):
        rename(tmp_path, *names)
    assert content(tmp_path) == before


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("old", "old"), "'old' can't be merged into itself"),
        (("old", "ther"), "unknown host 'ther'; `bench hosts rename old ther` gives old that id; did you mean 'there'"),
        (("older", "ther"), "nothing is stored of a host 'older'"),
        (("older", "there"), "nothing is stored of a host 'older'"),
        (("colab-t4", "there"), "'colab-t4' has only published times"),
        (("old", "no-profile"), "different machines(.|\n)*what machine no-profile is isn't known"),
        (("no-profile", "there"), "different machines(.|\n)*what machine no-profile is isn't known"),
        (
            ("old", "t4"),
            "different machines, and timings depend on that; .*--force(.|\n)*Tesla T4 and AMD EPYC, 2 cores",
        ),
        (("old", "colab-t4"), "different machines"),
        (("old", "more-cores"), "more-cores and old: 4 cores and 2 cores"),
        (("old", "newer"), "newer version of the harness"),
    ],
)
def test_what_cannot_be_merged_is_refused_and_left_alone(tmp_path, names, says):
    make_host(make_host(tmp_path), "there")
    make_host(tmp_path, "t4", hardware=gpu("Tesla T4"))
    make_host(tmp_path, "more-cores", hardware=cpu(cores=4))
    make_host(tmp_path, "newer")
    write(tmp_path / "results/newer/x.jsonl", '{"schema_version": 99, "host": "newer"}\n')
    write(tmp_path / "results/no-profile/cnn.jsonl", '{"schema_version": 2, "host": "no-profile"}\n')
    before = content(tmp_path)
    with pytest.raises(InputError, match=says):
        merge(tmp_path, *names)
    assert content(tmp_path) == before


def test_force_mixes_unlike_machines_and_says_what_it_drops(tmp_path):
    make_host(make_host(tmp_path), "new", hardware=cpu(cores=4), minute=10)
    found = merge(tmp_path, "old", "new", force=True)
    assert set(found.left) == {"hardware"}  # the others are equal in both
    assert load(tmp_path / "hosts/new.yaml").hardware == cpu(cores=4)
    assert len(labels(tmp_path, "new")) == 6
    assert recognise(tmp_path, cpu(), "old").profile.id == "old"  # the other machine is no part of it


def test_a_colab_card_and_one_at_home_are_different_machines(tmp_path):
    make_host(make_host(tmp_path, hardware=gpu("Tesla T4", platform="colab")), "new", hardware=gpu("Tesla T4"))
    with pytest.raises(InputError, match="new and old: local and colab"):
        merge(tmp_path, "old", "new")


def test_published_times_stay_with_the_host_that_ships(tmp_path):
    shutil.copytree(shipped_folder("hosts"), tmp_path / "hosts", ignore=shutil.ignore_patterns("cpu-*"))
    reference = load(tmp_path / "hosts/rtx-2080-ti.yaml")
    card = gpu("NVIDIA GeForce RTX 2080 Ti", 11)
    stays = {name: getattr(reference, name) for name in ("published", "label", "costs_absent")}
    make_host(tmp_path, "rtx-2080-ti", hardware=card, **stays)
    found = rename(tmp_path, "rtx-2080-ti", "mine")
    assert found.stays == "its published times"
    assert load(tmp_path / "hosts/rtx-2080-ti.yaml") == reference
    mine = load(tmp_path / "hosts/mine.yaml")
    assert (mine.published, mine.label, mine.hardware) == (None, "RTX 2080 Ti", card)
    assert labels(tmp_path, "mine")
    assert recognise(tmp_path, card).profile.id == "mine"
    assert rename(tmp_path, "rtx-2080-ti", "mine").done_before
    shutil.copytree(tmp_path / "results/mine", tmp_path / "results/rtx-2080-ti")  # as by a run that was at work
    assert not rename(tmp_path, "rtx-2080-ti", "mine").done_before
    assert not (tmp_path / "results/rtx-2080-ti").exists()
    merge(tmp_path, "mine", "rtx-2080-ti")
    assert load(tmp_path / "hosts/rtx-2080-ti.yaml") == mine.model_copy(
        update={
            "id": "rtx-2080-ti", "label": reference.label, "published": reference.published,
            "formerly": ("mine",), "costs_absent": {"grid": reference.costs_absent["grid"]},  # there is a price now
        }
    )  # fmt: skip
    assert recognise(tmp_path, card).profile.id == "rtx-2080-ti"


def test_results_without_a_profile_get_one(tmp_path):
    make_host(tmp_path)
    (tmp_path / "hosts/old.yaml").unlink()
    rename(tmp_path, "old", "new", "Somebody's box")
    assert load(tmp_path / "hosts/new.yaml").label == "Somebody's box"
    assert len(labels(tmp_path, "new")) == 3


def test_results_without_a_profile_are_merged_into_and_get_one(tmp_path):
    make_host(make_host(tmp_path), "there", minute=10)
    (tmp_path / "hosts/there.yaml").unlink()
    old = load(tmp_path / "hosts/old.yaml")
    with pytest.raises(InputError, match="`bench hosts merge old there`"):
        rename(tmp_path, "old", "there")
    found = merge(tmp_path, "old", "there", force=True)
    assert found.left == ()
    assert found.profile == old.model_copy(update={"id": "there", "formerly": ("old",)})
    assert load(tmp_path / "hosts/there.yaml") == found.profile
    assert len(labels(tmp_path, "there")) == 6


def test_a_dry_run_tells_all_and_does_nothing(tmp_path):
    make_host(make_host(tmp_path), "there", minute=10)
    before = content(tmp_path)
    for verb, names in ((rename, ("old", "new")), (merge, ("old", "there"))):
        told = verb(tmp_path, *names, dry_run=True)
        assert content(tmp_path) == before
        assert verb(tmp_path, *names).files == told.files
        shutil.rmtree(tmp_path / "results")
        make_host(make_host(tmp_path), "there", minute=10)
        (tmp_path / "hosts/new.yaml").unlink(missing_ok=True)


KILLED = """
    import os, shutil, signal, sys, traceback
    from pathlib import Path
    from bench.host.moving import merge, rename
    from bench.results.query import read_files
    from bench.results.ai_benchmark import AiLine
    from bench.results.record import Record
    from bench.results.pair import Pair
    from tests.host_trees import content

    made, work, verb = Path(sys.argv[1]), Path(sys.argv[2]), {"merge": merge, "rename": rename}[sys.argv[3]]
    CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate"}
    FORMS = {"*/*.jsonl": Record, "*/pairs/*.jsonl": Pair, "*/calibration/*.jsonl": AiLine}

    def in_child(tree, last):
        # ends as kill -9 does, just before its `last` change of anything on the disk
        pid = os.fork()
        if pid:
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        left = last
        def hook(event, args):
            nonlocal left
            writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
            if (event in CHANGES or writes) and str(args[0]).startswith(str(tree)):
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(hook)
        try:
            verb(tree, "old", "new")
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def files(tree):
        # a profile that was being written leaves its beginning in a hidden file
        return {name: text for name, text in content(tree).items() if not name.startswith("hosts/.")}

    def kept(tree):
        found = set()
        for pattern, form in FORMS.items():
            for line in read_files(sorted((tree / "results").glob(pattern)), form).records:
                assert (tree / "hosts" / f"{line.host}.yaml").exists(), line.host
                found.add(line.model_copy(update={"host": "any"}).model_dump_json().replace("/new/", "/old/"))
        texts = {text for name, text in content(tree).items() if name.endswith((".log", ".torn-1"))}
        return found, texts

    def fresh(name):
        tree = work / name
        shutil.copytree(made, tree)
        return tree

    whole = fresh("whole")
    assert in_child(whole, 0) == 0
    wanted, everything, steps = files(whole), kept(made), 0
    while True:
        tree = fresh(str(steps))
        ended = in_child(tree, steps + 1)
        assert ended in (0, -signal.SIGKILL), ended
        found = kept(tree)
        assert found[0] >= everything[0] and found[1] >= everything[1], f"lost at step {steps}"
        if ended == 0:
            break
        assert in_child(tree, 0) == 0, f"stuck after step {steps}"
        after = files(tree)
        unlike = {name for name in after.keys() | wanted.keys() if after.get(name) != wanted.get(name)}
        assert not unlike, (steps, unlike)
        shutil.rmtree(tree)
        steps += 1
    print(steps)
"""


@pytest.mark.parametrize("verb", ["rename", "merge"])
def test_a_kill_at_any_step_loses_nothing_and_the_same_command_finishes(tmp_path, verb):
    made = make_host(tmp_path / "made", minute=1)
    if verb == "merge":
        make_host(made, "new", minute=2)
    else:
        with (made / "results/old/cnn.jsonl").open("ab") as file:
            file.write(TORN)
    for folder in made.glob("results/*/[pc]a*"):  # pairs and calibration go the way of the other journals
        shutil.rmtree(folder)
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), made, tmp_path, verb],
        env=environ, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 15


def test_the_report_and_comparisons_work_afterwards(tmp_path):
    from bench.report.write import write_report

    make_host(make_host(tmp_path), "new", minute=10)
    merge(tmp_path, "old", "new")
    assert "cnn — AMD EPYC, 2 cores" in write_report(tmp_path, figures=False).text
    assert {record.host for record in read_all(tmp_path).records} == {"new"}
    assert "old" not in {profile.id for profile in profiles(tmp_path)}
    assert json.loads((tmp_path / "results/new/pytest-benchmark/0000_before.json").read_text())["machine_info"] == {
        "host": "new"
    }
