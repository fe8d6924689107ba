"""Runs replayed from recordings: everything but the time that passes is real."""

import itertools
import subprocess
import sys
from dataclasses import replace

import pytest

from bench.analyse.findings.registry import judge
from bench.analyse.stats.spread import UNMEASURED
from bench.errors import InputError
from bench.instruments.stats import estimate
from bench.results.journal import Journal, journal_path
from bench.results.reading import read
from bench.results.record import Record, Window
from bench.run.job import DataRequest
from bench.run.prepare import Request
from bench.run.run_suite import run_suite
from bench.suite import load, select
from bench.suite.spec import DataSpec
from bench.testing import Listener, ReplayExecutor
from tests.records import T4, make_data, make_failed, make_history, make_record, make_replication

SUITE = """\
data: {name: synthetic, shape: [8, 8, 3], classes: 4, images: 400, test_images: 10}
models: [simple_cnn]
variants: {notebook: {}, xla: {xla: on}, everything: {precision: auto, xla: auto, steps_per_execution: auto}}
protocol: {max_seconds: 20}
"""
PROTOCOL = {"precision": 0.02, "max_seconds": 20.0, "min_windows": 5, "window_seconds": 0.1}


@pytest.fixture
def suite(tmp_path):
    path = tmp_path / "suites" / "tiny.yaml"
    path.parent.mkdir()
    path.write_text(SUITE)
    return load(path)


@pytest.fixture
def replay(suite, tmp_path):
    def run(records, only=(), overrides=(), **options):
        executor = records if isinstance(records, ReplayExecutor) else ReplayExecutor(records, **options)
        of = load(tmp_path / "suites" / "tiny.yaml", overrides) if overrides else suite
        observer = Listener()
        request = Request(of, select(of.cells(), only), tmp_path)
        summary = run_suite(request, executor, observer)
        return replace(summary, records=tuple(observer.records)), observer

    return run


def recorded(variant="notebook", **changes):
    return make_record(variant=variant, suite="tiny", host="elsewhere", **({"protocol": PROTOCOL} | changes))


def times(record):
    return [window.step_seconds for window in record.windows]


def test_a_whole_suite_comes_back_window_by_window_without_tensorflow(checkout, tmp_path):
    stored = checkout / "results" / "cpu-amd-epyc-2c" / "cnn.jsonl"
    before, lines = {}, []
    for record, line in zip(read(stored).records, stored.read_text().splitlines(), strict=True):
        if record.cell not in before:  # a run's first process of each cell, which has all of its figures
            before[record.cell] = record
            lines.append(line)
    source = tmp_path / "source.jsonl"
    source.write_text("\n".join(lines) + "\n")
    code = f"""
import sys
from pathlib import Path
from bench.run.run_suite import run_suite
from bench.run.prepare import Request
from bench.suite import load
from bench.testing import Listener, ReplayExecutor
suite = load(Path("suites/cnn.yaml"))
run_suite(Request(suite, suite.cells(), Path({str(tmp_path)!r})), ReplayExecutor({str(source)!r}), Listener())
assert not {{"tensorflow", "keras"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    after = Journal(journal_path(tmp_path, "cpu-amd-epyc-2c", "cnn"), Record).read().records
    assert sorted(record.cell for record in after) == sorted(before)
    alone = 0
    for record in after:
        was = before[record.cell]
        assert (record.executor, record.counts) == ("replay", False)
        assert (record.status, record.device.name) == (was.status, was.device.name)
        assert list(record.stages) == list(was.stages)
        # cells that took turns have few windows, and a replay goes on from the first again
        again = itertools.cycle(times(was))
        assert times(record) == pytest.approx([next(again) for _ in record.windows], rel=1e-9)
        if was.ok and was.stopped_by:  # it had its windows to itself
            assert (record.stopped_by, len(record.windows)) == (was.stopped_by, len(was.windows))
            assert {one.code for one in record.findings} == {one.code for one in judge(was, UNMEASURED)} | {"replay"}
            alone += 1
    assert alone >= 2


def test_the_clock_decides_when_it_is_enough(replay):
    records = [recorded(noise=0.001, count=40)]
    (record,) = replay(records, ["*/notebook"])[0].records
    assert record.stopped_by == "precision"
    assert len(record.windows) < 40
    (endless,) = replay(records, ["*/notebook"], ["protocol.precision=1e-9", "protocol.max_seconds=6"])[0].records
    assert endless.stopped_by == "budget"
    assert sum(window.seconds for window in endless.windows) == pytest.approx(6, abs=0.2)
    assert times(endless)[40:50] == pytest.approx(times(endless)[:10])  # from the first again


def test_with_a_seed_windows_are_drawn(replay):
    long = ["protocol.precision=1e-9", "protocol.max_seconds=10"]
    drawn = [replay([recorded(noise=0.1)], ["*/notebook"], long, seed=seed)[0].records[0] for seed in (1, 1, 2)]
    assert drawn[0].windows == drawn[1].windows != drawn[2].windows
    assert estimate(drawn[0].windows).step_seconds == pytest.approx(16e-3, rel=0.05)


def test_a_planted_slow_down_is_exact_and_hits_only_its_cells(replay):
    records = [recorded(noise=0), recorded("xla", noise=0)]
    summary, _ = replay(records, ["*/notebook", "*/xla"], slow_down={"*/xla": 1.05})
    assert [times(record)[0] for record in summary.records] == pytest.approx([16e-3, 16e-3 * 1.05])


def test_what_else_a_cell_gave_is_as_it_was(replay):
    record = recorded(history=make_history(3), notes={"gpu_energy_joules": "integrated"})
    record = record.model_copy(update={"values": record.values | {"gpu_energy_joules": 62.5, "seconds": 99.0}})
    summary, observer = replay([record], ["*/notebook"])
    (again,) = summary.records
    assert (again.accuracy, again.history, again.notes) == (record.accuracy, record.history, record.notes)
    assert again.values["gpu_energy_joules"] == 62.5
    assert again.values["trainable_params"] == 128_420
    assert again.values["seconds"] == pytest.approx(sum(again.stages.values()) + 3 * 0.55, rel=0.01)
    assert [word.epoch.epoch for word in observer.words[0] if word.epoch] == [1, 2, 3]
    assert [word.stage for word in observer.words[0] if word.step_seconds is None and word.epoch is None] == [
        "start",
        "data",
        "model",
        "first step",
        "warm-up",
        "windows",
    ]


@pytest.mark.parametrize("status", ["failed", "out_of_memory", "timed_out", "crashed"])
def test_failures_are_replayed_as_they_were(replay, status):
    failed = make_failed(variant="notebook", status=status, message="it broke", suite="tiny", host="elsewhere")
    (record,) = replay([failed], ["*/notebook"])[0].records
    assert (record.status, record.failure.stage, record.failure.message) == (status, "model", "it broke")


@pytest.mark.parametrize(
    ("windows", "what"),
    [
        ((), "has fewer than two windows"),
        ((Window(7, 0.1),), "has fewer than two windows"),
        ((Window(7, 0.0),) * 5, "has a window of 0 s"),
        ((Window(7, 0.1), Window(7, -1.0)), "has a window of -1 s"),
        ((Window(7, 0.1), Window(0, 0.1)), "has a window of 0 steps"),
        ((Window(10**11, 0.1),) * 5, "has steps of 1e-12 s"),
    ],
    ids=["none", "one", "zero", "negative", "stepless", "tiny"],
)
@pytest.mark.parametrize("as_file", [False, True], ids=["records", "file"])
def test_a_recording_that_gives_no_step_time_fails_its_cell_and_no_other(replay, tmp_path, windows, what, as_file):
    records = [recorded().model_copy(update={"windows": windows}), recorded("xla")]
    tape = tmp_path / "tape.jsonl"
    tape.write_text("".join(record.model_dump_json() + "\n" for record in records))
    summary, _ = replay(tape if as_file else records, ["*/notebook", "*/xla"])
    bad, good = summary.records
    assert (bad.status, bad.windows) == ("failed", ())
    assert bad.failure.message == f"the recording of simple_cnn/notebook/b128 {what}: there is no step time to replay"
    assert good.ok


def test_a_cell_that_was_skipped_is_skipped_and_one_that_was_not_recorded_fails(replay):
    skipped = make_failed(variant="xla", status="skipped", message="no XLA here", suite="tiny", host="elsewhere")
    one, other = replay([skipped], ["*/xla", "*/notebook"])[0].records
    assert (one.status, one.failure.message) == (
        "failed",
        "simple_cnn/notebook/b128 is not in the recording; did you mean 'simple_cnn/xla/b128'?",
    )
    assert (other.status, other.failure.message) == ("skipped", "no XLA here")


def test_options_are_settled_as_they_were_where_they_were_recorded(replay):
    t4 = {**T4, "compute_capability": "7.5"}
    settled = {"precision": "mixed_float16", "xla": True, "steps_per_execution": 16}
    record = recorded("everything", options=settled, device=t4, step_ms=1.0)
    summary, observer = replay([record], ["*/everything"])
    assert summary.host.id == "elsewhere"
    assert observer.device == "Tesla T4"
    (again,) = summary.records
    assert again.options == record.options
    assert again.ok
    assert all(window.steps % 16 == 0 for window in again.windows)


def test_asked_again_it_gives_the_record_before(replay):
    days = [recorded(noise=0, step_ms=10 + day, started=f"2026-01-0{day}T10:00:00+00:00") for day in (2, 3, 1)]
    executor = ReplayExecutor(days)
    seen = [times(replay(executor, ["*/notebook"])[0].records[0])[0] for _ in range(4)]
    assert seen == pytest.approx([13e-3, 12e-3, 11e-3, 13e-3])


def test_a_users_own_data_is_not_loaded(tmp_path):
    executor = ReplayExecutor([recorded(data=make_data(name="my_data:load"))])
    wanted = DataRequest(DataSpec(name="my_data:load"), None, False, tmp_path, tmp_path / "data", 16)
    assert executor.load_own(wanted).name == "my_data:load"


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ([], {}, "holds no record"),
        ("nowhere.jsonl", {}, "no such recording"),
        ([recorded(), make_record(host="here")], {}, "of several hosts: elsewhere, here; name one"),
        ([recorded()], {"host": "elsewere"}, "did you mean 'elsewhere'"),
        ([recorded()], {"slow_down": {"*/xla": 1.05}}, "matches no recorded cell"),
        ([recorded()], {"slow_down": {"*": 0.0}}, "a factor from 0.001 to 1000"),
        ([recorded()], {"slow_down": {"*": 1e-300}}, "a factor from 0.001 to 1000"),
        ([recorded()], {"slow_down": {"*": float("nan")}}, "a factor from 0.001 to 1000"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_not_be_replayed_is_refused_with_what_would_be_right(source, options, message):
    with pytest.raises(InputError, match=message.replace("*", ".")):
        ReplayExecutor(source, **options)


def test_one_host_of_several_can_be_chosen():
    executor = ReplayExecutor([recorded(), make_record(host="here", device=T4)], host="here")
    assert executor.probe().name == "Tesla T4"


def test_windows_of_another_length_than_the_protocol_wants_are_divided_anew(replay):
    record = recorded(noise=0, protocol=PROTOCOL | {"window_seconds": 1.0}).model_copy(
        update={"windows": tuple(Window(60, 0.96) for _ in range(6))}
    )
    (again,) = replay([record], ["*/notebook"])[0].records
    assert {window.steps for window in again.windows} == {7}  # 16 ms a step, windows of 0.1 s


def test_what_devices_shared_comes_back(replay):
    told = make_replication()
    two = recorded(options={"devices": 2, "strategy": "mirrored"}, device=T4, replication=told)
    (record,) = replay([two], ["*/notebook"], ["variants.notebook.devices=2"])[0].records
    assert record.replication == told
    assert record.options.strategy == "mirrored"
