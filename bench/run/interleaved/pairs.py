"""Two cells measured interleaved until it is clear which is faster, or that it can't be determined."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

from bench.analyse.stats.interleaved import ratio_of_rounds
from bench.analyse.stats.ratio import Ratio
from bench.instruments.rounds import MOST_ROUNDS
from bench.results.pair import Pair, Round, Side
from bench.results.record import Failure
from bench.run.compose import environment
from bench.run.interleaved.turn_process import CellLost
from bench.run.interleaved.turns import Interleaving, TurnsPlan
from bench.run.job import Job, Outcome, Progress
from bench.run.plan import Planned, fingerprints, workload
from bench.run.prepare import Prepared
from bench.run.process.executors import LocalExecutor
from bench.run.process.forkserver import ServerError
from bench.run.process.logs import log_path
from bench.support.files import open_regular

__all__ = ["Cut", "PairObserver", "PairPlan", "Purpose", "measure_pair"]

Purpose = Literal["ab", "option", "noise"]


@dataclass(frozen=True)
class PairPlan:
    """When to stop: once the ratio's 95 % interval is within `precision` to either side, or within a fifth of the
    difference itself where that is large, after `min_rounds`; or after `max_rounds`.

    A large difference needs no fine interval: one five times as far from 1 as the interval is wide to either side is
    told apart by any. What stopping does to the interval is allowed for: see `bench.analyse.stats.interleaved`.
    """

    precision: float = 0.02
    min_rounds: int = 6
    max_rounds: int = MOST_ROUNDS
    turns: TurnsPlan = field(default_factory=TurnsPlan)

    def enough(self, rounds: int, ratio: Ratio | None) -> bool:
        """Are so many rounds, which gave `ratio`, enough?"""
        if rounds >= self.max_rounds:
            return True
        if rounds < self.min_rounds or ratio is None:
            return False
        return ratio.margin <= max(self.precision, abs(ratio.value - 1) / 5)


class Cut(KeyboardInterrupt):
    """The user ended it; `pair` holds the rounds that were whole."""

    def __init__(self, pair: Pair) -> None:
        super().__init__()
        self.pair = pair


class PairObserver(Protocol):
    """Who is told how it goes."""

    def round_begins(self, number: int) -> None: ...
    def cell_says(self, cell: str, word: Progress) -> None: ...
    def round_ends(self, number: int, ratio: Ratio | None) -> None: ...


def measure_pair(
    ready: Prepared,
    a: Planned,
    b: Planned,
    plan: PairPlan,
    observer: PairObserver,
    purpose: Purpose = "ab",
    option: str | None = None,
) -> Pair:
    """Measure `a` and `b` in rounds of two fresh processes each that take turns.

    A cell that fails ends it; the pair then holds the rounds before, and the failure names its log. Raises `Cut` on
    Ctrl-C, with the pair as it is by then.
    """
    assert isinstance(ready.executor, LocalExecutor)  # no other has processes to take turns
    rounds: list[Round] = []
    compiled: dict[int, float | None] = {}
    lost: CellLost | None = None
    kept: str | None = None
    started = datetime.now(UTC).isoformat(timespec="seconds")
    for planned in (a, b):
        if planned.skip is not None:
            skipped = Outcome("skipped", "plan", planned.skip)
            return _pair(
                ready, a, b, purpose, option, started, rounds, compiled, CellLost(planned.cell.id, skipped), None
            )
    with tempfile.TemporaryDirectory(dir=ready.scratch) as scratch:
        jobs = [
            ready.job(planned, Path(scratch), Path(scratch, f"{side}.log"))
            for side, planned in zip("ab", (a, b), strict=True)
        ]
        heard: Callable[[Job, Progress], None] = lambda job, word: observer.cell_says(job.cell.id, word)  # noqa: E731
        try:
            with Interleaving(jobs[0], jobs[1], ready.executor.fork, heard) as contest:
                ratio: Ratio | None = None
                while not plan.enough(len(rounds), ratio):
                    observer.round_begins(len(rounds) + 1)
                    rounds.append(contest.round(plan.turns, swapped=len(rounds) % 2 == 1))
                    compiled = contest.compile_seconds
                    ratio = ratio_of_rounds(rounds) if len(rounds) > 1 else None
                    observer.round_ends(len(rounds), ratio)
        except CellLost as one:
            lost, cell = one, next(planned.cell for planned in (a, b) if planned.cell.id == one.cell)
            kept = _kept(one.log, log_path(ready.results, cell, started), ready.root)
        except KeyboardInterrupt:
            raise Cut(_pair(ready, a, b, purpose, option, started, rounds, compiled, None, None)) from None
        except ServerError as error:
            lost = CellLost(a.cell.id, Outcome("crashed", "start", f"no process could be had: {error}"))
    return _pair(ready, a, b, purpose, option, started, rounds, compiled, lost, kept)


def _kept(said: Path | None, log: Path, root: Path) -> str | None:
    if said is None or not said.exists():
        return None
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with said.open("rb") as begin, os.fdopen(open_regular(log, flags), "wb") as kept:
            shutil.copyfileobj(begin, kept)
    except OSError:  # a full disk costs the log, and the pair says all the same why it failed
        return None
    return log.relative_to(root).as_posix()


def _pair(
    ready: Prepared,
    a: Planned,
    b: Planned,
    purpose: Purpose,
    option: str | None,
    started: str,
    rounds: list[Round],
    compiled: dict[int, float | None],
    lost: CellLost | None,
    log: str | None,
) -> Pair:
    setting = ready.setting
    failure = None
    if lost is not None:
        stage, message = lost.outcome.stage, lost.outcome.message or "no message"
        failure = Failure(stage=stage, message=f"{lost.cell}: {message}", log=log)
    return Pair(
        suite=setting.suite.name,
        purpose=purpose,
        option=option,
        host=setting.host.id,
        executor="ray" if ready.executor.name == "ray" else "local",
        team=setting.team,
        started=started,
        status="ok" if lost is None else lost.outcome.status,
        failure=failure,
        a=_side(a, ready, compiled.get(0)),
        b=_side(b, ready, compiled.get(1)),
        rounds=tuple(rounds),
        software=setting.software,
        device=setting.record_device,
        data=setting.info(a.cell),
        same_within=a.cell.protocol.same_within,
    )


def _side(planned: Planned, ready: Prepared, compile_seconds: float | None) -> Side:
    cell, setting = planned.cell, ready.setting
    data = setting.info(cell)
    return Side(
        cell=cell.id,
        model=cell.model.name,
        variant=cell.variant.name,
        batch_size=planned.global_batch_size,
        seed=cell.seed,
        fingerprint=fingerprints(planned, data, setting.software)[0],
        workload=workload(planned, data, setting.software),
        options=planned.options.model_dump(mode="json"),
        environment=environment(planned),
        compile_seconds=compile_seconds,
    )
