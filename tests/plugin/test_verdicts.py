"""The verdict by this host's stored records: what fails, what warns, what passes, and what is measured again."""

import gzip
import json

import pytest

ONE = ["--bench-only", "simple_cnn/notebook"]


def test_a_planted_slow_down_of_five_percent_fails_readably(tree):
    result = tree.run("--bench-slow-down", "*/xla=1.05", "-rf")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            "simple_cnn/xla/b128 is slower than the stored records of here: a step takes 1.050 times (1.03*) as long",
            "    now        16.8 ms/step, 3 processes",
            "    before     16 ms/step, 10 stored records, the newest of 2026-01-10T10:00:00+00:00",
            "    threshold  slow-downs under 1.* % can't be distinguished from noise here (the self-test*",
            "    replay: *",
            "*To accept the new step time*",
            "*= bench =*",
            "pass       simple_cnn/notebook/b128  16 ms/step, 1.000 times (*) of 10 stored records; *",
            "fail       simple_cnn/xla/b128  16.8 ms/step, 1.050 times (*",
            "FAILED suites/tiny.yaml::simple_cnn/xla/b128*",
        ]
    )
    assert "bench/plugin" not in result.stdout.str()


def test_a_planted_no_change_passes(tree):
    tree.stored(*[1.0, 1.01, 0.99, 1.0, 1.005, 0.995, 1.01, 0.99, 1.0, 1.0])
    tree.recorded(1.004)
    result = tree.run()
    result.assert_outcomes(passed=4)
    assert result.ret == 0


def test_the_threshold_is_the_hosts_own(tree):
    tree.profile(0.05)
    tree.run("--bench-slow-down", "*=1.03").assert_outcomes(passed=4)


def test_ambiguous_warns_and_passes(tree):
    tree.profile(0.03)
    result = tree.run(*ONE, "--bench-slow-down", "*=1.03")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "*AmbiguousWarning: simple_cnn/notebook/b128: a step takes 1.030 times *",
            "ambiguous  simple_cnn/notebook/b128*",
        ]
    )


@pytest.mark.parametrize(("spread", "verdict"), [(0.01, "fail"), (0.03, "ambiguous")])
def test_what_changed_beside_the_workload_is_named(tree, spread, verdict, monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    tree.profile(spread)
    tree.journal.write_text(tree.journal.read_text().replace('"max_seconds":2.0', '"max_seconds":3.0'))
    result = tree.run(*ONE, "--bench-slow-down", "*=1.04")
    result.stdout.fnmatch_lines(
        ["*changed since then: TF_ENABLE_ONEDNN_OPTS absent → 0*", "*protocol.max_seconds 3.0 → 2.0*"]
        if verdict == "fail"
        else ["*changed since then: TF_ENABLE_ONEDNN_OPTS absent → 0, protocol.max_seconds 3.0 → 2.0*"]
    )
    result.stdout.fnmatch_lines([f"{verdict} *simple_cnn/notebook/b128*"])


def test_ambiguous_fails_where_warnings_are_errors(tree):
    tree.profile(0.03)
    result = tree.run(*ONE, "--bench-slow-down", "*=1.03", "-W", "error::bench.plugin.AmbiguousWarning")
    result.assert_outcomes(failed=1)
    assert "During handling" not in result.stdout.str()


def test_one_disturbed_process_is_measured_again_and_fails_nothing(tree):
    tree.recorded(1.3, 1.0, 1.001)
    result = tree.run(*ONE, "--benchmark-json", "out.json")
    result.assert_outcomes(passed=1)
    info = json.loads((tree.root / "out.json").read_text())["benchmarks"][0]["extra_info"]
    assert (info["processes"], info["verdict"]) == (3, "pass")
    tree.run(*ONE, "--bench-retries", 0).assert_outcomes(failed=1)


def test_with_no_stored_record_it_passes_and_says_so(tree):
    tree.journal.unlink()
    result = tree.run(*ONE)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["pass       simple_cnn/notebook/b128  16 ms/step, no stored record to compare with"])


def test_a_host_without_a_self_test_fails_by_a_generous_spread_and_warns_below(tree):
    tree.profile(None)
    tree.stored(1.0)
    under = tree.run(*ONE, "--bench-slow-down", "*=1.2")
    under.assert_outcomes(passed=1, warnings=1)
    under.stdout.fnmatch_lines(
        ["*AmbiguousWarning: *run `bench selftest`*", "*slow-downs under 25.4 % can't be distinguished*"]
    )
    over = tree.run(*ONE, "--bench-slow-down", "*=1.3")
    over.assert_outcomes(failed=1)
    over.stdout.fnmatch_lines(["*threshold  slow-downs under 25.4 % * (this host's noise isn't known and 10 % *"])


def test_the_tree_is_the_current_folder_whatever_pytest_takes_as_its_rootdir(tree, tmp_path):
    tape = tree.recording.rename(tmp_path / "tape.jsonl")
    slow = ["--bench-replay", tape, "--bench-slow-down", "*=3", "--benchmark-save", "slow"]
    result = tree.run(*slow, replay=False)
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines([f"bench: 4 cells * under {tree.root}", f"rootdir: {tree.root.parent}"])
    assert "nothing was compared" not in result.stdout.str()
    tree.run(
        "--bench-replay", tape, "--benchmark-compare", f"--rootdir={tree.root}", replay=False
    ).stdout.fnmatch_lines(["*simple_cnn/notebook/b128 (0001_slow)*"])


def test_the_tree_can_be_named_in_the_environment(tree, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCH_ROOT", str(tmp_path))
    tree.run(*ONE).stdout.fnmatch_lines([f"WARNING: nothing was compared*{tmp_path}/results/here;*"])
    monkeypatch.setenv("BENCH_ROOT", "nowhere")
    tree.run(*ONE, "--bench-root", ".", "--bench-slow-down", "*=3").assert_outcomes(failed=1)


def test_a_tree_with_no_record_of_any_cell_is_told_of_with_its_folder(tree):
    tree.journal.unlink()
    result = tree.run("--bench-slow-down", "*=3")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(
        [
            f"WARNING: nothing was compared, as no record of any of these cells is stored in {tree.journal.parent};*"
            "--bench-root*"
        ]
    )


def test_records_of_another_workload_are_not_compared_with_and_that_is_said(tree):
    other = tree.journal.read_text().replace('"learning_rate":null', '"learning_rate":0.1')
    tree.journal.write_text(other.replace('"fingerprint":"', '"fingerprint":"0'))
    tree.run(*ONE).stdout.fnmatch_lines(
        ["*no stored record to compare with (10 are of other options, data or software)"]
    )


def test_a_cell_that_was_not_recorded_fails(tree):
    result = tree.run("--bench-set", "batch_sizes=[64]", "--bench-only", "simple_cnn/notebook")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["simple_cnn/notebook/b64 failed in start: simple_cnn/notebook/b64 is not in the recording*"]
    )


@pytest.mark.parametrize(
    ("status", "shown"),
    [("failed", "failed"), ("out_of_memory", "out of memory"), ("timed_out", "timed out"), ("crashed", "crashed")],
)
def test_a_cell_that_fails_fails_its_test_with_where_and_why(tree, status, shown):
    failed = tree.failed("simple_cnn/notebook/b128", status, "it broke")
    tree.recorded(more=[failed])
    result = tree.run(*ONE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"simple_cnn/notebook/b128 {shown} in model: it broke"])


def test_a_cell_that_can_not_run_here_is_skipped_with_the_reason(tree):
    tree.recorded(more=[tree.failed("simple_cnn/notebook/b128", "skipped", "no such unit")])
    result = tree.run(*ONE, "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * no such unit"])


def test_records_are_kept_only_when_asked_for(tree):
    before = tree.journal.read_text()
    tree.run(*ONE)
    assert tree.journal.read_text() == before
    tree.run(*ONE, "--bench-keep")
    added = tree.journal.read_text().removeprefix(before).splitlines()
    assert [json.loads(line)["executor"] for line in added] == ["replay"]


def test_stored_records_that_can_not_be_read_fail_the_test_with_the_file(tree):
    tree.journal.write_bytes(gzip.compress(b"{}"))
    result = tree.run(*ONE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*tiny.jsonl: *gzip*"])


def test_no_gate_passes_over_a_stored_record_of_a_newer_version(tree):
    tree.journal.write_text('{"schema_version": 99}\n')
    result = tree.run(*ONE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*tiny.jsonl:1: this record has schema version 99*"])
