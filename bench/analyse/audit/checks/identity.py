"""What a record says it is of, in several places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.analyse.audit.declaration import AuditKind, Doubt, check
from bench.host.profile import HostProfile
from bench.results.fingerprint import canonical, fingerprint
from bench.results.record import Record
from bench.results.recorded_setup import Workload
from bench.suite.recipe import NOTHING_LEARNT
from bench.support.memo import cached_by_identity

__all__ = ["identity"]

FINGERPRINT = AuditKind("fingerprint", "its fingerprint isn't that of the workload that it tells of")
NAMES = AuditKind("names", "one thing that is told in two places isn't the same in both")
SIZES = AuditKind("sizes", "parameters, training state and operations don't go together")

_WITH_SEALS = 7
_SIZE_APART = 0.02
_ADAM_STATE = 3
_BYTES = 4


@check(FINGERPRINT, NAMES, SIZES)
def identity(record: Record, _: HostProfile | None) -> Iterator[Doubt]:
    """`fingerprint`, `names`, `sizes`: cell, workload, options and sizes contradict each other."""
    timing, own = _timing(record.workload)
    if own != record.fingerprint:
        yield FINGERPRINT.odd("the workload that it tells of has another fingerprint", "certain")
    elif record.data is not None and record.schema_version >= _WITH_SEALS:
        train = record.train.plain if record.train else None
        learnt = train and {name: value for name, value in train.items() if name not in NOTHING_LEARNT}
        digest, text = canonical(record.data.digest), canonical(learnt)
        whole = f'{{"digest":{digest},"seed":{record.seed},"timing":{timing},"train":{text}}}'
        if fingerprint(whole) != record.accuracy_fingerprint:
            yield FINGERPRINT.odd("data, seed and training that it tells of have another fingerprint", "certain")
    for what, one, other in _told_twice(record):
        if one != other:
            yield NAMES.odd(f"{what} is {one} in one place and {other} in another", "certain")
    if record.team is not None and record.schema_version < _WITH_SEALS and "team" in record.model_fields_set:
        yield NAMES.odd(f"it is of version {record.schema_version}, and names a team, as none did by then", "possible")
    yield from _sizes(record)


def _told_twice(record: Record) -> Iterator[tuple[str, Any, Any]]:
    beginning = f"{record.model}/{record.variant}/b{record.batch_size}"
    yield "its cell", record.cell[: len(beginning)], beginning
    yield "its batch size", record.batch_size, record.workload.batch_size
    for name, version in record.workload.software.items():
        yield name, record.software.get(name, version), version
    ours, theirs = record.options.complete, record.workload.options.complete
    for name in ("precision", "xla", "steps_per_execution", "source", "cache"):
        yield f"its option {name}", ours.get(name), theirs.get(name)


def _sizes(record: Record) -> Iterator[Doubt]:
    trainable, state = record.values.get("trainable_params"), record.values.get("train_state_bytes")
    if trainable and state and record.workload.optimizer is None and not record.workload.model.is_own:
        wanted = _BYTES * (_ADAM_STATE * trainable + (record.values.get("non_trainable_params") or 0))
        if abs(state / wanted - 1) > _SIZE_APART:
            evidence = f"{trainable:,.0f} parameters under Adam take {wanted:,.0f} bytes to train"
            yield SIZES.odd(f"{evidence}, and it tells of {state:,.0f}", "certain")
    forward, training = record.values.get("macs_per_image"), record.values.get("training_macs_per_image")
    if forward and training and not 1 <= training / forward <= 3 * (1 + _SIZE_APART):
        yield SIZES.odd(f"training an image takes {training / forward:.2f} times what judging it takes, not 1 to 3")
    steps, counted = record.values.get("steps"), sum(window.steps for window in record.windows)
    if steps is not None and counted > steps:
        yield SIZES.odd(f"its windows hold {counted} steps of the {steps:.0f} that were taken", "certain")


@cached_by_identity
def _timing(workload: Workload) -> tuple[str, str]:
    """The text that a fingerprint is made of, and that; records that were read together share their workload."""
    text = canonical(workload.plain)
    return text, fingerprint(text)
