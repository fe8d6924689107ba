"""Networks built to see whether they can be, before anything is measured."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import keras
import tensorflow as tf

from bench.errors import Fault, InputError
from bench.suite.names import is_import_path
from bench.suite.recipe import OptimizerSpec, TrainSpec
from bench.suite.spec import ModelSpec
from bench.support.exception_text import exception_text
from bench.workload.elements import element_text
from bench.workload.macs import count_macs
from bench.workload.model import optimizer_of, parameters
from bench.workload.networks import Network, build, build_for_elements, freeze
from bench.workload.networks.heads import head_fault, shape_fault
from bench.workload.own_pipeline import OwnPipeline
from bench.workload.replication import check_replicable
from bench.workload.sizes import Complaint, Elements, Size, Subject

__all__ = ["check"]

Way = tuple[str | int, ...]
Found = tuple[tuple[Way, Fault], ...]


def check(subjects: Sequence[Subject], *, pretrained: bool = True) -> Iterator[tuple[int, Size | Complaint]]:
    """For each subject, by its place: its size, or what is wrong with it; nothing is trained.

    A network that several subjects share is built once, with its weights if `pretrained`.
    """
    order = sorted(range(len(subjects)), key=lambda place: _network_key(subjects[place]))
    for _, places in groupby(order, key=lambda place: _network_key(subjects[place])):
        shared = list(places)
        built = _built(subjects[shared[0]], pretrained)
        if not isinstance(built, Network):
            yield from ((place, Complaint(subjects[place].model.name, built)) for place in shared)
            continue
        model = built.as_model("checked")
        for place in shared:
            subject = subjects[place]
            wrong = _wrong(subject, built, model)
            yield place, Complaint(subject.model.name, wrong) if wrong else _size(subject, built, model)


def _network_key(subject: Subject) -> str:
    spec, options = subject.model, subject.options
    return json.dumps(
        [spec.network, spec.weights, spec.args, repr(subject.takes), options.pixels, options.augment, subject.folder],
        sort_keys=True,
    )


def _built(subject: Subject, pretrained: bool) -> Network | Found:
    spec, weights = subject.model, subject.model.weights if pretrained else None
    plain = spec.model_copy(update={"freeze": 0, "weights": weights})
    try:
        return _build(subject, plain)
    except InputError as error:
        key, faults = "network", error.faults
        if weights is not None:
            try:
                _build(subject, plain.model_copy(update={"weights": None}))
                key = "weights"  # they are what is wrong
            except InputError as worse:
                faults = worse.faults
        elif spec.args:
            key = "args"
        return tuple(((key,), fault) for fault in faults)
    except Exception as error:  # code of the user's own
        return ((("network",), Fault(f"{spec.network} can't be built: {exception_text(error)}")),)


def _build(subject: Subject, spec: ModelSpec) -> Network:
    takes, options, folder = subject.takes, subject.options, Path(subject.folder)
    if isinstance(takes, Elements):
        return build_for_elements(spec, options, folder)
    return build(spec, takes.shape, takes.classes, options, folder)


def _wrong(subject: Subject, network: Network, model: keras.Model) -> Found:
    """All that is wrong with how the network, as `model`, is to be trained."""
    spec, train = subject.model, subject.train
    found: list[tuple[Way, Fault]] = []
    fatal, misfits = _misfits(subject, network, model)
    found += [(("network",), fault) for fault in misfits]
    if fatal:
        return tuple(found)
    largest = 0
    for way, amount in _amounts(spec, train):
        try:
            freeze(network.base, amount, spec.network)
        except InputError as error:
            found += [(way, _in_phase(train, way, fault)) for fault in error.faults]
            continue
        trainable, _ = parameters(model)
        largest = max(largest, trainable)
        if not trainable and (amount or train is not None):  # one with no weights at all can be timed
            what = f"freeze: {amount} leaves nothing of {spec.network} to train"
            hint = "a network of your own is counted whole, its head too: freeze less"
            found.append((way, _in_phase(train, way, Fault(what, hint))))
    if train is not None and train.max_params is not None and largest > train.max_params:
        what = f"{spec.name} has {largest:,} trainable parameters, and `max_params` allows {train.max_params:,}"
        found.append((("train", "max_params"), Fault(what, "make it smaller, or raise `max_params`")))
    if train is not None and train.optimizer is not None:
        unfit = _unfit(train.optimizer, train.learning_rate)
        if unfit is not None:
            found.append((("train", "optimizer"), Fault(unfit)))
    return tuple(found)


def _misfits(subject: Subject, network: Network, model: keras.Model) -> tuple[bool, tuple[Fault, ...]]:
    """Why a network of the user's own doesn't go with its data, its loss or its devices; and whether that leaves
    nothing else to look at."""
    name = subject.model.network
    if not is_import_path(name):
        return False, ()
    try:
        check_replicable(network.base, name, subject.options)
    except InputError as error:
        return True, error.faults
    if isinstance(subject.takes, Elements):
        fault = _unlike(subject, model)
        return fault is not None, () if fault is None else (fault,)
    fault = shape_fault(name, network.outputs, network.compiled, subject.takes.classes)
    if fault is not None:
        return True, (fault,)
    fault = head_fault(name, model, network.compiled)
    return False, () if fault is None else (fault,)


def _unlike(subject: Subject, model: keras.Model) -> Fault | None:
    """Why a step of `model` can't be traced on the elements that its pipeline gives; None where it can."""
    takes = subject.takes
    assert isinstance(takes, Elements)
    data = OwnPipeline(takes.data, subject.options, takes.batch_size, 0, Path(subject.folder))
    with tempfile.TemporaryDirectory() as scratch:
        elements = data.training(Path(scratch, "checked")).element_spec
    try:
        tf.function(model.train_step).get_concrete_function(elements)
    except Exception as error:  # code of the user's own
        what = f"{subject.model.network} can't be trained on the elements of {takes.data.name}, "
        what += f"{element_text(elements)}: {exception_text(error)}"
        return Fault(what, "give it what its inputs take; `batched: true` says that the data set gives batches already")
    return None


def _amounts(spec: ModelSpec, train: TrainSpec | None) -> list[tuple[Way, float]]:
    """What is frozen at any time, and where the suite says so."""
    phases = [(i, phase.freeze) for i, phase in enumerate(train.phases if train else ())]
    own: list[tuple[Way, float]] = [
        (("train", "phases", i, "freeze"), amount) for i, amount in phases if amount is not None
    ]
    return [(("freeze",), spec.freeze), *own]  # the windows go by the model's own


def _in_phase(train: TrainSpec | None, way: Way, fault: Fault) -> Fault:
    match way:
        case ("train", "phases", int(i), *_) if train is not None:
            return replace(fault, what=f"phase '{train.phases[i].name}': {fault.what}")
    return fault


def _unfit(optimizer: OptimizerSpec, rate: float | None) -> str | None:
    """Why a step can't be taken with it; Keras looks at some values only then."""
    weight = keras.Variable([1.0])
    try:
        optimizer_of(optimizer, rate).apply([keras.ops.ones(1)], [weight])
    except InputError as error:
        return error.faults[0].what
    except Exception as error:
        return (
            f"the optimizer {optimizer.name} can't take a step with {optimizer.written_args}: {exception_text(error)}"
        )
    return None


def _size(subject: Subject, network: Network, model: keras.Model) -> Size:
    freeze(network.base, subject.model.freeze, subject.model.network)
    trainable, others = parameters(model)
    return Size(trainable, others, count_macs(model).training)
