"""When training stops and when its rate is reduced: functions of the epochs so far, with the rules of Keras.

Of the epochs alone, so that a training that was interrupted decides as if it hadn't been.
`tests/workload/test_rules.py` holds them against Keras's own callbacks.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.suite.recipe import EarlyStopping, Monitor, ReduceOnPlateau

__all__ = ["best_of", "is_better", "learning_rates", "stops"]


def is_better(value: float, best: float, monitor: Monitor, min_delta: float = 0.0) -> bool:
    """Is `value` better than `best` by more than `min_delta`? Less loss is better, and more accuracy."""
    return value + min_delta < best if monitor.endswith("loss") else value - min_delta > best


def best_of(values: Sequence[float], monitor: Monitor) -> int:
    """The place of the first of the best values; there is at least one."""
    best = 0
    for place, value in enumerate(values):
        if is_better(value, values[best], monitor):
            best = place
    return best


def stops(values: Sequence[float], rule: EarlyStopping, monitor: Monitor) -> bool:
    """Does `keras.callbacks.EarlyStopping` stop after these epochs? Never after the first."""
    best, waited = values[0], 0
    for value in values[1:]:
        waited += 1
        if is_better(value, best, monitor, rule.min_delta):
            best, waited = value, 0
    return len(values) > 1 and waited >= rule.patience


def learning_rates(values: Sequence[float], rate: float, rule: ReduceOnPlateau, monitor: Monitor) -> list[float]:
    """The rate after each of these epochs, which began at `rate`, under `keras.callbacks.ReduceLROnPlateau`."""
    rates: list[float] = []
    best: float | None = None
    waited = cooling = 0
    for value in values:
        if cooling:
            cooling, waited = cooling - 1, 0
        if best is None or is_better(value, best, monitor, rule.min_delta):
            best, waited = value, 0
        elif not cooling:
            waited += 1
            if waited >= rule.patience and rate > rule.min_rate:
                rate = max(rate * rule.factor, rule.min_rate)
                cooling, waited = rule.cooldown, 0
        rates.append(rate)
    return rates
