"""A run of AI Benchmark around its processes: what they are given, what a profile keeps, why nothing was run."""

from importlib.metadata import version

import pytest

from bench.errors import InputError
from bench.results.ai_benchmark import AiScores
from bench.run.calibration import ai_score
from bench.run.calibration.ai_score import AiRun, _environment, _heard, ai_benchmark
from bench.run.calibration.calibrate import summary
from bench.run.process import logs
from tests.ai_lines import RUN, SOFTWARE, ai_failed, ai_result, ai_tests, machine


@pytest.mark.parametrize(
    ("visible", "given"),
    [(None, "0"), ("2,3", "2"), (" GPU-5f0c , GPU-77aa", "GPU-5f0c"), ("MIG-17,0", "MIG-17")],
)
def test_of_several_gpus_it_sees_the_one_that_cells_compute_on(visible, given):
    environ = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    assert _environment("gpu", environ)["CUDA_VISIBLE_DEVICES"] == given
    assert "CUDA_VISIBLE_DEVICES" not in _environment("cpu", environ)


def test_what_a_profile_keeps_of_a_whole_run():
    tests = ai_tests("full")
    results = tuple(ai_result(test, 100.5 + number, seconds=30.0) for number, test in enumerate(tests))
    scores = AiScores(inference=824, training=1094, ai=1918)
    kept = summary(AiRun("full", RUN, results, scores, SOFTWARE, 0.013))
    assert (kept.ai_score, kept.inference_score, kept.training_score, kept.absent) == (1918, 824, 1094, None)
    assert (kept.version, kept.date, kept.foreign_cpu_share) == ("0.1.2", "2026-01-05", 0.013)
    assert kept.software == {"tensorflow": "2.21.0", "numpy": "2.4.6", "tf-keras": "2.21.0"}
    assert kept.seconds == pytest.approx(42 * 30)
    assert kept.peak_memory_bytes == 2**31
    assert list(kept.milliseconds) == [test.label for test in tests]
    assert kept.milliseconds["MobileNet-V2 training 50×224×224×3"] == 101.5


def test_where_a_test_failed_there_is_no_score_and_all_that_was_measured():
    tests = ai_tests("full")
    results = (*map(ai_result, tests[:-1]), ai_failed(tests[-1], "out of memory"))
    kept = summary(AiRun("full", RUN, results, None, SOFTWARE))
    assert (kept.ai_score, kept.inference_score, kept.training_score) == (None, None, None)
    assert kept.absent == "1 of 42 tests failed: GNMT-Translation inference 1×1×20"
    assert kept.failed == {"GNMT-Translation inference 1×1×20": "out of memory"}
    assert len(kept.milliseconds) == 41


class Printing:
    """A test's process that prints without end, and ends after it was asked so often."""

    def __init__(self, log, asked):
        self.log, self.left = log, asked

    def hear(self, seconds):
        with self.log.open("ab") as file:
            file.write(b"x" * (2 << 20))
        self.left -= 1
        if self.left:
            raise TimeoutError("nothing yet")
        return "done"


def test_what_it_prints_without_end_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "MOST_BYTES", 3 << 20)
    log = tmp_path / "ai-benchmark.log"
    assert _heard(Printing(log, asked=9), log) == "done"
    assert log.stat().st_size <= 5 << 20
    assert b"bytes were left out here]" in log.read_bytes()


def test_what_falls_silent_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(ai_score, "PATIENCE_SECONDS", 0)
    with pytest.raises(TimeoutError, match="no sign of life for 0 s"):
        _heard(Printing(tmp_path / "log", asked=9), tmp_path / "log")


class Silent:
    def notice(self, text): ...


def test_what_cannot_be_imported_is_told_with_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "keras.py").write_text("raise ModuleNotFoundError(\"No module named 'keras'\")")
    monkeypatch.syspath_prepend(tmp_path)
    tree = tmp_path / "tree"
    with pytest.raises(InputError) as caught:
        ai_benchmark(tree, machine(), "micro", False, Silent())
    said = str(caught.value)
    assert said.startswith("AI Benchmark can't be used here: ModuleNotFoundError: No module named 'keras'; try: ")
    release = ".".join(version("tensorflow").split(".")[:2])
    assert said.endswith(f"-m pip install ai-benchmark==0.1.2 'tf-keras=={release}.*'")
    assert not tree.exists()
