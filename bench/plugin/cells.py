"""The fixture `bench_cell`: a cell measured, judged, and shown to pytest-benchmark."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bench.analyse.compare.regression import Regression
from bench.analyse.expectation.handout import published_cell
from bench.errors import InputError
from bench.instruments.stats import estimate
from bench.plugin.ambiguous import AmbiguousWarning
from bench.plugin.gate import Gate, Judged
from bench.plugin.items import CellItem
from bench.plugin.refusals import DISTRIBUTED, is_distributed
from bench.plugin.window_timer import Tape
from bench.plugin.wording import doubt, failure, regressed
from bench.results.journal import JournalError
from bench.results.record import Record
from bench.run.given_suite import Code, Data, Given

__all__ = ["BenchCell"]


class _NothingMeasuredError(Exception):
    """There is no time to show to pytest-benchmark."""


def _nothing() -> None:
    raise _NothingMeasuredError


class BenchCell:
    """What the fixture `bench_cell` gives a test: call it once, with a suite's path and a cell's id, or with a model
    and data of the test's own.

    The path is absolute, or relative to the current folder, the working tree or pytest's rootdir.
    """

    def __init__(self, gate: Gate, node: pytest.Item, benchmark: Any) -> None:
        self._gate, self._node, self._benchmark = gate, node, benchmark
        self._used = False

    def __call__(
        self,
        suite: str | Path | None = None,
        cell: str | None = None,
        *,
        build: Code | None = None,
        data: Data | None = None,
        options: Mapping[str, Any] | None = None,
        batch_size: int = 32,
        **more: Any,
    ) -> Record:
        """The cell's newest record: with the test failed, warned about or skipped as the verdict is.

        `build` gives a compiled model and `data` a `tf.data.Dataset`, of any elements; `options` are those of a
        variant. `validation`, `args`, `unit` and `protocol` are as in `bench.compare`. The record is one of a suite
        that is called as the test's file, and of a model that is called as the test.
        """
        if self._used:
            pytest.fail(
                "bench_cell: one cell a test, as a test is one benchmark; parametrize it for more", pytrace=False
            )
        self._used = True
        if self._benchmark.disabled:
            distributed = is_distributed(self._node.config)
            pytest.skip(f"the cell was not measured: {DISTRIBUTED if distributed else 'benchmarks are disabled'}")
        if suite is not None and cell is not None and build is None and data is None:
            judged = self._judged(lambda: self._gate.judge(suite, cell))
        elif suite is None and cell is None and build is not None and data is not None:
            name = re.sub(r"[^\w=,+-]+", "-", self._node.name).strip("-")
            variants = {"tested": options} if options else ["notebook"]
            more |= {"batch_sizes": (batch_size,), "name": self._node.path.stem, "model": name}
            given = Given(build, data, variants, plain=False, **more)
            judged = self._judged(lambda: self._gate.judge_given(given))
        else:
            self._fail("bench_cell: give a suite and a cell, or `build` and `data`")
        record = judged.records[-1]
        if record.status == "skipped":
            pytest.skip(record.failure.message if record.failure else "skipped")
        if judged.verdict is None:
            self._fail(failure(record, self._gate.root))
        self._show(judged, judged.verdict)
        if judged.verdict.verdict == "fail":
            pytest.fail(regressed(judged, judged.verdict), pytrace=False)
        if judged.verdict.verdict == "ambiguous":
            self._warn(AmbiguousWarning(doubt(judged, judged.verdict)))
        return record

    def _warn(self, warning: AmbiguousWarning) -> None:
        with suppress(AmbiguousWarning):
            self._node.warn(warning)
            return
        pytest.fail(str(warning), pytrace=False)  # warnings are errors here

    def _judged(self, judge: Callable[[], Judged]) -> Judged:
        try:
            return judge()
        except (InputError, JournalError) as error:
            why = str(error)
        except BaseException:  # Ctrl-C
            self._show_nothing()
            raise
        return self._fail(why)

    def _fail(self, why: str) -> NoReturn:
        """Fail with nothing measured."""
        self._show_nothing()
        pytest.fail(why, pytrace=False)

    def _show_nothing(self) -> None:
        """Keep pytest-benchmark from warning that its fixture wasn't used."""
        with suppress(_NothingMeasuredError):
            self._benchmark.pedantic(_nothing)

    def _show(self, judged: Judged, verdict: Regression) -> None:
        """One round a window, of all processes."""
        marker = self._node.get_closest_marker("benchmark")
        assert marker is not None
        tape: Tape = marker.kwargs["timer"]
        seconds = [window.step_seconds for record in judged.records for window in record.windows]
        tape.load(seconds)
        record = judged.records[-1]
        self._benchmark.group = self._benchmark.group or record.model
        if self._benchmark.params is None:  # `--benchmark-group-by=param:variant` asks for them
            self._benchmark.param = record.cell
            self._benchmark.params = record.model_dump(include={"model", "variant", "batch_size", "seed"})
        if isinstance(self._node, CellItem):  # pytest's rootdir, and so the node's id, is not always the same
            self._benchmark.fullname = self._node.lasting_name(self._gate.root)
        figure = estimate(record.windows)
        self._benchmark.extra_info |= {
            "suite": record.suite,
            "cell": record.cell,
            "host": record.host,
            "device": record.device.name,
            "device_kind": record.device.kind,
            "published_cell": published_cell(record),
            "fingerprint": record.fingerprint,
            "executor": record.executor,
            "status": record.status,
            "findings": [finding.code for finding in record.findings],
            "step_seconds": figure and figure.step_seconds,
            "interval_seconds": figure and [figure.low, figure.high],
            "processes": verdict.now,
            "stored_records": verdict.before,
            "verdict": verdict.verdict,
            "slowdown": verdict.slowdown,
            "slowdown_interval": None if verdict.low is None else [verdict.low, verdict.high],
            "threshold": verdict.threshold,
        }
        self._benchmark.pedantic(tape.play, setup=tape.rewind, rounds=len(seconds), iterations=1)
