"""Records as a file that pytest-benchmark has saved: what its `compare` and `--benchmark-compare` read.

Its own `Stats` computes what it shows. A round is a window: the seconds that a step of it took. Windows that no figure
is computed from are left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

from bench.analyse.expectation.handout import published_cell
from bench.errors import Fault, InputError
from bench.host.profile import HostProfile
from bench.instruments.stats import estimate_of
from bench.results.metrics import METRICS
from bench.results.query import when
from bench.results.record import Record

__all__ = ["pytest_benchmark_json"]


def pytest_benchmark_json(records: Sequence[Record], profiles: Sequence[HostProfile]) -> str:
    """The good ones among `records`. Raises InputError where they are of several hosts, since a file holds one
    `machine_info`, and where none has a time."""
    hosts = list(dict.fromkeys(record.host for record in records))
    if len(hosts) > 1:
        what = f"a file of pytest-benchmark is of one machine, and these are {len(hosts)}: {', '.join(hosts)}"
        raise InputError(Fault(what, "choose one with --host"))
    timed = [record for record in records if record.ok and estimate_of(record.timed) is not None]
    if not timed:
        raise InputError(Fault("no cell has a time that pytest-benchmark could compare", "`bench report` says why"))
    newest = max(timed, key=when)
    profile = next((one for one in profiles if one.id == newest.host), None)
    content = {
        "machine_info": _machine(newest, profile),
        "commit_info": {"id": "unknown", "time": None, "dirty": False, "branch": "(unknown)"},
        "benchmarks": list(map(_benchmark, timed)),
        "datetime": newest.started,
        "version": version("pytest-benchmark"),
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def _machine(record: Record, profile: HostProfile | None) -> dict[str, Any]:
    """The host, and nothing that names the machine or its user."""
    hardware = profile.hardware if profile else None
    cpu = {"brand_raw": hardware.cpu, "count": hardware.cores} if hardware else {}
    return {
        "host": record.host,
        "device": record.device.name or (profile.device if profile else "unknown"),
        "cpu": cpu,
        "system": hardware.system if hardware else "unknown",
        "software": record.software,
    }


def _benchmark(record: Record) -> dict[str, Any]:
    # imported late: it takes pytest along
    stats: Any = import_module("pytest_benchmark.stats").Stats()
    for windows in record.timed:
        for window in windows:
            stats.update(window.step_seconds)
    found = estimate_of(record.timed)
    assert found is not None
    figures = {name: metric.read(record) for name, metric in METRICS.items()}
    return {
        "group": record.model,
        "name": record.cell,
        # as the plugin calls it, so that runs of either can be compared
        "fullname": f"suites/{record.suite}.yaml::{record.cell}",
        "params": record.model_dump(include={"model", "variant", "batch_size", "seed"}),
        "param": record.cell,
        "extra_info": {
            "suite": record.suite,
            "cell": record.cell,
            "host": record.host,
            "team": record.team,
            "device": record.device.name,
            "device_kind": record.device.kind,
            "fingerprint": record.fingerprint,
            "executor": record.executor,
            "status": record.status,
            "started": record.started,
            "findings": [finding.code for finding in record.findings],
            "step_seconds": found.step_seconds,
            "interval_seconds": [found.low, found.high],
            "processes": len(record.processes),
            "steps_a_window": [window.steps for windows in record.timed for window in windows],
            "published_cell": published_cell(record),
            "metrics": {name: value for name, value in figures.items() if value is not None},
        },
        "options": {"disable_gc": False, "timer": "bench", "warmup": False},
        "stats": {**stats.as_dict(), "data": stats.data, "iterations": 1},
    }
