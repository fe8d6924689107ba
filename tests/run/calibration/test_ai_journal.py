"""What is kept of a run of AI Benchmark, and from where an interrupted one goes on."""

import json
import resource

import pytest

from bench.results.ai_benchmark import AiLine, AiScores
from bench.results.journal import Journal, JournalError
from bench.run.calibration.ai_journal import KeptRun
from tests.ai_lines import ON_CPU, RUN, SOFTWARE, ai_failed, ai_line, ai_result, ai_tests, kept, machine

FULL, MICRO = ai_tests("full"), ai_tests("micro")
FIRST, SECOND = MICRO[:2]
INFERENCE, TRAINING = FULL[:2]  # of one network


@pytest.fixture
def open_run(tmp_path):
    """Opens a run of a set; `run.said` is what the user was told."""

    def opened(which="micro", tests=MICRO, resume=True, software=SOFTWARE):
        said = []
        run = KeptRun(tmp_path, machine(), which, tests, software, resume, said.append)
        run.said = said
        return run

    return opened


def test_tests_come_back_in_the_sets_order_with_what_is_left(open_run):
    run = open_run(resume=False)
    assert run.left == list(MICRO)
    run.keep(ai_result(SECOND, 7.25), {})
    run.keep(ai_failed(FIRST), {})
    assert run.results == (ai_failed(FIRST), ai_result(SECOND, 7.25))
    assert run.left == list(MICRO[2:])


def test_an_interrupted_run_goes_on(open_run):
    before = open_run(resume=False)
    before.keep(ai_result(FIRST), {})
    run = open_run()
    assert (run.started, run.results, run.said) == (before.started, (ai_result(FIRST),), [])
    run.keep(ai_result(SECOND), {})
    assert open_run().left == list(MICRO[2:])


def test_without_resume_nothing_is_taken_up(open_run, tmp_path):
    kept(tmp_path, [ai_line(ai_result(FIRST))])
    run = open_run(resume=False)
    assert run.left == list(MICRO)
    assert run.started > RUN


def test_a_network_is_taken_up_whole_or_not_at_all(open_run, tmp_path):
    kept(tmp_path, [ai_line(ai_result(INFERENCE), "full")])
    assert open_run("full", FULL).left == list(FULL)
    kept(tmp_path, [ai_line(ai_result(TRAINING), "full")])
    assert open_run("full", FULL).left == list(FULL[2:])


def test_what_failed_is_tried_again_with_its_network(open_run, tmp_path):
    kept(tmp_path, [ai_line(ai_result(INFERENCE), "full"), ai_line(ai_failed(TRAINING), "full")])
    assert open_run("full", FULL).left == list(FULL)


@pytest.mark.parametrize("last", ["timed", "failed"])
def test_of_two_tries_the_last_counts(open_run, tmp_path, last):
    tries = [ai_failed(FIRST), ai_result(FIRST, 7.0)]
    kept(tmp_path, [ai_line(one) for one in (tries if last == "timed" else reversed(tries))])
    assert open_run().results == ((ai_result(FIRST, 7.0),) if last == "timed" else ())


def test_only_the_newest_run_of_the_set_is_taken_up(open_run, tmp_path):
    newer = "2026-01-06T10:00:00+00:00"
    lines = [ai_line(ai_result(FIRST)), ai_line(ai_result(SECOND), run=newer), ai_line(ai_result(INFERENCE), "full")]
    kept(tmp_path, lines)
    run = open_run()
    assert (run.started, run.results) == (newer, (ai_result(SECOND),))


def test_where_this_set_was_never_run_there_is_nothing_to_resume(open_run, tmp_path):
    kept(tmp_path, [ai_line(ai_result(INFERENCE), "full")])
    run = open_run()
    assert run.left == list(MICRO)
    assert run.said == ["nothing to resume: this set was not run here before"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"software": SOFTWARE | {"tensorflow": "2.20.0"}}, "tensorflow 2.20.0 (here 2.21.0)"),
        ({"software": SOFTWARE | {"nvidia_driver": "550.1"}}, "nvidia_driver 550.1 (here –)"),
        ({"device": {"kind": "gpu", "name": "Tesla T4"}}, "kind gpu (here cpu), name Tesla T4 (here –)"),
    ],
)
def test_other_software_or_another_device_begins_anew_and_says_what_differs(open_run, tmp_path, changed, says):
    kept(tmp_path, [ai_line(ai_result(FIRST), **changed)])
    run = open_run()
    assert run.left == list(MICRO)
    assert run.said == [f"the run of {RUN} was made with {says}: this one begins anew"]


def test_a_torn_line_costs_its_test_alone_and_is_told(open_run, tmp_path):
    path = kept(tmp_path, [ai_line(ai_result(FIRST)), ai_line(ai_result(SECOND))])
    path.write_bytes(path.read_bytes()[:-40])
    run = open_run()
    assert run.results == (ai_result(FIRST),)
    assert [":2: the last line is torn" in said for said in run.said] == [True]
    run.keep(ai_result(SECOND), {})
    assert "its last line was torn" in run.said[-1]
    assert open_run().results == (ai_result(FIRST), ai_result(SECOND))


def test_lines_of_a_newer_version_are_told_and_stay(open_run, tmp_path):
    path = kept(tmp_path, [ai_line(ai_result(FIRST))])
    with path.open("a") as file:
        file.write(json.dumps({"schema_version": 99, "run": RUN}) + "\n")
    before = path.read_bytes()
    run = open_run()
    assert f"{path}:2: this record has schema version 99, written by a newer version" in run.said[0]
    run.keep(ai_result(SECOND), {})
    assert path.read_bytes().startswith(before)
    assert open_run().results == (ai_result(FIRST), ai_result(SECOND))


def test_a_full_disk_is_told_and_leaves_what_was_kept(open_run, tmp_path):
    path = kept(tmp_path, [ai_line(ai_result(one)) for one in MICRO] * 8)
    before = path.read_bytes()
    assert len(before) > 2**16  # what is written beforehand, to see whether there is room
    run = open_run(resume=False)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, limits[1]))
    try:
        with pytest.raises(JournalError, match=rf"the record of {FIRST.label} could not be kept .* --resume"):
            run.keep(ai_result(FIRST), {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before


def test_scores_are_kept_once_and_a_whole_run_has_nothing_left(open_run, tmp_path):
    path = kept(tmp_path, [ai_line(ai_result(one)) for one in MICRO])
    scores = AiScores(inference=5_000)
    for _ in range(2):
        run = open_run()
        assert run.left == []
        run.keep_scores(scores)
    lines = Journal(path, AiLine).read().records
    assert [line.scores for line in lines if line.scores] == [scores]
    assert lines[-1].label == "AI Benchmark's scores"


def test_time_left_is_what_the_tests_took_or_the_sets_others_did(open_run, tmp_path):
    assert open_run("full", FULL).seconds(FULL) is None
    kept(tmp_path, [ai_line(ai_result(one, seconds=2)) for one in MICRO])
    assert open_run("full", FULL).seconds(FULL) is None  # another set's tests are no measure of these
    kept(tmp_path, [ai_line(ai_result(INFERENCE, seconds=20), "full"), ai_line(ai_failed(TRAINING), "full")])
    run = open_run("full", FULL, resume=False)
    assert run.seconds(FULL[:3]) == pytest.approx(20 * 3)
    run.keep(ai_result(TRAINING, seconds=40), {})
    assert run.seconds([INFERENCE, TRAINING, FULL[2]]) == pytest.approx(20 + 40 + 30)


def test_what_others_took_is_of_the_whole_run_however_often_it_was_interrupted(open_run):
    run = open_run(resume=False)
    assert run.foreign_cpu_share is None
    run.keep(ai_result(FIRST, seconds=30), {"foreign_cpu_share": 0.2})
    run = open_run()
    run.keep(ai_result(SECOND, seconds=10), {"foreign_cpu_share": 0.6})
    run.keep(ai_failed(MICRO[2]), {"foreign_cpu_share": None})
    assert run.foreign_cpu_share == pytest.approx((30 * 0.2 + 10 * 0.6) / 40)


def test_a_line_says_of_what_it_is(open_run, tmp_path):
    open_run(resume=False).keep(ai_result(FIRST), {"foreign_cpu_share": 0.01})
    (path,) = tmp_path.glob("results/*/calibration/ai-benchmark.jsonl")
    line = json.loads(path.read_text())
    assert (line["host"], line["set"], line["version"]) == ("xeon-2-cores", "micro", "0.1.2")
    assert (line["software"], line["device"], line["values"]) == (SOFTWARE, ON_CPU, {"foreign_cpu_share": 0.01})
    assert line["result"]["passes_ms"] == [130, 100, 100]
    assert Journal(path, AiLine).read().records[0].label == "MobileNet-V2 inference 1×224×224×3"
