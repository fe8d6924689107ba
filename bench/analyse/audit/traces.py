"""What an audit keeps of each record to compare it with all others: little, for there are many."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import numpy as np

from bench.analyse.audit.declaration import AuditKind, Doubt
from bench.results.fingerprint import canonical, fingerprint
from bench.results.record import Epoch, Record
from bench.suite.recipe import NOTHING_LEARNT

__all__ = ["COSTS", "PackedTraces", "Trace", "Where", "close_pairs", "of_both", "step_times", "trace_of"]

COSTS: Final = ("compile_seconds", "peak_resident_bytes", "peak_gpu_allocator_bytes")
"""What a cell takes beside time, which hangs on its options and little on luck."""
_FEWEST: Final = 5
_RELATIVE: Final = 9
"""Digits of a window's time as a share of another's in the same record."""
_ROWS: Final = 1_000
"""Vectors that are multiplied at a time with all."""
_LEARNT_OTHERWISE: Final = ("precision", "augment", "batch_map", "image_size")
"""Options that another curve comes of, if only in its last digits."""
_LEARNT_ALIKE: Final = NOTHING_LEARNT | {
    "epochs",
    "target_accuracy",
    "stop_at_target",
    "early_stopping",
    "restore_best",
}
"""Keys of `train` that change where a curve ends, and nothing of how it goes until then."""


class Where(NamedTuple):
    """A record's place: its file under the tree, and its line there; and what names it to people."""

    file: str
    line: int
    host: str
    team: str | None
    suite: str
    cell: str
    started: str

    def __str__(self) -> str:
        team = f"team {self.team}'s " if self.team is not None else ""
        return f"{team}{self.cell} on {self.host} ({self.file}:{self.line})"


@dataclass(frozen=True, slots=True)
class Trace:
    """`seconds` are those of its windows and then of its epochs, `steps` those of the windows; `losses` the epochs',
    and `epochs`, [epochs, 3], the logarithms of training's and validation's loss, and the accuracy of validation.

    `work` is equal for records that do the same, `machine` for those of machines of one kind, `network` for those that
    share a baseline, `learning` for trainings that should go alike, `training` for those that differ in seed and data
    alone, `curve` for those that may have the very same curve, and `process` for records of one process.
    `proportions` are equal where sorted step times, as multiples of the least, are; empty where there are too few.
    `costs` are the values of `COSTS`, NaN where one wasn't told.
    """

    seconds: np.ndarray
    steps: np.ndarray
    epochs: np.ndarray
    where: Where
    proportions: bytes
    losses: tuple[float, ...]
    costs: tuple[float, ...]
    baseline: bool
    work: str
    machine: str
    network: tuple[str, str, int]
    learning: tuple[str, str]
    training: str
    curve: str
    process: tuple[object, ...]


class PackedTraces:
    """Traces on their way between processes: many small arrays take five times as long as one."""

    _ARRAYS: Final = ("seconds", "steps", "epochs")
    """The first fields of a trace."""

    def __init__(self, traces: Sequence[Trace]) -> None:
        others = [one.name for one in fields(Trace) if one.name not in self._ARRAYS]
        self._others = [[getattr(trace, name) for trace in traces] for name in others]
        self._arrays = [_joined([getattr(trace, name) for trace in traces]) for name in self._ARRAYS]

    def traces(self) -> list[Trace]:
        """As they were, their arrays parts of larger ones."""
        return [*map(Trace, *map(_apart, self._arrays), *self._others)]


def _joined(parts: Sequence[np.ndarray]) -> tuple[np.ndarray, list[int]]:
    """All of them as one, and where each ends."""
    if not parts:
        return np.empty(0), []
    return np.concatenate(parts), np.cumsum([len(part) for part in parts]).tolist()


def _apart(joined: tuple[np.ndarray, list[int]]) -> list[np.ndarray]:
    array, ends = joined
    return [array[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def step_times(trace: Trace) -> np.ndarray:
    """Seconds a step of each window."""
    return _step_times(trace.seconds, trace.steps)


def _step_times(seconds: np.ndarray, steps: np.ndarray) -> np.ndarray:
    return np.asarray(seconds[: len(steps)] / np.maximum(steps, 1))


def close_pairs(vectors: np.ndarray, least: float) -> Iterator[tuple[int, int, float]]:
    """Each two of the vectors, [vectors, dimensions] and of length 1, whose product is above `least`, once."""
    for start in range(0, len(vectors), _ROWS):
        products = vectors[start : start + _ROWS] @ vectors[start:].T
        for row, other in np.argwhere(products > least):
            if other > row:
                yield int(start + row), int(start + other), float(products[row, other])


def of_both(
    kind: AuditKind, traces: Sequence[Trace], one: int, other: int, what: str, *, sure: bool = True
) -> Iterator[tuple[int, Doubt]]:
    """The same doubt about two records, each of which names the other."""
    for mine, its in ((one, other), (other, one)):
        yield mine, kind.odd(f"{what} {traces[its].where}", "certain" if sure else "likely")


def _training(record: Record) -> str:
    """What decides what is learnt, beside the seed and the data. How steps are executed and batches are fetched is left
    out: on one kind of processor a training gives the very same losses with caches, prefetching or several steps an
    execution as without."""
    options = record.options.complete
    train = record.train.plain if record.train is not None else {}
    told = canonical(
        {
            "batch_size": record.batch_size,
            "model": record.workload.model.plain,
            "train": {name: value for name, value in train.items() if name not in _LEARNT_ALIKE},
            "options": {name: options.get(name) for name in _LEARNT_OTHERWISE},
        }
    )
    return fingerprint(told)


def trace_of(record: Record, where: Where) -> Trace:
    """The trace of a record."""
    device = record.device
    training = _training(record) if record.history else ""
    timed = [window.seconds for window in record.windows] + [epoch.seconds for epoch in record.history]
    seconds = np.array(timed, dtype=np.float64)
    steps = np.array([window.steps for window in record.windows], dtype=np.float64)
    turns = record.turns
    return Trace(
        seconds,
        steps,
        np.array([_epoch(epoch) for epoch in record.history], dtype=np.float64).reshape(-1, 3),
        where,
        _proportions(_step_times(seconds, steps)),
        tuple(epoch.loss for epoch in record.history),
        tuple(record.values.get(name) or math.nan for name in COSTS),
        record.baseline,
        record.fingerprint,
        f"{device.gpu_name or device.name or device.kind} {device.cores if not device.is_gpu else ''}",
        (record.suite, record.model, record.batch_size),
        (record.accuracy_fingerprint, device.kind),
        training,
        f"{training} {record.seed} {record.data.digest if record.data is not None else ''}" if training else "",
        (
            record.host,
            record.team,
            record.suite,
            record.cell,
            record.seed,
            record.started,
            (turns.run, turns.round, turns.group, turns.place) if turns is not None else None,
        ),
    )


def _epoch(epoch: Epoch) -> tuple[float, float, float]:
    loss, accuracy = epoch.val_loss, epoch.val_accuracy
    return _log(epoch.loss), _log(loss) if loss is not None else math.nan, math.nan if accuracy is None else accuracy


def _log(value: float) -> float:
    return math.log(value) if value > 0 else math.nan


def _proportions(times: np.ndarray) -> bytes:
    if len(times) < _FEWEST or times.min() <= 0 or times.max() <= times.min() * (1 + 1e-6):
        return b""
    ordered = np.sort(times)
    return hashlib.blake2b(np.round(ordered / ordered[0], _RELATIVE).tobytes(), digest_size=16).digest()
