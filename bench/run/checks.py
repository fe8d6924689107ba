"""What can be wrong with a suite once its data and networks are known: told before anything is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from bench.errors import Fault, InputError
from bench.results.record import DataInfo
from bench.run.plan import Planned
from bench.suite.cells import Cell, Suite
from bench.suite.names import is_import_path
from bench.suite.options import Options
from bench.suite.replication import global_batch_size, unshared_batch
from bench.workload.sizes import Complaint, Elements, Images, Size, Subject

__all__ = ["asks_tensorflow", "check_batches", "checked"]

Check = Callable[[Sequence[Subject]], Sequence[Size | Complaint | None]]


def check_batches(suite: Suite, cells: Sequence[Cell], info: Callable[[Cell], DataInfo]) -> None:
    """Raise InputError where a batch is larger than the training data, so that there would be no whole batch, where
    several devices can't share it evenly, and where a pipeline of the user's own gives batches of another size."""
    faults: dict[Fault, None] = {}
    for cell in sorted(cells, key=lambda cell: cell.batch_size):
        options, data = cell.variant.options, info(cell)
        place = suite.place("batch_sizes", suite.batch_sizes.index(cell.batch_size))
        known = options if options.devices != "all" else Options()  # how many these are depends on the machine
        size = global_batch_size(cell.batch_size, known)
        if (why := unshared_batch(cell.batch_size, int(known.devices), known)) is not None:
            hint = f"write a multiple of {known.devices}, or `batch: per_replica` in {cell.variant.name}"
            faults[Fault(f"{cell.variant.name}: {why}", hint, *place)] = None
        given = data.pipeline.batch_size if data.pipeline is not None else None
        if data.train_images is not None and size > data.train_images:
            there = f"{data.train_images:,} {data.unit_of_examples} of {data.name}"
            what = f"a batch of {size:,} is larger than the training data ({there})"
            faults[Fault(what, f"at most {data.train_images:,}", *place)] = None
        elif given is not None and given != size:
            what = f"{data.name} gives batches of {given:,}, and the suite asks for {size:,}"
            hint = f"write batch_sizes: [{given}], or let the function take `batch_size`"
            faults[Fault(what, hint, *place)] = None
    if faults:
        raise InputError(*faults)


def checked(suite: Suite, planned: Sequence[Planned], check: Check) -> tuple[Planned, ...]:
    """The cells, whose data is known, with their networks' sizes.

    Raises InputError with all that is wrong with any of them.

    Where the networks can't be built because that ends or hangs their process, that is wrong too. But not with networks
    of the user's own that are only timed: their cells will end in the same way, and cost no others.
    """
    subjects = [_subject(one) for one in planned]
    distinct = {repr(subject): subject for subject in subjects if subject is not None}
    answers: dict[str, Size | Complaint | None] = {}
    for (may_fail, *_), group in groupby(sorted(distinct.items(), key=_process), key=_process):
        alike = dict(group)
        try:
            answers |= zip(alike, check(list(alike.values())), strict=True)
        except InputError:
            if not may_fail:
                raise
    complaints = [answer for answer in answers.values() if isinstance(answer, Complaint)]
    if complaints:
        faults = dict.fromkeys(fault for complaint in complaints for fault in _faults(suite, complaint))
        raise InputError(*sorted(faults, key=lambda fault: (str(fault.file), fault.line or 0)))
    sizes = (answers.get(repr(subject)) for subject in subjects)
    return tuple(
        replace(one, size=size) if isinstance(size, Size) else one for one, size in zip(planned, sizes, strict=True)
    )


def asks_tensorflow(one: Planned) -> bool:
    """Is there more to be found out of this cell than what a suite alone says?"""
    return one.cell.train is not None or is_import_path(one.cell.model.network)


def _subject(one: Planned) -> Subject | None:
    cell, data = one.cell, one.data
    if one.skip is not None or data is None:
        return None
    env = one.options.env if is_import_path(cell.model.network) else {}
    # no other changes the network, or what of it can't be trained
    kept = one.options.model_dump(include={"pixels", "augment", "devices", "strategy"})
    options = Options(**kept, env=env)
    images = data.images(one.options.image_size)
    if images is None or data.classes is None:
        options = one.options.model_copy(update={"env": env})  # the whole step is traced
        return Subject(cell.model, Elements(cell.data, one.global_batch_size), options, cell.train, cell.folder)
    return Subject(cell.model, Images(images, data.classes), options, cell.train, cell.folder)


def _process(named: tuple[str, Subject]) -> tuple[bool, str, list[tuple[str, str]]]:
    """What networks have in common that are built in one process: it may end with them, it has one environment, and
    what one module of the user's own does as it is imported is no other's affair."""
    _, subject = named
    module, own, _ = subject.model.network.partition(":")
    return subject.is_own_and_timed, module if own else "", sorted(subject.options.env.items())


def _faults(suite: Suite, complaint: Complaint) -> Iterator[Fault]:
    for way, fault in complaint.faults:
        file, line = suite.place("models", complaint.model, *way)
        yield replace(fault, file=file, line=line)
