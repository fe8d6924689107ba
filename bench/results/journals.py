"""Every journal of a working tree, with the form of its lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from bench.results.ai_benchmark import AiLine
from bench.results.journal_line import JournalLine
from bench.results.pair import Pair
from bench.results.query import pairs_files, results_files
from bench.results.record import Record

__all__ = ["journals"]


def journals(root: Path, hosts: Collection[str] | None = None) -> Iterator[tuple[Path, type[JournalLine]]]:
    """The journals under `<root>/results`, or those of some hosts, and of the teams on them: records first, then pairs,
    then AI Benchmark's tests."""
    yield from ((path, Record) for path in results_files(root, hosts))
    yield from ((path, Pair) for path in pairs_files(root, hosts))
    for path in sorted((root / "results").glob("*/calibration/ai-benchmark.jsonl")):
        if hosts is None or path.parent.parent.name in hosts:
            yield path, AiLine
