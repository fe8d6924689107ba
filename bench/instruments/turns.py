"""A step clock that takes turns with those of other processes."""

from __future__ import annotations

from collections.abc import Callable

from bench.instruments.clock import ClockPlan, StepClock, seconds_now
from bench.instruments.stats import Estimate

__all__ = ["TURN_SECONDS", "TurnClock"]

Windows = tuple[tuple[int, float], ...]

TURN_SECONDS = 0.3
"""A turn has windows for about this long, or one: what leads it in, untimed, then costs little beside them."""


class TurnClock(StepClock):
    """Traces, warms up and measures as its parent does, and waits to be told before it warms up and before every turn.

    `turn(windows)` is given the windows of the turn that is over, none before warm-up and before the first turn, and
    blocks until it may go on; it returns False to end. All turns are of equally many windows.

    A process that wakes finds cold caches, and its threads on whatever processors: measured, its first 0.06 s were 3 to
    5 % slower than the rest, the next up to 2 %. So a turn is led in by executions of a window's length that aren't
    timed, unless a single one takes as long: then it doesn't matter.
    """

    def __init__(
        self,
        plan: ClockPlan,
        sync: Callable[[], None],
        turn: Callable[[Windows], bool],
        heard: Callable[[str, Estimate | None], None] = lambda _stage, _figure: None,
        now: Callable[[], float] = seconds_now,
    ) -> None:
        super().__init__(plan, sync, heard=heard, now=now)
        self._turn = turn
        self._leading = False
        self._length = 1

    def _enter(self, stage: str, now: float) -> None:
        super()._enter(stage, now)
        if stage == "warm-up":
            self._turn(())
            self._since = self._mark = self._now()

    def _windows_begin(self) -> None:
        steps, seconds = self._warmup[-1]
        step = seconds / steps
        self._length = max(1, round(TURN_SECONDS / (step * self._window_steps)))
        self._wait(())
        self._take_over(lead=self._is_short(step))

    def _window(self, done: tuple[int, float], now: float) -> bool:
        if self._leading:
            self._take_over(lead=False)
            return True
        self.windows.append(done)
        if len(self.windows) % self._length:
            return True
        self.stages[self._stage] = now - self._since  # by now: this turn may be the last
        if not self._wait(tuple(self.windows[-self._length :])):
            return False
        self._take_over(lead=self._is_short(done[1] / done[0]))
        return True

    def _wait(self, windows: Windows) -> bool:
        """The turns of others belong to no stage of this one."""
        began = self._now()
        go_on = self._turn(windows)
        self._since += self._now() - began
        return go_on

    def _is_short(self, step_seconds: float) -> bool:
        return step_seconds * self._execution < self.plan.window_seconds

    def _take_over(self, lead: bool) -> None:
        self._leading = lead
        self._goal = self._window_steps
        self._mark = self._now()
