"""Training, as plain values for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.analyse.stats.spread import Spread
from bench.analyse.training.before_after import beside_by_record
from bench.analyse.training.effects import Effect, Level, effects
from bench.analyse.training.settings import settings_of
from bench.report.training.before_after_json import before_after_fields, interval_fields
from bench.results.query import Identity, identity
from bench.results.record import Record

__all__ = ["training_fields"]


def training_fields(records: Sequence[Record], spreads: Mapping[str, Spread]) -> dict[Identity, dict[str, Any]]:
    """Of each of one suite's cells on one host: `train` and `data_spec` as they held for it, `training` (how that
    ended), `settings` (all that decides what it learns, flat), `before_after` and `effects`; null and empty where it
    wasn't trained.

    `before_after` is its cell beside the suite's baseline, seeds together. `effects` are the settings whose value in
    the cell can be held against the base value with all else equal: `gain` is a difference of accuracies (0..1).
    """
    trained = any(record.train is not None for record in records)
    beside = beside_by_record(records, spreads)
    gained: dict[Identity, list[dict[str, Any]]] = {}
    for effect in effects(records) if trained else ():
        for level in effect.levels:
            for record in level.records:
                gained.setdefault(identity(record), []).append(_effect(effect, level))
    return {identity(record): _fields(record, beside, gained) for record in records}


def _fields(record: Record, beside: Mapping[Identity, Any], gained: Mapping[Identity, Any]) -> dict[str, Any]:
    key = identity(record)
    return {
        "train": record.train.plain if record.train is not None else None,
        "data_spec": record.data_spec.plain if record.data_spec is not None else None,
        "training": record.training.model_dump(mode="json") if record.training is not None else None,
        "settings": settings_of(record) if record.train is not None else None,
        "before_after": before_after_fields(beside[key]) if key in beside else None,
        "effects": gained.get(key, []),
    }


def _effect(effect: Effect, level: Level) -> dict[str, Any]:
    interval = level.gain_interval
    return {
        "setting": effect.setting,
        "value": level.value,
        "base": effect.base.value,
        "together_with": effect.company,
        "metric": effect.metric,
        "synthetic": effect.synthetic,
        "mean": sum(level.values) / len(level.values) if level.values else None,
        "seeds": len(level.values),
        "mean_low": interval_fields(level.interval)["low"],
        "mean_high": interval_fields(level.interval)["high"],
        "gain": level.gain,
        "gain_low": interval_fields(interval)["low"],
        "gain_high": interval_fields(interval)["high"],
        "training_seconds": level.seconds,
    }
