"""The metrics of a training to accuracy, computed from a record's epochs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.results.metric import Metric, significant
from bench.results.metric_kinds import bytes_metric, count_metric, seconds_metric, share_metric
from bench.results.record import Epoch, Record

__all__ = ["TRAINING_METRICS", "counted_epoch", "training_absences"]


def counted_epoch(record: Record) -> Epoch | None:
    """The epoch whose weights the record's accuracies are of: the best where they were restored, else the last."""
    if not record.history:
        return None
    if record.training is not None and record.training.restored:
        return next((one for one in record.history if one.epoch == record.training.best_epoch), None)
    return record.history[-1]


def _epochs(record: Record) -> float | None:
    return len(record.history) or None


def _best_epoch(record: Record) -> float | None:
    return record.training.best_epoch if record.training else None


def _training_seconds(record: Record) -> float | None:
    return sum(epoch.seconds for epoch in record.history) if record.history else None


def _with_validation(epochs: Sequence[Epoch]) -> float | None:
    return sum(epoch.seconds + (epoch.val_seconds or 0.0) for epoch in epochs) if epochs else None


def _to_target(record: Record) -> tuple[Epoch, ...]:
    """The epochs until the target was reached, that one included; none where it wasn't, or there is none."""
    target = record.train.target_accuracy if record.train else None
    for count, epoch in enumerate(record.history, start=1):
        if target is not None and epoch.val_accuracy is not None and epoch.val_accuracy >= target:
            return record.history[:count]
    return ()


def _energy(epochs: Sequence[Epoch]) -> float | None:
    known = [epoch.energy_joules for epoch in epochs if epoch.energy_joules is not None]
    return sum(known) if known and len(known) == len(epochs) else None


def _test_accuracy(record: Record) -> float | None:
    return record.accuracy.test if record.accuracy else None


def _gap(record: Record) -> float | None:
    found = record.accuracy
    if found is None or not record.history or not found.train_images or found.held_out is None:
        return None
    return found.train - found.held_out


TRAINING_METRICS = (
    count_metric("epochs", "epochs", None, "epochs that were trained until a rule ended it, or all were done", _epochs),
    count_metric("best_epoch", "best epoch", None, "epoch whose monitored figure was the best", _best_epoch),
    seconds_metric(
        "training_seconds",
        "training time",
        "seconds of all epochs, each from its first batch to the end of its last; validation is not in it",
        _training_seconds,
    ),
    seconds_metric(
        "training_and_validation_seconds",
        "training time with validation",
        "the same with the validation after each epoch",
        lambda record: _with_validation(record.history),
    ),
    seconds_metric(
        "seconds_to_target",
        "time to target",
        "training and validation until held-out accuracy first reached `target_accuracy`; the step is traced and "
        "compiled before the first epoch, and that is not in it",
        lambda record: _with_validation(_to_target(record)),
    ),
    Metric(
        "training_energy_joules",
        "training energy",
        "J",
        "lower",
        significant,
        1,
        "what the GPU took for all epochs, validation included",
        lambda record: _energy(record.history),
    ),
    Metric(
        "energy_to_target_joules",
        "energy to target",
        "J",
        "lower",
        significant,
        1,
        "what the GPU took until held-out accuracy first reached `target_accuracy`",
        lambda record: _energy(_to_target(record)),
    ),
    share_metric(
        "test_accuracy",
        "test accuracy",
        "share of the data set's test images that were classified right, by the weights that training ended with",
        _test_accuracy,
    ),
    Metric(
        "accuracy_gap",
        "overfitting",
        "points",
        "lower",
        "+.1f",
        100,
        "training accuracy less held-out accuracy, in per cent: how much better the network knows what it was shown",
        _gap,
    ),
    bytes_metric(
        "training_peak_resident_bytes",
        "peak memory, trained",
        "most main memory that the cell's process held until its training had ended, what it shares with other cells "
        "(the data set, TensorFlow's code) included",
    ),
    bytes_metric(
        "training_peak_gpu_allocator_bytes",
        "peak GPU memory, trained",
        "most that TensorFlow had allocated on the GPU during the training",
    ),
)


def training_absences(record: Record) -> dict[str, str]:
    """Why a record has no figure of its training, by metric name."""
    return {name: why for name, why in _reasons(record) if name not in record.absent}


def _reasons(record: Record) -> Iterator[tuple[str, str]]:
    if record.train is None:
        yield from ((metric.name, "the suite doesn't train: it has no `train`") for metric in TRAINING_METRICS)
        return
    target = record.train.target_accuracy
    reached, held_out = _to_target(record), [e.val_accuracy for e in record.history if e.val_accuracy is not None]
    if target is None:
        why = "the suite sets no `target_accuracy`"
    else:
        best = f"; the best was {max(held_out):.1%}" if held_out else ""
        why = f"{target:.1%} of the held-out images was not reached{best}"
    if not reached:
        yield "seconds_to_target", why
    if _energy(reached) is None:
        yield "energy_to_target_joules", why if not reached else _no_energy(record)
    if _energy(record.history) is None:
        yield "training_energy_joules", _no_energy(record)
    if _gap(record) is None:
        yield "accuracy_gap", _why_no_gap(record)


def _why_no_gap(record: Record) -> str:
    if record.accuracy is None:
        return record.absent.get("accuracy", "no images were held out")
    return "no images were held out" if record.accuracy.train_images else _RUNNING_MEAN


_RUNNING_MEAN = "its training accuracy is a mean over steps whose weights changed; measure it again"


def _no_energy(record: Record) -> str:
    if record.training is not None and record.training.resumed_after:
        return "the training was interrupted: what the GPU took for its earlier epochs is not known"
    return record.absent.get("gpu_energy_joules", "the GPU's energy was not read")
