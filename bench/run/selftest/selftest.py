"""The self-test: known step times, a cell against itself, and whether this machine is fit at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bench import __version__
from bench.analyse.findings.pairs import disturbed
from bench.analyse.selftest.ground_truth import check
from bench.analyse.selftest.result import SelfTested
from bench.analyse.stats.noise_floor import between_processes
from bench.host.background_load import FOREIGN_SHARE
from bench.host.detect import detect
from bench.host.fitness import Unfit, fitness
from bench.host.measured import Noise, SelfTest
from bench.host.names import host_id
from bench.host.profile import profile_path
from bench.host.registry import remember
from bench.results.journal import Journal
from bench.results.pair import Pair, Round
from bench.results.writable import appendable
from bench.run.interleaved.pairs import PairObserver
from bench.run.selftest.ground_truth import measure_known
from bench.run.selftest.noise_floor import measure_noise, noise_path

__all__ = ["SelfTestObserver", "self_test"]


FEWEST_CALM = 6
"""Rounds that a noise floor is taken from, at least; where fewer were undisturbed, all of them count."""

ATTEMPTS = 2
"""A burst of other work can spoil the cells of known step time; an instrument that is wrong is wrong twice."""


class SelfTestObserver(PairObserver, Protocol):
    """Who is told how it goes."""

    def notice(self, text: str) -> None: ...
    def doing(self, text: str) -> None: ...
    def pair_begins(self, what: str, rounds: int) -> None: ...


def self_test(root: Path, host: str | None, rounds: int, force: bool, observer: SelfTestObserver) -> SelfTested:
    """Test this machine, and store what was found in the profile of its host, or of the one that `host` names.

    Not stored where a known step time was missed, nor, unless with `force`, where something that passes (other work,
    heat) makes the machine unfit at the beginning or the end: what is stored counts in every later comparison. Raises
    InputError, `SelfTestError` where a cell of the test fails, and `JournalError`.
    """
    hardware = detect()
    appendable(profile_path(root, host or host_id(hardware)))  # a full disk is told now, and not after some minutes
    unfit = fitness(hardware)
    for one in unfit:
        observer.notice(str(one))
    for _ in range(ATTEMPTS):
        empty, checked = check(measure_known(bool(unfit), observer.doing, observer.notice))
        if all(one.passed for one in checked):
            break
    observer.pair_begins("a cell against itself", rounds)
    ready, pair = measure_noise(root, host, rounds, observer, observer.notice)
    unfit = _together(unfit, fitness(detect()))
    rounds_kept = _calm(pair.rounds)
    in_turns, apart = between_processes(rounds_kept)
    date = datetime.now(UTC).date().isoformat()
    profile = ready.setting.host.model_copy(
        update={
            "noise": Noise(date=date, in_turns=in_turns, apart=apart, rounds=len(rounds_kept)),
            "self_test": SelfTest(
                date=date,
                version=__version__,
                largest_error=max(abs(one.error) for one in checked),
                empty_step_seconds=empty,
                cells=len(checked),
            ),
        }
    )
    passing = [one for one in unfit if not one.lasting]
    stored = all(one.passed for one in checked) and (force or not passing)
    if stored:
        remember(root, profile)
        for said in Journal(noise_path(root, profile.id, ready.setting.team), Pair).append(pair):
            observer.notice(said)
    return SelfTested(profile, checked, unfit, stored, disturbed(pair))


def _calm(rounds: Sequence[Round]) -> Sequence[Round]:
    """The rounds beside which nothing else was at work on this machine; all where they are too few."""
    calm = [one for one in rounds if (one.values.get("foreign_cpu_share") or 0.0) <= FOREIGN_SHARE]
    return calm if len(calm) >= FEWEST_CALM else rounds


def _together(before: tuple[Unfit, ...], after: tuple[Unfit, ...]) -> tuple[Unfit, ...]:
    """Both, but for what stays as it is; what takes the processors is said once, as it was first seen."""
    kinds = {one.mend for one in before}
    return (*before, *(one for one in after if one.mend not in kinds))
