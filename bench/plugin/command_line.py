"""The plugin's options on pytest's command line."""

from __future__ import annotations

from pathlib import Path

import pytest

__all__ = ["add_options", "asked_for"]

_NAMES = (
    "--bench-suite",
    "--bench-only",
    "--bench-set",
    "--bench-root",
    "--bench-host",
    "--bench-data-dir",
    "--bench-strict-data",
    "--bench-retries",
    "--bench-keep",
    "--bench-replay",
    "--bench-slow-down",
)


def add_options(parser: pytest.Parser) -> None:
    """All of them, in a group of their own."""
    add = parser.getgroup(
        "bench", "bench: cells of a suite as benchmarks, judged by this host's stored records"
    ).addoption
    add(
        "--bench-suite",
        action="append",
        metavar="FILE",
        help="Collect the cells of this suite, such as suites/cnn.yaml; may be repeated.",
    )
    add(
        "--bench-only",
        action="append",
        metavar="GLOB",
        help="Only cells like this, such as 'simple_cnn/*'; may be repeated.",
    )
    add("--bench-set", action="append", metavar="A.B=C", help="Override a value of the suites; may be repeated.")
    add("--bench-root", type=Path, metavar="DIR", help="The working tree (else BENCH_ROOT, the current folder).")
    add("--bench-host", metavar="ID", help="Judge by the records of this host.")
    add("--bench-data-dir", type=Path, metavar="DIR", help="Folder or archive of the data sets.")
    add("--bench-strict-data", action="store_true", default=None, help="Fail where real data can't be had.")
    add(
        "--bench-retries",
        type=int,
        metavar="N",
        help="Measure a cell that seems slower up to N more times, each in a fresh process (default 2).",
    )
    add("--bench-keep", action="store_true", default=None, help="Keep the records, as `bench run` does.")
    add("--bench-replay", type=Path, metavar="FILE", help="Measure nothing: replay this file of records.")
    add(
        "--bench-slow-down",
        action="append",
        metavar="GLOB=FACTOR",
        help="With --bench-replay: slow these cells down, such as '*/xla=1.05', to see the gate fail.",
    )


def asked_for(config: pytest.Config) -> list[str]:
    """Which of the options are given."""
    return [name for name in _NAMES if config.getoption(name) is not None]
