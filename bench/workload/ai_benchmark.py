"""AI Benchmark 0.1.2 (A. Ignatov, ETH Zürich) on today's stack: what it lacks is supplied, what it sends is not sent.

What it times is left as it is: its graphs, its data, its passes, its clock and its formula are the package's. Each of
its functions that is replaced here is named in `_mended`. To be imported with TF_USE_LEGACY_KERAS=1, in a process that
does nothing else.
"""

from __future__ import annotations

import os
import resource
import sys
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from packaging.version import parse

from bench.host.cpu import cpu_name
from bench.results.ai_benchmark import AiResult, AiScores, AiTest, Part, TestSet
from bench.support.exception_text import exception_text
from bench.workload.runtime import is_out_of_memory

__all__ = ["AI_BENCHMARK_VERSION", "check", "check_device", "planned", "run"]

AI_BENCHMARK_VERSION = "0.1.2"
"""The only version that is known here; the last one published."""

_PARTS: dict[TestSet, tuple[Part, ...]] = {
    "full": ("inference", "training"),
    "inference": ("inference",),
    "training": ("training",),
    "micro": ("inference",),
}

_TOO_SHORT = "its passes take less than the package's clock shows, which counts whole milliseconds"

Report = Callable[[AiResult], None]


def check() -> None:
    """Raise ImportError, and say why, where the package or what its two recurrent networks need can't be used."""
    _package()
    _version("tf-keras")
    import_module("tf_keras")  # else only the networks that need it would miss it, after 20 minutes


def check_device(expected: str) -> None:
    """Raise RuntimeError where TensorFlow doesn't compute on the `expected` kind of device, `gpu` or `cpu`.

    It only logs that a GPU couldn't be used.
    """
    found = "cpu" if _package().utils.isCPUBuild() else "gpu"
    if found != expected:
        raise RuntimeError(f"TensorFlow would compute on the {found}, and not on the {expected}")


def planned(which: TestSet) -> tuple[AiTest, ...]:
    """The tests of a set, in the package's order: a network's inference before its training."""
    return tuple(
        AiTest(
            network=test.id,
            name=test.model,
            part=part,
            number=number,
            shape=tuple(each.getInputDims()),
            reference_ms=each.ref_time,
        )
        for test in _package().utils.TestConstructor().getTests()
        for part in _PARTS[which]
        for number, each in enumerate(_timings(test, part, which), 1)
    )


def run(which: TestSet, tests: Sequence[AiTest], kept: Sequence[AiResult], report: Report) -> AiScores | None:
    """Run these tests of a set, reporting each as it ends; then the package's scores, or None where a test failed.

    `kept` are the results of the set's others, which count for the scores. A test that raises is reported as failed,
    and the next one runs: a network's tests share a session, as is the package's way, and those after one that failed
    have a new one. Raises RuntimeError where the package neither timed a test nor failed.
    """
    package = _package()
    networks = {test.id: test for test in package.utils.TestConstructor().getTests()}
    found = list(kept)

    def keep(result: AiResult) -> None:
        found.append(result)
        report(result)

    for number in dict.fromkeys(test.network for test in tests):
        pending = [test for test in tests if test.network == number]
        while pending:
            left = _run_network(package.utils, networks[number], pending, which, keep)
            if len(left) == len(pending):
                raise RuntimeError(f"AI Benchmark ended without a result of {left[0].label}")
            pending = left
    return _scores(package.utils, which, found)


def _run_network(utils: Any, network: Any, pending: list[AiTest], which: TestSet, keep: Report) -> list[AiTest]:
    """Run a network's tests by the package's own loop; gives those that are left when one of them failed."""
    waiting = list(pending)
    taken: list[int] = []
    folder = os.getcwd()  # noqa: PTH109 - the package's own words
    began = time.monotonic()

    def ended(mean: float | None, sd: float | None, failed: str | None = None) -> None:
        nonlocal began
        now = time.monotonic()
        keep(
            AiResult(
                test=waiting.pop(0),
                passes_ms=tuple(taken),
                mean_ms=None if failed else mean,
                sd_ms=None if failed else sd,
                failed=failed,
                seconds=now - began,
                peak_memory_bytes=_peak_memory_bytes(),
            )
        )
        taken.clear()
        began = now

    def stats(passes: list[int]) -> Any:
        taken[:] = passes
        return statistics(passes)

    def print_result(*exception_text: Any) -> None:
        mean, sd = float(exception_text[3]), float(exception_text[4])
        ended(mean, sd, None if mean > 0 else _TOO_SHORT)

    statistics = utils.computeStats
    parts = {test.part for test in pending}
    only = copy(network)
    if which == "micro":
        only.micro = [network.micro[test.number - 1] for test in pending]
    else:
        for part in parts:  # the other one stays: recurrent networks are built by the shape of their training
            timings = getattr(network, part)
            setattr(only, part, [timings[test.number - 1] for test in pending if test.part == part])
    utils.computeStats, utils.printTestResults = stats, print_result
    utils.TestConstructor, constructor = _constructor(only), utils.TestConstructor
    try:
        utils.run_tests(
            training="training" in parts,
            inference="inference" in parts and which != "micro",
            micro=which == "micro",
            verbose=1,
            use_CPU=False,
            precision="normal",
            _type=which,
            start_dir=folder,
        )
    except Exception as error:
        traceback.print_exc()
        what = "out of memory" if is_out_of_memory(error) else exception_text(error)
        if waiting:  # and not after the last of them, when there is nothing left to lose
            ended(None, None, what)
    finally:
        utils.computeStats, utils.TestConstructor = statistics, constructor
        os.chdir(folder)  # which the package does where no test fails
    return waiting


def _constructor(network: Any) -> Any:
    class Constructor:
        def getTests(self) -> list[Any]:  # noqa: N802 - the package's name
            return [network]

    return Constructor


def _scores(utils: Any, which: TestSet, found: Iterable[AiResult]) -> AiScores | None:
    """By the package's own function, from its own ratios; None while a test of the set has no time."""
    times = {result.test: result.mean_ms for result in found}
    results = utils.BenchmarkResults()
    for test in planned(which):
        mean = times.get(test)
        if mean is None:
            return None
        ratios = results.results_training_norm if test.part == "training" else results.results_inference_norm
        ratios.append(test.reference_ms / mean)
    info = types.SimpleNamespace(_type=which, results=results, verbose_level=0)
    public = utils._print_scores(info, utils.PublicResults())
    return AiScores(inference=public.inference_score, training=public.training_score, ai=public.ai_score)


def _timings(test: Any, part: Part, which: TestSet) -> Iterator[Any]:
    yield from test.micro if which == "micro" else getattr(test, part)


def _peak_memory_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts KiB


def _package() -> Any:
    """The package, mended; imported once."""
    if "ai_benchmark" in sys.modules:
        return sys.modules["ai_benchmark"]
    found = _version("ai-benchmark")
    if found != AI_BENCHMARK_VERSION:
        raise ImportError(f"ai-benchmark {found} is installed, and its score is known for {AI_BENCHMARK_VERSION} alone")
    resources = types.ModuleType("pkg_resources")  # gone from setuptools 82; one name of it is used
    resources.parse_version = parse  # type: ignore[attr-defined]
    sys.modules.setdefault("pkg_resources", resources)
    np.warnings = warnings  # type: ignore[attr-defined]  # gone from NumPy 1.24
    import ai_benchmark

    _mended(ai_benchmark.utils)
    ai_benchmark.AIBenchmark(verbose_level=0)  # seeds NumPy and hushes TensorFlow, as every run of it begins
    return ai_benchmark


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        raise ImportError(f"{package} is not installed") from None


def _mended(utils: Any) -> None:
    """Replace what sends, waits and prints; nothing of it lies within what is timed."""

    def nothing(*_: Any, **__: Any) -> None:
        return None

    utils._print_scores = utils.printScores
    utils.update_info = nothing  # sends the machine's names and scores to a server
    utils.printTestInfo = utils.printTestStart = nothing  # sends as well; sleeps six seconds
    utils.printScores = lambda _, public: public  # of one network alone it would be no score
    brand = cpu_name()
    utils.cpuinfo = types.SimpleNamespace(get_cpu_info=lambda: {"brand": brand})  # newer ones call it brand_raw
