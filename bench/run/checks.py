"""What can be wrong with a suite once its data and networks are known: told before anything is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bench.errors import Fault, InputError
from bench.results.record import DataInfo
from bench.run.plan import Planned
from bench.suite.options import Options
from bench.suite.spec import Cell, Suite
from bench.workload.sizes import Complaint, Size, Subject

__all__ = ["check_batches", "checked"]

Check = Callable[[Sequence[Subject]], Sequence[Size | Complaint | None]]


def check_batches(suite: Suite, cells: Sequence[Cell], info: Callable[[Cell], DataInfo]) -> None:
    """Raise InputError where a batch is larger than the training data: there would be no whole batch."""
    faults: dict[Fault, None] = {}
    for cell in sorted(cells, key=lambda cell: cell.batch_size):
        size, data = cell.batch_size, info(cell)
        if size > data.train_images:
            what = f"a batch of {size:,} is larger than the training data ({data.train_images:,} images of {data.name})"
            place = suite.place("batch_sizes", suite.batch_sizes.index(size))
            faults[Fault(what, f"at most {data.train_images:,}", *place)] = None
    if faults:
        raise InputError(*faults)


def checked(suite: Suite, planned: Sequence[Planned], check: Check) -> tuple[Planned, ...]:
    """The cells, whose data is known, with their networks' sizes.

    Raises InputError with all that is wrong with any of them.

    Networks of the user's own are built where they are to be trained; else the cell itself finds what is wrong.
    """
    subjects = [_subject(one) for one in planned]
    distinct = {repr(subject): subject for subject in subjects if subject is not None}
    answers = dict(zip(distinct, check(list(distinct.values())), strict=True)) if distinct else {}
    complaints = [answer for answer in answers.values() if isinstance(answer, Complaint)]
    if complaints:
        faults = dict.fromkeys(fault for complaint in complaints for fault in _faults(suite, complaint))
        raise InputError(*sorted(faults, key=lambda fault: (str(fault.file), fault.line or 0)))
    sizes = (answers.get(repr(subject)) for subject in subjects)
    return tuple(
        replace(one, size=size) if isinstance(size, Size) else one for one, size in zip(planned, sizes, strict=True)
    )


def _subject(one: Planned) -> Subject | None:
    cell, data = one.cell, one.data
    if one.skip is not None or data is None or (":" in cell.model.network and cell.train is None):
        return None
    side = one.options.image_size
    shape = (side, side, data.shape[2]) if side else data.shape
    options = Options(pixels=one.options.pixels, augment=one.options.augment)  # no other changes the network
    return Subject(cell.model, shape, data.classes, options, cell.train, cell.folder)


def _faults(suite: Suite, complaint: Complaint) -> Iterator[Fault]:
    for way, fault in complaint.faults:
        file, line = suite.place("models", complaint.model, *way)
        yield replace(fault, file=file, line=line)
