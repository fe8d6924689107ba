"""One run of AI Benchmark as it is kept: what is there, what is left, and how long that will take."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.results.ai_benchmark import AiLine, AiResult, AiScores, AiTest, TestSet, ai_benchmark_path
from bench.results.journal import Journal
from bench.results.writable import writable
from bench.run.machine import Machine

__all__ = ["KeptRun"]

_SHARE = "foreign_cpu_share"


class KeptRun:
    """A run of one of AI Benchmark's sets on this machine, kept test by test; `started` is what it is known by.

    A new one, or with `resume` the newest of that set, if it was of the same device and software: then the networks
    whose tests all have a time are there already. `software` are the versions that times depend on. `notice` is told
    what the journal says. Raises InputError where the journal can't be read or written.
    """

    def __init__(
        self,
        root: Path,
        here: Machine,
        which: TestSet,
        tests: Sequence[AiTest],
        software: Mapping[str, str],
        resume: bool,
        notice: Callable[[str], None],
    ) -> None:
        self.set: TestSet = which
        self.tests, self.software, self._notice = tuple(tests), dict(software), notice
        self._host, self._device = here.profile.id, {"kind": here.device.kind, "name": here.device.name}
        self._journal = Journal(ai_benchmark_path(root, self._host), AiLine)
        writable(self._journal.path, AiLine)
        lines, notices = self._journal.read()
        for said in notices:
            notice(said)
        self._took = {one.test: one.seconds for one in _results(lines) if one.mean_ms is not None}
        self._found: dict[AiTest, AiLine] = {}
        self._scored: AiLine | None = None
        self.started = _now()
        if resume:
            self._take_up([line for line in lines if line.set == which])

    @property
    def left(self) -> list[AiTest]:
        """The tests that have neither a time nor a failure yet."""
        return [test for test in self.tests if test not in self._found]

    @property
    def results(self) -> tuple[AiResult, ...]:
        """What is there, in the set's order."""
        return tuple(_results(self._found[test] for test in self.tests if test in self._found))

    @property
    def foreign_cpu_share(self) -> float | None:
        """What others took of the processors meanwhile, 0..1; None where too little of that was seen."""
        if self._scored is not None:
            return self._scored.values.get(_SHARE)
        seen = [
            (share, line.result.seconds)
            for line in self._found.values()
            if line.result is not None and (share := line.values.get(_SHARE)) is not None
        ]
        seconds = math.fsum(took for _, took in seen)
        return math.fsum(share * took for share, took in seen) / seconds if seconds else None

    def keep(self, result: AiResult, values: Mapping[str, float | None]) -> None:
        """Keep what a test gave, and what instruments saw meanwhile. Raises `JournalError` where that can't be done."""
        self._found[result.test] = self._append(result=result, values=dict(values))

    def keep_scores(self, scores: AiScores) -> None:
        """Keep the run's scores, last of all, unless they stand there. Raises as `keep` does."""
        if self._scored is None:
            self._scored = self._append(scores=scores, values={_SHARE: self.foreign_cpu_share})

    def seconds(self, left: Sequence[AiTest]) -> float | None:
        """How long these tests will take: as long as they took before, or as the set's others here did on average."""
        took = self._took | {one.test: one.seconds for one in self.results if one.mean_ms is not None}
        known = [took[test] for test in self.tests if test in took]
        if not known:
            return None
        mean = math.fsum(known) / len(known)
        return math.fsum(took.get(test, mean) for test in left)

    def _append(self, **what: Any) -> AiLine:
        line = AiLine(
            run=self.started,
            ended=_now(),
            set=self.set,
            host=self._host,
            version=self.software["ai-benchmark"],
            software=self.software,
            device=self._device,
            **what,
        )
        for said in self._journal.append(line):
            self._notice(said)
        return line

    def _take_up(self, lines: Sequence[AiLine]) -> None:
        """Go on with the newest run among the lines of this set."""
        if not lines:
            self._notice("nothing to resume: this set was not run here before")
            return
        newest = lines[-1]
        if differing := _differing(newest, self.software, self._device):
            self._notice(f"the run of {newest.run} was made with {differing}: this one begins anew")
            return
        self.started = newest.run
        ours = [line for line in lines if line.run == newest.run]
        latest = {line.result.test: line for line in ours if line.result is not None}
        timed = {test for test, line in latest.items() if line.result and line.result.mean_ms is not None}
        # a network's tests share a session, in which its inference comes before its training
        torn = {test.network for test in self.tests if test not in timed}
        self._found = {test: latest[test] for test in self.tests if test.network not in torn}
        if not torn:
            self._scored = next((line for line in reversed(ours) if line.scores is not None), None)


def _results(lines: Iterable[AiLine]) -> list[AiResult]:
    return [line.result for line in lines if line.result is not None]


def _differing(line: AiLine, software: Mapping[str, str], device: Mapping[str, object]) -> str:
    before, now = {**line.device.plain, **line.software}, {**device, **software}
    differing = [name for name in before | now if before.get(name) != now.get(name)]
    return ", ".join(f"{name} {before.get(name) or '–'} (here {now.get(name) or '–'})" for name in differing)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
