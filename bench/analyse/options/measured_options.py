"""A point in the space of options that was measured: its workload, and what its steps and its start took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bench.analyse.comparable import unfit
from bench.instruments.stats import estimate_of
from bench.results.fingerprint import canonical
from bench.results.pair import Pair, Side
from bench.results.record import Attribution, Record
from bench.results.recorded_setup import Workload
from bench.results.window_stats import impossible, step_seconds
from bench.suite.options import Options
from bench.support.memo import cached_by_identity

__all__ = [
    "NOTEBOOK",
    "MeasuredOptions",
    "Settings",
    "WorkKey",
    "corner_of_record",
    "corners_of_pair",
    "setting_key",
    "settings",
    "switched",
    "work_key",
]

WorkKey = tuple[str, frozenset[tuple[str, str]]]
"""All that isn't an option as JSON, and each option's name and value as JSON."""

Settings = Mapping[str, Any]
"""Options by name, `auto` settled. `batch_map` holds its function's name and the hash of its source."""

NOTEBOOK: Settings = MappingProxyType(Options().model_dump(mode="json"))
"""The notebook's pipeline."""


@dataclass(frozen=True)
class MeasuredOptions:
    """What was measured with one set of options.

    `compile_seconds`, what the first execution took beyond a steady one, is of one process, as is `fill_seconds`, what
    the pipeline alone took for the pass that filled its cache beyond a later one. `warm_steps` came before the first
    window. None where it isn't known.
    """

    workload: Workload
    step_seconds: float
    compile_seconds: float | None = None
    fill_seconds: float | None = None
    warm_steps: float | None = None

    @property
    def settings(self) -> Settings:
        return settings(self.workload)

    @property
    def key(self) -> WorkKey:
        """Equal for corners that run the same work."""
        return work_key(self.workload)

    def with_option(self, name: str, value: Any) -> WorkKey:
        """The key of the corner that has this value of the option and is otherwise equal."""
        beside, options = self.key
        return beside, frozenset({**dict(options), name: canonical(value)}.items())

    @property
    def epoch_steps(self) -> int | None:
        """Steps that an epoch of whole batches takes; 1 at least. None where that isn't known."""
        images = self.workload.data.train_images
        return None if images is None else max(1, images // self.workload.batch_size)


@cached_by_identity
def settings(workload: Workload) -> Settings:
    """The options of a workload, in the house's order; one that it doesn't name has the notebook's value."""
    found = {**NOTEBOOK, **workload.options.plain}
    source = found.pop("batch_map_source", None)
    if found["batch_map"] is not None:
        found["batch_map"] = [found["batch_map"], source]
    return MappingProxyType(found)


def switched(options: Settings, off: Settings) -> dict[str, Any]:
    """The options whose values are not those of `off`, in the house's order."""
    return {name: value for name, value in options.items() if value != off.get(name)}


@cached_by_identity
def work_key(workload: Workload) -> WorkKey:
    """Equal for equal work."""
    options = {name: canonical(value) for name, value in settings(workload).items()}
    return canonical({**workload.plain, "options": None}), frozenset(options.items())


@cached_by_identity
def setting_key(workload: Workload) -> str:
    """Equal where network, data, batch and software are, whatever the options.

    The shape of the data is left out, since an option sets it.
    """
    data = {name: value for name, value in workload.data.plain.items() if name != "shape"}
    return canonical({**workload.plain, "options": None, "data": data})


def corner_of_record(record: Record) -> MeasuredOptions | None:
    """What a record that went well, in a way that counts, has measured; else None."""
    found = None if unfit(record) or not record.counts else estimate_of(record.timed)
    if found is None:
        return None
    steps, batches = record.values.get("steps"), record.options.batches_per_step
    return MeasuredOptions(
        record.workload,
        found.step_seconds / batches,
        record.values.get("compile_seconds"),
        _fill_seconds(record.attribution),
        None if steps is None else (steps - sum(window.steps for window in record.windows)) * batches,
    )


def corners_of_pair(pair: Pair) -> tuple[MeasuredOptions, MeasuredOptions] | None:
    """What a pair that went well, in a way that counts, has measured of its sides a and b; else None."""
    a = [window for one in pair.rounds for window in one.a]
    b = [window for one in pair.rounds for window in one.b]
    whole = all(one.a and one.b for one in pair.rounds)
    ours, theirs = step_seconds(a), step_seconds(b)
    if not pair.ok or pair.executor not in ("local", "ray") or not whole or ours is None or theirs is None:
        return None
    return (
        MeasuredOptions(pair.a.workload, ours / _batches(pair.a), compile_seconds=pair.a.compile_seconds),
        MeasuredOptions(pair.b.workload, theirs / _batches(pair.b), compile_seconds=pair.b.compile_seconds),
    )


def _batches(side: Side) -> int:
    return side.workload.options.batches_per_step


def _fill_seconds(loops: Attribution | None) -> float | None:
    steady = step_seconds(loops.pipeline) if loops else None
    if loops is None or loops.filling is None or steady is None or impossible((loops.filling,)):
        return None
    return max(0.0, loops.filling.seconds - loops.filling.steps * steady)
