import os
import signal
import time
from dataclasses import replace
from functools import partial

import pytest

from bench.errors import InputError
from bench.run.process.executors import InlineExecutor, LocalExecutor
from tests import warm
from tests.run.listener import Listener
from tests.run.watching import becomes, children
from tests.run.watching import gone as is_gone


def gone(pid):
    return becomes(partial(is_gone, pid))


class Hastened:
    """Stands for the module `time`: a thousand seconds go by at once when `true` is."""

    def __init__(self, true):
        self.true = true

    def monotonic(self):
        return time.monotonic() + 1000 * self.true()


def test_a_cell_is_measured_in_a_process_of_its_own(executor, job):
    listener = Listener()
    outcome = executor.run(job("simple_cnn"), listener)
    assert outcome.status == "ok", outcome.message
    assert listener.pids != [os.getpid()]
    assert [word.stage for word in listener.words if word.step_seconds is None] == [
        "data",
        "model",
        "first step",
        "warm-up",
        "windows",
        "results",
        "evaluation",
    ]
    assert len(outcome.windows) >= 3
    assert outcome.stopped_by in ("precision", "budget")
    assert list(outcome.stages) == ["start", "data", "model", "first step", "warm-up", "windows", "evaluation"]
    values = outcome.values
    assert len([word for word in listener.words if word.step_seconds]) == len(outcome.windows) - 1
    assert values["trainable_params"] == 32 * 28 + 64 * 289 + 64 * 577 + 64 * (2 * 2 * 64 + 1) + 65 * 5
    assert values["steps"] == outcome.accuracy.steps >= sum(steps for steps, _ in outcome.windows)
    assert (values["retraces"], values["xla_ran"]) == (0, 0)
    assert values["first_step_seconds"] > values["trace_seconds"] > 0
    assert values["peak_resident_bytes"] > 2**28
    assert values["peak_gpu_allocator_bytes"] is None
    assert "no GPU" in outcome.absent["peak_gpu_allocator_bytes"]
    judged = outcome.accuracy
    assert (judged.train_images, judged.held_out_images, judged.synthetic) == (256, 60, True)
    assert gone(listener.pids[0])


def test_training_to_accuracy_comes_with_its_history(executor, job):
    listener = Listener()
    outcome = executor.run(job(train=3), listener)
    assert outcome.values["training_peak_resident_bytes"] >= outcome.values["peak_resident_bytes"]
    assert outcome.values["training_peak_gpu_allocator_bytes"] is None
    assert outcome.absent["training_peak_gpu_allocator_bytes"] == outcome.absent["peak_gpu_allocator_bytes"]
    assert outcome.status == "ok", outcome.message
    assert [epoch.epoch for epoch in outcome.history] == [1, 2, 3]
    assert [word.epoch.epoch for word in listener.words if word.epoch] == [1, 2, 3]
    assert outcome.history[-1].steps == 340 // 16
    assert outcome.accuracy.held_out == outcome.history[-1].val_accuracy
    assert outcome.accuracy.steps == 3 * 21
    # of images that it was trained on, by the same weights in the same mode as the held-out ones
    assert outcome.accuracy.train_images == outcome.accuracy.held_out_images
    right = outcome.accuracy.train * outcome.accuracy.train_images
    assert right == pytest.approx(round(right), abs=1e-3)


@pytest.mark.parametrize("options", [{}, {"augment": "model"}, {"cache": "file", "shuffle": "none"}], ids=str)
def test_what_is_learnt_depends_on_the_seed_and_not_on_how_long_the_windows_took(executor, job, options):
    def trained(windows):
        """After so many windows at the least, and no more where that is enough at any precision."""
        given = job("tiny_models:dropping", train=2, threads=1, **options)
        protocol = given.cell.protocol.model_copy(
            update={"min_windows": windows, "precision": 1e9, "max_seconds": 60.0}
        )
        return executor.run(replace(given, cell=given.cell.model_copy(update={"protocol": protocol})), Listener())

    one, other = trained(3), trained(40)
    assert (len(one.windows), len(other.windows)) == (3, 40)
    for epoch, again in zip(one.history, other.history, strict=True):
        assert (epoch.loss, epoch.val_loss) == pytest.approx((again.loss, again.val_loss), rel=1e-3)


def test_several_steps_an_execution_train_no_more_steps_than_asked_for(executor, job):
    outcome = executor.run(job(train=2, steps_per_execution=8), Listener())
    assert outcome.status == "ok", outcome.message
    # 340 images make 21 batches of 16: three executions of seven, the most up to eight that come out even
    assert [epoch.steps for epoch in outcome.history] == [21, 21]
    assert outcome.accuracy.steps == 42


def test_a_training_that_diverges_fails_with_its_timings_kept(executor, job):
    outcome = executor.run(job("diverging_models:build", train=3), Listener())
    assert (outcome.status, outcome.stage) == ("failed", "training")
    assert "loss is nan in epoch 1" in outcome.message
    assert len(outcome.windows) >= 3


def test_a_cell_on_another_device_than_planned_is_no_figure(executor, job, device_kind):
    elsewhere = replace(job(), device_kind="gpu" if device_kind == "cpu" else "cpu")
    outcome = executor.run(elsewhere, Listener())
    assert outcome.status == "failed"
    assert f"would compute on the {device_kind}" in outcome.message


def test_xla_that_would_silently_be_off_is_refused(executor, job):
    outcome = executor.run(job("diverging_models:not_compilable", xla=True), Listener())
    assert outcome.status == "failed"
    assert "can't be compiled with XLA" in outcome.message


def test_the_next_cell_runs_though_the_server_died(job):
    with warm.forked_servers(), LocalExecutor() as own:
        assert own.run(job(), Listener()).status == "ok"
        (server,) = children(own._server._process.pid)
        os.kill(server, signal.SIGKILL)
        assert own.run(job(), Listener()).status == "ok"


@pytest.mark.parametrize(
    ("network", "status", "stage", "message"),
    [
        ("faulty_models:raises", "failed", "model", "ValueError: this network can't be built"),
        ("faulty_models:exhausts_memory", "out_of_memory", "model", "MemoryError: Unable to allocate"),
        ("faulty_models:dies", "crashed", "model", "killed by SIGSEGV"),
        ("faulty_models:exits", "crashed", "model", "exit status 7"),
        (
            "faulty_models:breaks_in_the_first_step",
            "failed",
            "first step",
            "ValueError: Dimension size must be evenly divisible by 999983",
        ),
        ("faulty_models:missing", "failed", "model", "faulty_models has no function 'missing'"),
    ],
    ids=lambda value: str(value).rpartition(":")[2],
)
def test_a_cell_that_fails_is_an_outcome_and_the_next_one_runs(executor, job, network, status, stage, message):
    broken = job(network)
    outcome = executor.run(broken, Listener())
    assert (outcome.status, outcome.stage) == (status, stage)
    assert message in outcome.message
    assert "\n" not in outcome.message
    if network.endswith("raises"):
        log = broken.log.read_text()
        assert "about to fail" in log
        assert "for a second reason" in log
    assert executor.run(job(), Listener()).status == "ok"


def test_a_cell_that_hangs_is_ended_with_all_that_it_started(executor, job, tmp_path, monkeypatch):
    marker = tmp_path / "pids"
    monkeypatch.setattr("bench.run.process.executors.time", Hastened(marker.exists))
    outcome = executor.run(job("faulty_models:hangs", timeout=900.0, args={"marker": str(marker)}), Listener())
    assert (outcome.status, outcome.stage) == ("timed_out", "model")
    assert "no sign of life for 900 s" in outcome.message
    assert all(gone(int(pid)) for pid in marker.read_text().split())


@pytest.mark.parametrize("stage", ["first step", "windows"])
def test_a_cell_killed_midway_is_a_crash_with_its_stage(executor, job, stage):
    listener = Listener({stage: lambda pid: os.kill(pid, signal.SIGKILL)})
    outcome = executor.run(job(), listener)
    assert outcome.status == "crashed"
    assert stage in [word.stage for word in listener.words]
    assert outcome.stage == listener.words[-1].stage  # on a busy machine it may have gone on meanwhile
    assert "SIGKILL" in outcome.message


def test_ctrl_c_ends_the_running_cell(executor, job):
    def interrupt(pid):
        raise KeyboardInterrupt

    listener = Listener({"windows": interrupt})
    with pytest.raises(KeyboardInterrupt):
        executor.run(job(), listener)
    assert gone(listener.pids[0])
    assert executor.run(job(), Listener()).status == "ok"


def test_variables_of_a_variant_are_there_before_tensorflow_is(executor, job):
    plain = executor.run(job("environment_models:reports"), Listener())
    # which of the two is TensorFlow's own choice depends on the processor
    value, told = ("0", "oneDNN turned off") if "oneDNN turned on" in plain.message else ("1", "oneDNN turned on")
    other = executor.run(job("environment_models:reports", env={"TF_ENABLE_ONEDNN_OPTS": value}), Listener())
    assert plain.message != other.message
    assert told in other.message
    assert "TF_ENABLE_ONEDNN_OPTS" not in os.environ


def test_precision_and_threads_of_one_cell_leave_the_next_alone(executor, job):
    def policy(**options):
        return executor.run(job("environment_models:settings", **options), Listener()).message

    assert "float32, 0 threads" in policy()
    assert "mixed_bfloat16, 1 threads" in policy(precision="mixed_bfloat16", threads=1)
    assert "float32, 0 threads" in policy()


def test_the_probe_says_what_tensorflow_computes_on(executor):
    device = executor.probe()
    assert device.kind in ("cpu", "gpu")
    assert device.software["tensorflow"].startswith("2.")
    assert device.software["keras"].startswith("3.")


def test_the_inline_executor_runs_here_and_lets_exceptions_through(job):
    with InlineExecutor() as inline:
        listener = Listener()
        outcome = inline.run(job(), listener)
        assert outcome.status == "ok"
        assert listener.pids == [os.getpid()]
        with pytest.raises(ValueError, match="can't be built"):
            inline.run(job("faulty_models:raises"), Listener())
        assert inline.run(job(env={"A": "1"}), Listener()).status == "skipped"
        assert inline.run(job(threads=1), Listener()).status == "skipped"
        assert inline.run(job(strategy="mirrored"), Listener()).status == "skipped"


def test_a_tensorflow_that_cannot_be_imported_is_said_so(monkeypatch, tmp_path):
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text("raise ImportError('libcudart.so.12: cannot open')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with LocalExecutor() as broken, pytest.raises(InputError, match=r"TensorFlow doesn't work here: .*libcudart"):
        broken.probe()
