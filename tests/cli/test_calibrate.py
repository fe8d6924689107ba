"""`bench calibrate` from the outside: AI Benchmark killed, interrupted and gone on with, offline."""

import io
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from types import SimpleNamespace

import pytest

from bench.cli.calibration_progress import CalibrationDisplay
from bench.host.detect import detect
from bench.host.measured import AiBenchmark, Peak, Roof
from bench.host.profile import HostProfile, Price, load, save
from bench.host.registry import recognise
from bench.host.roofs import offered, with_roof
from bench.results.ai_benchmark import AiLine, AiScores
from bench.results.journal import Journal
from bench.system.procfs import family, processes
from tests import warm
from tests.ai_lines import ai_failed, ai_line, ai_result, ai_tests, kept, score
from tests.run.watching import becomes, gone

MICRO = ai_tests("micro")
QUICKEST = ("MobileNet-V2", "ResNet-V2-50")
KILLED, TIMED = LEFT = tuple(test for test in MICRO if test.name in QUICKEST)
DATE = "2026-01-05"


def command(tree, *arguments):
    return [sys.executable, "-m", "bench", "calibrate", "--quick", *arguments, "--root", str(tree)]


class Running:
    """A calibration at work: `seen` are the lines that it has said."""

    def __init__(self, tree, server, environment, *arguments):
        self.process = server.Popen(
            command(tree, *arguments),
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.seen = []

    def until(self, text):
        """Read on until a line holds `text`."""
        for line in self.process.stderr:
            self.seen.append(line)
            if text in line:
                return
        raise AssertionError(f"it ended without '{text}': {self.seen}")

    def family(self):
        return set(family(self.process.pid, {one.pid: one for one in processes()}))

    def at_work(self):
        """The process that AI Benchmark's tests run in: a child of the server that has imported it."""
        found = []

        def there():
            seen = {one.pid: one for one in processes()}
            found[:] = [self.process.pid]
            for _ in ("guardian", "server", "child"):
                found[:] = [pid for pid, one in seen.items() if one.parent in found and not gone(pid)]
            return len(found) == 1

        assert becomes(there)
        return found[0]

    def end(self):
        out, rest = self.process.communicate()
        self.seen += rest.splitlines(keepends=True)
        return Done(self.process.returncode, out, "".join(self.seen))


@dataclass
class Done:
    status: int
    out: str
    said: str


@dataclass
class Story:
    """What befell two trees: in the first a test's process was killed, the second's run was interrupted and went on.

    `before` is the second's profile as it was interrupted, `after` both trees' profiles in the end.
    """

    trees: tuple
    journals: tuple
    failed: Done
    interrupted: Done
    gone_on: Done
    left_behind: set
    before: HostProfile
    after: tuple
    attempts: list

    def lines(self, tree):
        """What the journal of that tree got to hold."""
        return Journal(self.journals[tree], AiLine).read().records[len(MICRO) - len(LEFT) :]


def calibrated(root):
    """A tree that knows this machine with all of its roofs, a price that somebody wrote, and an older whole score."""
    hardware = detect()
    profile = recognise(root, hardware).profile
    for name in offered(hardware)[0]:
        figures = {"low": 0.99, "high": 1.01, "date": DATE}
        peak = name in ("float32", "tf32", "float16", "bfloat16")
        found = Peak(flops_per_second=1.0, **figures) if peak else Roof(value=1.0, of="one", **figures)
        profile = with_roof(profile, name, found)
    older = AiBenchmark(version="0.1.2", date="2025-12-24", inference_score=77, seconds=60.0)
    profile = profile.model_copy(update={"price": Price(per_hour=0.5), "ai_benchmark": {"micro": older}})
    save(profile, root / "hosts" / f"{profile.id}.yaml")
    return profile


def journal_of(root, profile, *more):
    """All of the micro set but what is left, as this very machine and software would have left it, then `more`."""
    software = {name: version(name) for name in ("ai-benchmark", "tf-keras", "tensorflow", "numpy")}
    given = {"host": profile.id, "software": software, "values": {"foreign_cpu_share": 0.0}}
    results = [ai_result(test, 50.5 + number) for number, test in enumerate(MICRO) if test not in LEFT]
    return kept(root, [ai_line(result, **given) for result in (*results, *more)])


def loses_a_process(tree, *how):
    run = Running(tree, *how, "--resume")
    run.until("AI Benchmark's micro set")
    os.kill(run.at_work(), signal.SIGKILL)
    return run.end()


def is_interrupted(tree, *how):
    """Gives what it said, and which of its processes are left behind."""
    run = Running(tree, *how, "--resume")
    run.until("AI Benchmark's micro set")
    members = {run.at_work()} | run.family()
    run.process.send_signal(signal.SIGINT)
    return run.end(), {pid for pid in members if not becomes(lambda pid=pid: gone(pid))}


@pytest.fixture(scope="module")
def story(tmp_path_factory, offline):
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor() as pool:
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        trees = tuple(tmp_path_factory.mktemp("tree") for _ in range(2))
        hosts = [calibrated(tree) for tree in trees]
        failed_before = ai_failed(KILLED), ai_result(TIMED, 200.5)
        journals = journal_of(trees[0], hosts[0]), journal_of(trees[1], hosts[1], *failed_before)

        how = warm.Server(offline.environment), offline.environment
        failing = pool.submit(loses_a_process, trees[0], *how)  # meanwhile
        interrupted, left_behind = is_interrupted(trees[1], *how)
        before = load(trees[1] / "hosts" / f"{hosts[1].id}.yaml")
        gone_on = Running(trees[1], *how, "--resume", "--json").end()
        failed = failing.result()
        how[0].close()
        after = tuple(load(tree / "hosts" / f"{host.id}.yaml") for tree, host in zip(trees, hosts, strict=True))
    return Story(trees, journals, failed, interrupted, gone_on, left_behind, before, after, offline.attempts())


def test_ctrl_c_keeps_what_was_measured_and_leaves_no_process(story):
    assert story.interrupted.status == 130, story.interrupted.said
    assert "interrupted: 15 of AI Benchmark's 16 tests measured and kept; --resume goes on" in story.interrupted.said
    assert story.left_behind == set()
    assert story.before.ai_benchmark["micro"].inference_score == 77


def test_a_test_whose_process_is_killed_costs_no_other(story):
    killed, timed = (line.result for line in story.lines(0))
    assert (killed.test, killed.mean_ms) == (KILLED, None)
    assert killed.failed == "its process ended without a result: killed by SIGKILL"
    assert (timed.test, timed.failed) == (TIMED, None)
    said = story.failed.said.splitlines()
    assert any(line.startswith(f"15/16  {KILLED.label}  failed: its process") for line in said), said
    assert any(line.startswith(f"16/16  {TIMED.label}  ") and " ms" in line for line in said), said


def test_where_a_test_failed_there_is_no_score(story):
    assert story.failed.status == 1, story.failed.said
    assert "no score of the micro set, since 1 of its tests failed" in story.failed.out
    assert f"  {KILLED.label}: its process ended without a result: killed by SIGKILL" in story.failed.out


def test_an_older_whole_score_stays_and_that_is_told(story):
    assert story.after[0] == story.before
    assert "is not kept in hosts/" in story.failed.out
    assert "the one of 2025-12-24, which is whole, stays" in story.failed.out


def test_going_on_runs_only_what_has_no_time_and_scores_by_the_packages_formula(story):
    assert story.gone_on.status == 0, story.gone_on.said
    assert "AI Benchmark's micro set: 1 tests, 15 more are there already, about " in story.gone_on.said
    *_, again, last = story.lines(1)
    assert len(story.lines(1)) == 4
    assert (again.result.test, again.result.failed) == (KILLED, None)
    assert last.scores == AiScores(inference=last.scores.inference)
    lines = Journal(story.journals[1], AiLine).read().records
    times = {line.result.test: line.result for line in lines if line.result and line.result.mean_ms}
    assert last.scores.inference == score([times[test] for test in MICRO])
    assert len({line.run for line in lines}) == 1


def test_a_time_is_the_mean_of_its_passes_but_for_the_first(story):
    for result in (story.lines(0)[1].result, story.lines(1)[2].result):
        passes = result.passes_ms[1:]
        assert result.mean_ms == pytest.approx(sum(passes) / len(passes))
        assert len(passes) >= 4
        assert result.seconds * 1e3 > sum(result.passes_ms)
        assert result.peak_memory_bytes > 2**27


def test_the_profile_holds_score_sub_results_version_and_date_and_all_that_it_held(story):
    kept_one = story.after[1].ai_benchmark["micro"]
    assert kept_one.inference_score == story.lines(1)[-1].scores.inference
    assert (kept_one.ai_score, kept_one.training_score, kept_one.absent) == (None, None, None)
    assert (kept_one.version, kept_one.date) == ("0.1.2", DATE)
    assert list(kept_one.milliseconds) == [test.label for test in MICRO]
    assert 0 <= kept_one.foreign_cpu_share <= 1
    rest = {"ai_benchmark": {}}
    assert story.after[1].model_copy(update=rest) == story.before.model_copy(update=rest)
    told = json.loads(story.gone_on.out)
    assert told["ai_benchmark"] == {"set": "micro", **kept_one.model_dump()}
    assert (told["host"], told["kept_older"]) == (story.after[1].id, None)


def test_no_connection_was_attempted(story):
    assert story.attempts == []


def test_nothing_lies_about_afterwards(story):
    files = {str(path.relative_to(story.trees[1])) for path in story.trees[1].rglob("*") if path.is_file()}
    host = story.after[1].id
    assert files == {f"hosts/{host}.yaml", f"results/{host}/calibration/ai-benchmark.jsonl"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--quick", "--inference"], "--inference and --quick exclude each other"),
        (["--training", "--roofs", "--inference"], "--inference and --training and --roofs exclude each other"),
        (["--roofs", "--resume"], "--resume goes on with AI Benchmark, which --roofs leaves out"),
        (["--quick", "--root", "nowhere"], "nowhere: no such folder"),
        (["--micro"], "--micro"),
    ],
)
def test_arguments_that_are_wrong(tmp_path, arguments, says):
    done = warm.run(
        [sys.executable, "-m", "bench", "calibrate", *arguments], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(params=[io.StringIO, Terminal])
def told(request, monkeypatch):
    """What a run of two tests says, one of which fails."""
    stream = request.param()
    now = 0.0
    monkeypatch.setattr("bench.cli.calibration_progress.time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    with CalibrationDisplay() as display:
        assert display.done == ""
        display.ai_begins("micro", 16, 2, 40.0)
        display.ai_test_begins(KILLED, 50.4)
        if stream.isatty():
            for seconds in (50, 49):  # as it runs down
                assert becomes(lambda text=f"{KILLED.label}, about {seconds} s left": text in stream.getvalue())
                now += 1
        display.ai_test_ends(ai_result(KILLED, 1234.56, sd_ms=7.0), 20.0)
        display.ai_test_begins(TIMED, 20.0)
        display.ai_test_ends(ai_failed(TIMED), None)
        assert display.done == "16 of AI Benchmark's 16 tests"
    return stream.getvalue()


def test_progress_has_a_line_for_each_test_with_the_time_left(told):
    assert "AI Benchmark's micro set: 2 tests, 14 more are there already, about 40 s\n" in told
    assert f"15/16  {KILLED.label}  1,234.6 ± 7.0 ms, about 20 s left\n" in told
    assert f"16/16  {TIMED.label}  failed: out of memory" in told
