"""What is to be said of a row of a training table beside its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.analyse.training.accuracy import values_of
from bench.analyse.training.seeds import Repeats
from bench.report.core.table import Note
from bench.report.training.columns import TrainingColumn, stopped_text
from bench.results.metric import ABSENT
from bench.results.metrics import METRICS
from bench.results.record import Record

__all__ = ["remarks", "restored"]


def remarks(cell: Repeats, shown: Sequence[TrainingColumn]) -> list[str]:
    """The row's, in an order of their own; each may be said of several rows."""
    return [*_missing_seeds(cell), *_ended(cell, shown), *_target(cell), *_interrupted(cell), *_absent(cell, shown)]


def restored(ok: Sequence[Record]) -> Iterator[Note]:
    """Whose weights' the accuracies are, where training may end with others than its last."""
    trained = [record for record in ok if record.training is not None]
    best = [record for record in trained if record.training is not None and record.training.restored]
    if best and len(best) == len(trained):
        yield Note("training ended with the weights of its best epoch: accuracies are theirs")
    elif best:
        yield Note("where the best epoch's weights were restored, accuracies are theirs, and else the last epoch's")


def _missing_seeds(cell: Repeats) -> Iterator[str]:
    for record in cell.records:
        if not record.ok:
            status, failure = record.status.replace("_", " "), record.failure
            why = f" ({failure.stage}: {failure.message})" if failure else ""
            yield f"seed {record.seed} is not among them: {status}{why}"
        elif not record.history:
            yield f"seed {record.seed} is not among them: it wasn't trained"
    for record in cell.apart:
        yield f"seed {record.seed} is not among them: it was measured with other settings"


def _ended(cell: Repeats, shown: Sequence[TrainingColumn]) -> Iterator[str]:
    rules = {record.training.stopped_by for record in cell.trained if record.training is not None}
    if rules - {"epochs"} and not any(one.name == "stopped_by" for one in shown):
        yield f"ended by: {stopped_text(cell.trained)}"


def _target(cell: Repeats) -> Iterator[str]:
    train = cell.first.train
    target = train.target_accuracy if train else None
    if target is None:
        return
    count, reached = len(cell.trained), len(values_of(cell.trained, "seconds_to_target"))
    metric = METRICS["held_out_accuracy"]
    goal = f"its target, {metric.text(target)} {metric.unit} of the held-out images, was"
    if reached == count:
        yield f"{goal} reached"
    elif reached:
        yield f"{goal} reached with {reached} of {count} seeds"
    else:
        yield f"{goal} not reached"


def _interrupted(cell: Repeats) -> Iterator[str]:
    for record in cell.trained:
        after = record.training.resumed_after if record.training is not None else ()
        if after:
            who = f"seed {record.seed}" if len(cell.trained) > 1 else "it"
            epochs = f"epoch{'s' * (len(after) > 1)} {', '.join(map(str, after))}"
            yield f"{who} was interrupted after {epochs}, and went on in another process"


def _absent(cell: Repeats, shown: Sequence[TrainingColumn]) -> Iterator[str]:
    """Why a cell has no figure where others have one; what its target says is said already."""
    titles: dict[str, list[str]] = {}
    train = cell.first.train
    for one in shown:
        if one.metric is None or one.text(cell.trained) != ABSENT:
            continue
        if one.name.endswith(("_to_target", "_to_target_joules")) and train and train.target_accuracy:
            continue
        for why in dict.fromkeys(why for record in cell.trained if (why := one.metric.why_absent(record))):
            titles.setdefault(why, []).append(one.title)
    yield from (f"no {' and no '.join(names)}: {why}" for why, names in titles.items())
