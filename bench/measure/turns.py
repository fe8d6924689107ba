"""A step clock that takes turns with that of another process."""

from __future__ import annotations

from collections.abc import Callable

from bench.measure.clock import ClockPlan, StepClock, seconds_now
from bench.measure.stats import Estimate

__all__ = ["TurnClock"]


class TurnClock(StepClock):
    """Warms up as its parent does, then waits for its turn before every window.

    `turn(window)` is given the window that is over, None before the first, and blocks until the next is wanted; it
    returns False to end. What another process did meanwhile is still in the caches of the processor, so that the
    first execution of a turn isn't timed, unless an execution takes as long as a window: then it doesn't matter.
    """

    def __init__(
        self,
        plan: ClockPlan,
        sync: Callable[[], None],
        turn: Callable[[tuple[int, float] | None], bool],
        heard: Callable[[str, Estimate | None], None] = lambda _stage, _figure: None,
        now: Callable[[], float] = seconds_now,
    ) -> None:
        super().__init__(plan, sync, heard=heard, now=now)
        self._turn = turn
        self._leading = False

    def _windows_begin(self) -> None:
        self._turn(None)
        steps, seconds = self._warmup[-1]
        self._take_over(lead=self._is_short(seconds / steps))

    def _window(self, done: tuple[int, float], now: float) -> bool:
        if self._leading:
            self._take_over(lead=False)
            return True
        self.windows.append(done)
        if not self._turn(done):
            self.stages[self._stage] = now - self._since
            return False
        self._take_over(lead=self._is_short(done[1] / done[0]))
        return True

    def _is_short(self, step_seconds: float) -> bool:
        return step_seconds * self._execution < self.plan.window_seconds

    def _take_over(self, lead: bool) -> None:
        self._leading = lead
        self._goal = self._execution if lead else self._window_steps
        self._mark = self._now()
