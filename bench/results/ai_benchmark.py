"""What AI Benchmark measures, and what it gave: JSON lines under `results/<host>/calibration/ai-benchmark.jsonl`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bench.results.bounded import Count, Items, Moment, Name, Number, Positive, Seconds, Text
from bench.results.journal_line import JournalLine
from bench.results.recorded_setup import RecordedDevice
from bench.support.frozen import Frozen

__all__ = ["AiLine", "AiResult", "AiScores", "AiTest", "Part", "TestSet", "ai_benchmark_path"]

TestSet = Literal["full", "inference", "training", "micro"]
"""Which of its runs: all, one half, or its micro set (inference of single images)."""

Part = Literal["inference", "training"]


class AiTest(Frozen):
    """One of its timings: a network (1 to 19), run or trained on batches of one shape.

    `number` counts the network's timings of one part from 1; `reference_ms` is what the package divides by.
    """

    network: Positive
    name: Name
    part: Part
    number: Positive
    shape: Annotated[tuple[Count, ...], Items]
    reference_ms: Number

    @property
    def label(self) -> str:
        """In words: `SRCNN 9-5-5 inference 1×1536×1536×3`."""
        return f"{self.name} {self.part} {'×'.join(map(str, self.shape))}"


class AiResult(Frozen):
    """What one test gave: every pass in the package's whole milliseconds, and the mean and standard deviation that it
    makes of all but the first; or why it gave nothing (`failed`).

    `seconds` is what the test took with all that it prepared, `peak_memory_bytes` the largest that its process had
    been until then.
    """

    test: AiTest
    passes_ms: Annotated[tuple[Count, ...], Items] = ()
    mean_ms: Number | None = None
    sd_ms: Number | None = None
    failed: Text | None = None
    seconds: Seconds = 0.0
    peak_memory_bytes: Count | None = None


class AiScores(Frozen):
    """The package's own scores, by its own formula; None for a part that the run doesn't have."""

    inference: Count | None = None
    training: Count | None = None
    ai: Count | None = None


class AiLine(JournalLine):
    """A test's result, or, last of a run, its scores. All lines of a run share `run`, the moment of its beginning."""

    readable: ClassVar = (1,)

    schema_version: int = 1
    run: Moment = Field(description="UTC, ISO 8601")
    ended: Moment = Field(description="when this line was written; UTC, ISO 8601")
    set: TestSet
    host: Name
    version: Name = Field(description="of the package ai-benchmark")
    software: Annotated[dict[str, Name], Items]
    device: RecordedDevice
    result: AiResult | None = None
    scores: AiScores | None = None
    values: Annotated[dict[str, Number | None], Items] = Field(
        default_factory=dict, description="what the instruments saw meanwhile; beside scores: in all of its tests"
    )

    @property
    def label(self) -> str:
        """What it is about, in a message."""
        return self.result.test.label if self.result else "AI Benchmark's scores"


def ai_benchmark_path(root: Path, host: str) -> Path:
    """Where a host's runs of AI Benchmark are kept."""
    return root / "results" / host / "calibration" / "ai-benchmark.jsonl"
