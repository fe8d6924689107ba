"""What a calibration found, in words and tables."""

from __future__ import annotations

from collections.abc import Iterable

from tabulate import tabulate

from bench.host.measured import AiBenchmark, DataType
from bench.host.profile import HostProfile
from bench.results.metric import with_margin

__all__ = ["ai_text", "peaks_table"]


def peaks_table(profile: HostProfile, measured: Iterable[DataType]) -> str:
    """The peaks of these data types; empty where there is none."""
    rows = [
        (name, with_margin(rate, peak.margin * rate), peak.reached_by)
        for name in measured
        for peak in [profile.peaks[name]]
        for rate in [peak.flops_per_second / 1e9]
    ]
    if not rows:
        return ""
    headings = ("data type", "GFLOP/s", "reached by")
    return tabulate(rows, headings, "pipe", colalign=("left", "right", "left"), disable_numparse=True)


def ai_text(ai: AiBenchmark) -> str:
    """The scores of a run of AI Benchmark, or why there is none, and each test that failed."""
    name = f"AI Benchmark {ai.version}"
    memory = f", {ai.peak_memory_bytes / 2**30:.1f} GiB at most" if ai.peak_memory_bytes else ""
    took = f"{len(ai.milliseconds) + len(ai.failed)} tests in {ai.seconds / 60:.0f} min{memory}"
    failed = "".join(f"\n  {test}: {why}" for test, why in ai.failed.items())
    if ai.absent is not None:
        return f"{name}: no score, since {len(ai.failed)} of its tests failed ({took}){failed}"
    if ai.ai_score is not None:
        parts = f"inference {ai.inference_score:,}, training {ai.training_score:,}"
        return f"AI-Score {ai.ai_score:,} ({parts}); {name}, {took}"
    if ai.training_score is not None:
        return f"training score {ai.training_score:,}, no AI-Score: inference was not run; {name}, {took}"
    return f"inference score {ai.inference_score:,}, no AI-Score: training was not run; {name}, {took}"
