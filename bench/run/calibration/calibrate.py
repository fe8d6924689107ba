"""Calibration: what this machine can do at most and what AI Benchmark makes of it, into its profile."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from bench.errors import Fault, InputError
from bench.host.detect import detect
from bench.host.doctor.distributions import everything, first_of_each
from bench.host.doctor.extras import need_score
from bench.host.doctor.installer import this_installer
from bench.host.fitness import fitness
from bench.host.measured import AiBenchmark
from bench.host.profile import HostProfile, profile_path
from bench.host.registry import as_it_is_now, remember
from bench.host.roofs import offered, roof_of
from bench.host.variables import changing_figures
from bench.results.ai_benchmark import TestSet
from bench.results.writable import appendable
from bench.run.calibration.ai_score import AiObserver, AiRun, ai_benchmark
from bench.run.calibration.roofs import RoofObserver, Roofs, measure_roofs
from bench.run.machine import Machine, this_machine
from bench.run.process.executors import LocalExecutor
from bench.workload.roofs.plan import RoofPlan

__all__ = ["Calibration", "CalibrationObserver", "calibrate"]

_NOT_OF_TIMES = frozenset({"ai-benchmark"})


@dataclass(frozen=True)
class Calibration:
    """What was measured and kept, and the profile that holds it. `roofs` and `ai` are None where not asked for.

    `ai` is of the set `which`; `kept_older` says why the profile keeps an older one in place of it.
    """

    profile: HostProfile
    roofs: Roofs | None
    which: TestSet | None = None
    ai: AiBenchmark | None = None
    kept_older: str | None = None

    @property
    def failed(self) -> bool:
        """Did something that was asked for give no figure?"""
        return bool(self.roofs and self.roofs.failed) or bool(self.ai and self.ai.failed)


class CalibrationObserver(RoofObserver, AiObserver, Protocol):
    """Who is told how it goes."""


def calibrate(
    root: Path,
    wanted: str | None,
    observer: CalibrationObserver,
    *,
    roofs: bool = True,
    ai: TestSet | None = "full",
    resume: bool = False,
    plan: RoofPlan | None = None,
) -> Calibration:
    """Measure this machine's roofs, then one of AI Benchmark's sets, and keep them in its profile.

    Each roof and each test is kept as soon as it is there; all else in the profile stays. `wanted` is the id to file
    it under, None for this machine's own. With `resume` an interrupted run of the set goes on, and roofs are measured
    only where the profile lacks one. Raises InputError where TensorFlow, the package or the profile can't be used or
    variables change what the machine reaches, and `JournalError` where a result can't be kept.
    """
    if ai is not None:
        need_score(first_of_each(everything()), this_installer())
    hardware = detect()
    _need_defaults(os.environ, hardware.kind == "gpu")
    for one in fitness(hardware):
        observer.notice(str(one))
    with LocalExecutor() as executor:
        here = this_machine(root, executor, wanted, observer.notice, hardware)
        appendable(profile_path(root, here.profile.id))  # a full disk is told now, and not after half an hour
        measured = None
        if roofs and not (resume and _has_roofs(here)):
            measured = measure_roofs(root, here, executor, observer, plan)
            here = replace(here, profile=measured.profile)
    if ai is None:
        return Calibration(here.profile, measured)
    found = summary(ai_benchmark(root, here, ai, resume, observer))
    profile = as_it_is_now(root, here.profile)
    older = profile.ai_benchmark.get(ai)
    if found.failed and older is not None and not older.failed:
        return Calibration(profile, measured, ai, found, f"the one of {older.date}, which is whole, stays")
    profile = profile.model_copy(update={"ai_benchmark": {**profile.ai_benchmark, ai: found}})
    remember(root, profile)
    return Calibration(profile, measured, ai, found)


def _need_defaults(environ: Mapping[str, str], gpu: bool) -> None:
    """Raise InputError with each variable that is in the way of a machine as it is by default."""
    found = changing_figures(environ, gpu)
    if found:
        hint = "a calibration is of the machine as it is by default: unset"
        raise InputError(*(Fault(f"{name}={does}", f"{hint} {name}") for name, does in found.items()))


def _has_roofs(here: Machine) -> bool:
    """Does the profile say of each of the machine's roofs what it is, or why there is none?"""
    names, _ = offered(here.hardware)
    return all(name in here.profile.roofs_absent or roof_of(here.profile, name) is not None for name in names)


def summary(run: AiRun) -> AiBenchmark:
    """A run as a profile keeps it. A score whose tests are not all there is none: `absent` says which failed."""
    scores = run.scores
    failed = {result.test.label: result.failed for result in run.results if result.failed}
    peaks = [result.peak_memory_bytes for result in run.results if result.peak_memory_bytes]
    return AiBenchmark(
        version=run.software["ai-benchmark"],
        date=run.started[: len("2026-01-05")],
        software=_without(run.software),
        ai_score=scores.ai if scores else None,
        inference_score=scores.inference if scores else None,
        training_score=scores.training if scores else None,
        absent=f"{len(failed)} of {len(run.results)} tests failed: {', '.join(failed)}" if failed else None,
        seconds=sum(result.seconds for result in run.results),
        peak_memory_bytes=max(peaks, default=None),
        foreign_cpu_share=run.foreign_cpu_share,
        milliseconds={one.test.label: one.mean_ms for one in run.results if one.mean_ms is not None},
        failed=failed,
    )


def _without(software: Mapping[str, str]) -> dict[str, str]:
    return {name: number for name, number in software.items() if name not in _NOT_OF_TIMES}
