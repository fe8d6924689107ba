"""Spot checks: cells of others' records measured again, here, where the same device is at hand."""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.analyse.conditions import other_work
from bench.analyse.stats.ratio import ratio
from bench.analyse.stats.spread import UNMEASURED
from bench.errors import Fault, InputError
from bench.host.detect import detect
from bench.host.hardware import Hardware
from bench.instruments.stats import estimate_of
from bench.results.query import latest, read_all
from bench.results.record import Record
from bench.run.prepare import Request
from bench.run.process.executors import LocalExecutor
from bench.run.run_suite import Observer, run_suite
from bench.suite import load
from bench.suite.cells import Cell, Suite
from bench.support.resources import shipped_folder

__all__ = ["Again", "measured_again"]

_SURELY_FASTER: Final = 1.25
"""Times: machines of one kind differ by cooling, power limits and what else runs."""
_MORE_ACCURATE: Final = 0.03
"""Trainings with one seed part on a GPU, whose sums come in any order."""
_SHOWN: Final = 3
_DEVIATIONS: Final = 3.0
"""Of the difference between two shares of as many images."""


@dataclass(frozen=True)
class Again:
    """A record, what was measured of its cell here, and what follows: odd where the record is surely much faster."""

    record: Record
    verdict: str
    evidence: str

    @property
    def where(self) -> str:
        """What was measured again."""
        team = f"team {self.record.team}'s " if self.record.team is not None else ""
        return f"{team}{self.record.cell} of suite {self.record.suite} on {self.record.host}"

    @property
    def fields(self) -> dict[str, object]:
        """The same for programs."""
        record = self.record
        named = {name: getattr(record, name) for name in ("host", "team", "suite", "cell", "started")}
        return named | {"verdict": self.verdict, "evidence": self.evidence}


def measured_again(
    root: Path,
    count: int,
    folder: Path | None,
    teams: Collection[str] | None,
    observer: Observer,
    *,
    train: bool = False,
) -> Iterator[Again]:
    """Measure up to `count` cells again, drawn over the teams, the results thrown away; with `train` only trained ones,
    which are trained again.

    Suites are those that are shipped, or lie in `folder`, which the user trusts: none that came with a bundle. The
    observer is told why there are fewer than `count`. Raises InputError where there is no such folder, or none of
    suites, and where a suite can't be read.
    """
    _check_folder(folder)
    hardware = detect()
    records = [one for one in latest(read_all(root, teams=teams).records) if one.ok and one.counts and one.windows]
    left = [one for one in records if _is_here(one, hardware) and (one.history or not train)]
    chosen = random.SystemRandom()
    chosen.shuffle(left)
    done: dict[str | None, int] = {}
    suites: dict[str, Suite | None] = {}
    elsewhere, unknown = len(records) - len(left), set[str]()
    while left and sum(done.values()) < count:
        record = min(left, key=lambda one: done.get(one.team, 0))
        left.remove(record)
        if record.suite not in suites:
            suites[record.suite] = _suite(record.suite, folder)
        cell = _cell(record, suites[record.suite], train=train)
        suite = suites[record.suite]
        if cell is not None and suite is not None:
            done[record.team] = done.get(record.team, 0) + 1
            yield _measured(record, suite, cell, observer)
        else:
            unknown.add(record.suite if suite is None else f"{record.suite} ({record.cell})")
    if sum(done.values()) < count:
        observer.notice(_why_fewer(sum(done.values()), count, elsewhere, unknown, train=train))


def _check_folder(folder: Path | None) -> None:
    if folder is None:
        return
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "no such folder"
        raise InputError(Fault(what, "--suites names a folder of suites to trust", folder))
    if next(folder.glob("*.yaml"), None) is None:
        raise InputError(Fault("there is no suite in this folder", "suites are files that end in .yaml", folder))


def _why_fewer(done: int, count: int, elsewhere: int, unknown: Collection[str], *, train: bool) -> str:
    reasons = []
    if elsewhere:
        trained = ", or not trained" if train else ""
        reasons.append(f"{elsewhere} records were measured on other devices{trained}")
    if unknown:
        names = sorted(unknown)
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        reasons.append(f"no trusted suite has {', '.join(names[:_SHOWN])}{more}: --suites names a folder of suites")
    told = f"; {'; '.join(reasons)}" if reasons else "; there are no more"
    return f"{done} of {count} cells were measured again{told}"


def _is_here(record: Record, hardware: Hardware) -> bool:
    if record.device.kind != hardware.kind:
        return False
    if record.device.is_gpu:
        return record.device.gpu_name == hardware.gpu_name
    return (record.device.name, record.device.cores) == (hardware.cpu, hardware.cores)


def _suite(name: str, folder: Path | None) -> Suite | None:
    for place in (folder, shipped_folder("suites")):
        if place is None:
            continue
        path = next((one for one in sorted(place.glob("*.yaml")) if one.stem == name), None)
        if path is not None:
            return load(path)
    return None


def _cell(record: Record, suite: Suite | None, *, train: bool) -> Cell | None:
    """The suite's cell of that name; its time alone is to be measured, or its training too."""
    wanted = record.model, record.variant, record.batch_size, record.seed
    for cell in suite.cells() if suite is not None else ():
        if (cell.model.name, cell.variant.name, cell.batch_size, cell.seed) == wanted:
            if train and cell.train is None:
                return None
            return cell.model_copy(update={"train": cell.train if train else None, "attribute": False})
    return None


def _measured(record: Record, suite: Suite, cell: Cell, observer: Observer) -> Again:
    try:
        now = _run(suite, cell, observer)
    except InputError as error:
        return Again(record, "plausible", f"it can't be measured here: {error}")
    if not now.ok:
        return Again(record, "plausible", f"it ended here as {now.status.replace('_', ' ')}, which says nothing of it")
    odd, told = _timed(record, now)
    if odd:  # this machine may have been busy: it has to come again
        odd, told = _timed_once_more(record, suite, cell, observer, told)
    if cell.train is not None:
        better, also = _learnt(record, now)
        odd, told = odd or better, f"{told}; {also}"
    return Again(record, "odd" if odd else "plausible", told)


def _run(suite: Suite, cell: Cell, observer: Observer) -> Record:
    with tempfile.TemporaryDirectory(prefix="bench-again-") as root:
        (record,) = run_suite(Request(suite, [cell], Path(root)), LocalExecutor(), observer).records
    return record


def _timed_once_more(record: Record, suite: Suite, cell: Cell, observer: Observer, first: str) -> tuple[bool, str]:
    now = _run(suite, cell.model_copy(update={"train": None}), observer)
    if not now.ok:
        return False, f"{first}; once more it ended as {now.status.replace('_', ' ')}, which says nothing of it"
    odd, told = _timed(record, now)
    return odd, f"{first}; once more: {told}"


def _timed(record: Record, now: Record) -> tuple[bool, str]:
    """Is it surely faster than the same is here, and what there is to say of that?"""
    here, there = estimate_of(now.timed), estimate_of(record.timed)
    if reasons := other_work(record, now):
        return False, f"its time can't be compared with what was measured here: {'; '.join(reasons)}"
    if here is None or there is None:
        return False, "its time can't be compared with what was measured here: there are too few windows"
    found = ratio(here, there, UNMEASURED)
    told = f"it is {found.value:.2f} times as fast as here, from {found.low:.2f} to {found.high:.2f}"
    return found.low > _SURELY_FASTER, told


def _learnt(record: Record, now: Record) -> tuple[bool, str]:
    """Is it surely more accurate than the same training is here, and what there is to say of that?"""
    if record.accuracy_fingerprint != now.accuracy_fingerprint:
        return False, "its training can't be compared: its data, seed, network or settings are others than the suite's"
    told = [
        (name, theirs, ours, images)
        for name in ("test", "held_out")
        if (theirs := getattr(record.accuracy, name, None)) is not None
        and (ours := getattr(now.accuracy, name, None)) is not None
        and (images := getattr(now.accuracy, f"{name}_images", None))
    ]
    if not told:
        return False, "there is no accuracy to compare"
    name, theirs, ours, images = told[0]
    luck = _DEVIATIONS * math.sqrt(2 * max(ours * (1 - ours), 1 / images) / images)
    evidence = f"its {name.replace('_', '-')} accuracy is {theirs:.2%}, and {ours:.2%} after the same training here"
    return theirs - ours > _MORE_ACCURATE + luck, evidence
