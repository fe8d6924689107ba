"""What a run of AI Benchmark gave, in words: never a score of what was not all run."""

import pytest

from bench.host.measured import AiBenchmark
from bench.report.hosts.calibration_text import ai_text


def run_of(count, **changes):
    fields = {
        "version": "0.1.2",
        "date": "2026-01-05",
        "seconds": 1_320.0,
        "peak_memory_bytes": 7_838_315_315,
        "milliseconds": {f"test {number}": 100.0 for number in range(count)},
    }
    return AiBenchmark(**(fields | changes))


@pytest.mark.parametrize(
    ("which", "run", "says"),
    [
        (
            "full",
            run_of(42, ai_score=1918, inference_score=824, training_score=1094),
            "AI-Score 1,918 (inference 824, training 1,094); AI Benchmark 0.1.2, 42 tests in 22 min, 7.3 GiB at most",
        ),
        (
            "inference",
            run_of(24, inference_score=824, peak_memory_bytes=None),
            "inference score 824, which is no AI-Score: training was not run; AI Benchmark 0.1.2, 24 tests in 22 min",
        ),
        (
            "training",
            run_of(18, training_score=1094, peak_memory_bytes=None),
            "training score 1,094, which is no AI-Score: inference was not run; AI Benchmark 0.1.2, 18 tests in 22 min",
        ),
        (
            "micro",
            run_of(16, inference_score=5123, seconds=72.4, peak_memory_bytes=None),
            "score of the micro set 5,123, which is no AI-Score: that set is inference of single images; "
            "AI Benchmark 0.1.2, 16 tests in 72 s",
        ),
        (
            "full",
            run_of(40, absent="…", failed={"VGG-16 training": "out of memory", "U-Net training": "killed"}),
            "no AI-Score, since 2 of its tests failed; AI Benchmark 0.1.2, 42 tests in 22 min, 7.3 GiB at most\n"
            "  VGG-16 training: out of memory\n"
            "  U-Net training: killed",
        ),
        (
            "micro",
            run_of(15, absent="…", failed={"U-Net": "out of memory"}, peak_memory_bytes=None),
            "no score of the micro set, since 1 of its tests failed; AI Benchmark 0.1.2, 16 tests in 22 min\n"
            "  U-Net: out of memory",
        ),
    ],
)
def test_every_kind_of_run(which, run, says):
    assert ai_text(run, which) == says


def test_a_run_beside_which_others_were_at_work_says_so():
    calm = run_of(16, inference_score=5123, foreign_cpu_share=0.02)
    assert "other processes" not in ai_text(calm, "micro")
    disturbed = calm.model_copy(update={"foreign_cpu_share": 0.4})
    assert "other processes took 40% of the processors meanwhile" in ai_text(disturbed, "micro")
