"""What `bench tune` found, for programs."""

from __future__ import annotations

from typing import Any

from bench.analyse.stats.ratio import Ratio
from bench.analyse.tune.candidate import Candidate
from bench.analyse.tune.result import AccuracyCheck, Effect, Tuned
from bench.report.tune.script import best_script

__all__ = ["tuned_json"]


def tuned_json(found: Tuned) -> dict[str, Any]:
    """All of it, unrounded; `candidates` are the fastest first, by what the search knew."""
    confirmed, dropped = found.confirmed, found.dropped
    return {
        "model": found.model,
        "host": found.host,
        "device": found.device,
        "data": found.data,
        "suite": found.suite,
        "state": found.state,
        "budget_seconds": found.budget,
        "seconds": dict(found.seconds),
        "baseline": _candidate(found.baseline),
        "best": None if found.best is None else _candidate(found.best),
        "speedup": _ratio(found.ratio),
        "confirmed": confirmed is not None,
        "rounds": confirmed.rounds if confirmed is not None else 0,
        "step_seconds": dict(confirmed.step_seconds) if confirmed is not None else {},
        "effects": [_effect(one) for one in confirmed.effects] if confirmed is not None else [],
        "accuracy": [_check(one) for one in found.accuracy],
        "rungs": [
            {
                "number": one.number,
                "measured": list(one.measured),
                "window_seconds": one.seconds,
                "survive": list(one.survive),
                "best": one.best,
                "speedup": _ratio(one.ratio),
            }
            for one in found.rungs
        ],
        "candidates": [
            {
                "name": one.candidate.name,
                "settings": dict(one.candidate.settings),
                "processes": one.processes,
                "speedup": _ratio(one.ratio),
                "dropped": dropped.get(one.candidate.name),
            }
            for one in found.standings
        ],
        "known_before": list(found.known_before),
        "left_out": dict(found.left_out),
        "folded": found.folded,
        "code": best_script(found),
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "name": one.name,
        "settings": dict(one.settings),
        "options": one.options.model_dump(mode="json"),
        "batch_size": one.batch_size,
    }


def _ratio(one: Ratio | None) -> dict[str, float] | None:
    return None if one is None else {"value": one.value, "low": one.low, "high": one.high}


def _effect(one: Effect) -> dict[str, Any]:
    return {
        "option": one.option,
        "value": one.value,
        "otherwise": one.otherwise,
        "speedup": _ratio(one.ratio),
        "why": one.why,
    }


def _check(one: AccuracyCheck) -> dict[str, Any]:
    change = one.change
    interval = change.interval if change is not None else None
    return {
        "candidate": one.candidate,
        "steps": one.steps,
        "verdict": change.verdict if change is not None else None,
        "before": list(change.before) if change is not None else [],
        "after": list(change.after) if change is not None else [],
        "difference": None
        if interval is None
        else {"value": interval.value, "low": interval.low, "high": interval.high},
        "why": one.why or (change.why if change is not None else None),
    }
