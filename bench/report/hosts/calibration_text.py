"""What a calibration found, in words and tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.host.background_load import FOREIGN_SHARE
from bench.host.measured import AiBenchmark
from bench.results.ai_benchmark import TestSet

__all__ = ["ai_text"]

_NAMES: Final[dict[TestSet, str]] = {
    "full": "AI-Score",
    "inference": "inference score",
    "training": "training score",
    "micro": "score of the micro set",
}
_LACKS: Final[dict[TestSet, str]] = {
    "inference": "training was not run",
    "training": "inference was not run",
    "micro": "that set is inference of single images",
}


def ai_text(ai: AiBenchmark, which: TestSet) -> str:
    """The scores of a run of one of AI Benchmark's sets, or why there is none, and each test that failed."""
    memory = f", {ai.peak_memory_bytes / 2**30:.1f} GiB at most" if ai.peak_memory_bytes else ""
    time = f"{ai.seconds:.0f} s" if ai.seconds < 90 else f"{ai.seconds / 60:.0f} min"
    ran = f"AI Benchmark {ai.version}, {len(ai.milliseconds) + len(ai.failed)} tests in {time}{memory}"
    return "\n".join([f"{_score(ai, which)}; {ran}", *_failed(ai), *_disturbed(ai)])


def _score(ai: AiBenchmark, which: TestSet) -> str:
    if ai.absent is not None:
        return f"no {_NAMES[which]}, since {len(ai.failed)} of its tests failed"
    if which == "full":
        parts = f"inference {_whole(ai.inference_score)}, training {_whole(ai.training_score)}"
        return f"{_NAMES[which]} {_whole(ai.ai_score)} ({parts})"
    score = ai.training_score if which == "training" else ai.inference_score
    return f"{_NAMES[which]} {_whole(score)}, which is no AI-Score: {_LACKS[which]}"


def _failed(ai: AiBenchmark) -> Iterator[str]:
    for test, why in ai.failed.items():
        yield f"  {test}: {why}"


def _disturbed(ai: AiBenchmark) -> Iterator[str]:
    if ai.foreign_cpu_share is not None and ai.foreign_cpu_share > FOREIGN_SHARE:
        yield (
            f"other processes took {ai.foreign_cpu_share:.0%} of the processors meanwhile, and this machine's score is "
            "higher: calibrate again when it is quiet"
        )


def _whole(score: int | None) -> str:
    return "–" if score is None else f"{score:,}"
