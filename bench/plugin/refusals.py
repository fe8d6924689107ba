"""What is asked of pytest and can be no gate: told before anything is measured, as a UsageError (status 4)."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

__all__ = ["DISTRIBUTED", "is_distributed", "refuse_distribution", "refuse_no_measurement"]

DISTRIBUTED = "cells are not judged under pytest-xdist, whose processes would slow each other down"
_LEAVE_OUT = "leave out -n and --dist, or add -n 0 where a configuration file or PYTEST_ADDOPTS gives them"


def is_distributed(config: pytest.Config) -> bool:
    """Are tests run by pytest-xdist's processes, this being one of them or the one that starts them?

    pytest-benchmark measures nothing then, nor under a bare `--dist load`, which starts no process.
    """
    if config.getoption("collectonly"):
        return False
    return config.getoption("dist", "no") != "no" or "PYTEST_XDIST_WORKER" in os.environ


def refuse_distribution(config: pytest.Config, asked: Sequence[str]) -> None:
    """Refuse the options `asked` for under pytest-xdist."""
    if is_distributed(config):
        raise pytest.UsageError(f"{asked[0]}: {DISTRIBUTED}; {_LEAVE_OUT}")


def refuse_no_measurement(config: pytest.Config) -> None:
    """Refuse to collect a suite where pytest-benchmark is told to measure nothing.

    Where only a configuration file or PYTEST_ADDOPTS says so, as many projects' do for their other benchmarks, it is
    overruled: here they are asked for.
    """
    option, given = config.option, config.invocation_params.args
    for name, overruled_by in (("skip", "only"), ("disable", "enable")):
        if f"--benchmark-{name}" not in given:
            setattr(option, f"benchmark_{name}", False)
        elif not getattr(option, f"benchmark_{overruled_by}") and not option.collectonly:
            raise pytest.UsageError(
                f"--bench-suite: with --benchmark-{name} no cell is measured, and so none is judged; leave it out"
            )
