"""Accuracies that no count of images gives, and curves that don't fit their end."""

from __future__ import annotations

import math
from collections.abc import Iterator

from bench.analyse.audit.declaration import AuditKind, Doubt, check
from bench.host.profile import HostProfile
from bench.results.record import Record
from bench.results.window_stats import step_seconds

__all__ = ["accuracy"]

COUNTS = AuditKind("image-counts", "an accuracy is no whole number of its images")
CURVE = AuditKind("curve", "losses, accuracies and times of epochs don't go together, or not with what came of them")

_OFF = 0.02
_MOST_IMAGES = 100_000
"""Beyond, an accuracy in single precision has too few digits to count them."""
_LEAST_LOSS = 0.98 * math.log(2)
"""Of an image that is classified wrong: its own class has at most half of the probability."""
_FASTER = 4.0
_STAGE = 1.01


@check(COUNTS, CURVE)
def accuracy(record: Record, _: HostProfile | None) -> Iterator[Doubt]:
    """`image-counts`, `curve`: accuracies that no count of images gives; epochs that don't fit each other."""
    found = record.accuracy
    if found is None or not record.counts:
        return
    told = (
        ("held-out", found.held_out, found.held_out_images),
        ("test", found.test, found.test_images),
        ("training", found.train, found.train_images),
    )
    for what, share, images in told:
        if share is not None and _not_whole(share, images):
            yield COUNTS.odd(
                f"a {what} accuracy of {share:.6%} is {share * images:.3f} of {images:,} images", "certain"
            )
    if record.history:
        yield from _counted(record)
        yield from _ends(record)
        yield from _epochs(record)
        yield from _times(record)


def _not_whole(share: float, images: int) -> bool:
    return 0 < images <= _MOST_IMAGES and abs(share * images - round(share * images)) > _OFF


def _counted(record: Record) -> Iterator[Doubt]:
    """Each epoch's accuracies are counts of the images of its whole batches, and of those held out."""
    assert record.accuracy is not None
    if record.workload.model.is_own:
        return  # its metrics may be any
    # a function of batches may give more images than it takes
    images = record.global_batch_size if record.options.batch_map is None else 0
    held_out = record.accuracy.held_out_images if _whole_validation(record) else 0
    wrong = sum(
        share is not None and _not_whole(share, of)
        for epoch in record.history
        for share, of in ((epoch.accuracy, epoch.steps * images), (epoch.val_accuracy, held_out))
    )
    if wrong:
        evidence = f"{wrong} accuracies of its {len(record.history)} epochs are no whole number of the images"
        yield COUNTS.odd(f"{evidence} that they are of", "certain")


def _ends(record: Record) -> Iterator[Doubt]:
    """What the training came to is the last epoch's, or the best one's where that was restored."""
    found, training = record.accuracy, record.training
    assert found is not None
    if training is None or found.held_out is None:
        return
    if training.best_epoch > len(record.history):
        yield CURVE.odd(f"its best epoch is the {training.best_epoch}th of {len(record.history)}", "certain")
        return
    last = training.best_epoch if training.restored else len(record.history)
    epoch, steps = record.history[last - 1], sum(epoch.steps for epoch in record.history[:last])
    if steps != found.steps and not training.resumed_after:
        evidence = f"the epochs that it was trained have {steps} steps, and its accuracy is that after {found.steps}"
        yield CURVE.odd(evidence, "certain")
    if epoch.val_accuracy is None or not found.held_out_images or not _whole_validation(record):
        return
    apart = abs(epoch.val_accuracy - found.held_out)
    if apart > 0.02 + 2 / found.held_out_images:
        evidence = f"its accuracy is {found.held_out:.4%}, and that of the epoch that it is of {epoch.val_accuracy:.4%}"
        yield CURVE.odd(evidence, "certain")


def _whole_validation(record: Record) -> bool:
    """Was each epoch judged on all held-out images?"""
    return record.train is None or record.train.validation_steps is None


def _epochs(record: Record) -> Iterator[Doubt]:
    if record.workload.model.is_own:
        return  # its loss may be any
    for epoch in record.history:
        if epoch.val_loss is not None and epoch.val_accuracy is not None:
            least = _LEAST_LOSS * (1 - epoch.val_accuracy)
            if epoch.val_loss < least:
                evidence = f"{epoch.val_accuracy:.2%} right give a cross-entropy of at least {least:.4f}"
                yield CURVE.impossible(f"epoch {epoch.epoch}: {evidence}, and it is {epoch.val_loss:.4f}")
                return
    numbers = [epoch.epoch for epoch in record.history]
    if numbers != list(range(1, len(numbers) + 1)):
        yield CURVE.odd("its epochs aren't numbered from 1 on", "certain")
    losses = [epoch.loss for epoch in record.history]
    if len(set(losses)) < len(losses) / 2:
        yield CURVE.odd("most of its epochs have the very loss of another")


def _times(record: Record) -> Iterator[Doubt]:
    took = sum(epoch.seconds + (epoch.val_seconds or 0) for epoch in record.history)
    stage = record.stages.get("training")
    if (
        stage is not None
        and took > stage * _STAGE
        and record.training is not None
        and not record.training.resumed_after
    ):
        yield CURVE.impossible(f"its epochs take {took:.4g} s together, and the stage they lie in {stage:.4g}")
    steps, step = sum(epoch.steps for epoch in record.history), step_seconds(record.windows)
    seconds = sum(epoch.seconds for epoch in record.history)
    if step is not None and steps and seconds * _FASTER < steps * step:
        evidence = f"its epochs take {seconds / steps * 1e3:.4g} ms a step, its windows {step * 1e3:.4g}"
        yield CURVE.odd(evidence)
