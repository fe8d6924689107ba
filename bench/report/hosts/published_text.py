"""What others have published of a host, in words: whose figures they are, and which."""

from __future__ import annotations

from collections.abc import Iterator

from bench.host.profile import Published

__all__ = ["published_lines"]


def published_lines(published: Published) -> Iterator[str]:
    """Its source, on what it was measured, and what tables don't show of it."""
    date = f", {published.date}" if published.date else ""
    yield f"published: {published.source}{date}"
    if published.cpu is not None:
        cores = f", {published.cores} cores" if published.cores else ""
        yield f"  beside {published.cpu}{cores}" if published.gpu_name else f"  on {published.cpu}{cores}"
    if published.software:
        yield f"  with {', '.join(f'{name} {number}' for name, number in published.software.items())}"
    scores = {
        "AI-Score": published.ai_score,
        "inference": published.inference_score,
        "training": published.training_score,
    }
    found = [f"{name} {score:,}" for name, score in scores.items() if score is not None]
    if found:
        tests = f", from {len(published.milliseconds)} of its tests" if published.milliseconds else ""
        yield f"  AI Benchmark: {', '.join(found)}{tests}"
