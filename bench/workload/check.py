"""Networks built to see whether they can be, before anything is measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import keras

from bench.errors import InputError
from bench.importing import said
from bench.suite.recipe import OptimizerSpec
from bench.suite.spec import ModelSpec
from bench.workload.macs import count_macs
from bench.workload.model import optimizer_of, parameters
from bench.workload.networks import Network, build, freeze
from bench.workload.sizes import Complaint, Size, Subject

__all__ = ["check"]


def check(subjects: Sequence[Subject], *, pretrained: bool = True) -> Iterator[tuple[int, Size | Complaint]]:
    """For each subject, by its place: its size, or what is wrong with it; nothing is trained.

    A network that several subjects share is built once, with its weights if `pretrained`.
    """
    order = sorted(range(len(subjects)), key=lambda place: _network_key(subjects[place]))
    for _, places in groupby(order, key=lambda place: _network_key(subjects[place])):
        shared = list(places)
        first = subjects[shared[0]]
        built = _built(first, pretrained)
        for place in shared:
            subject = subjects[place]
            if isinstance(built, Complaint):
                yield place, Complaint(subject.model.name, built.key, built.what, built.hint)
            else:
                yield place, _checked(subject, built)


def _network_key(subject: Subject) -> str:
    spec, options = subject.model, subject.options
    parts = [spec.network, spec.weights, spec.args, subject.shape, subject.classes, options.pixels, options.augment]
    return json.dumps([*parts, subject.folder], sort_keys=True)


def _built(subject: Subject, pretrained: bool) -> Network | Complaint:
    spec, weights = subject.model, subject.model.weights if pretrained else None
    plain = spec.model_copy(update={"freeze": 0, "weights": weights})
    try:
        return _build(subject, plain)
    except InputError as error:
        key, fault = "network", error.faults[0]
        if weights is not None:
            try:
                _build(subject, plain.model_copy(update={"weights": None}))
                key = "weights"  # they are what is wrong
            except InputError as worse:
                fault = worse.faults[0]
        elif spec.args:
            key = "args"
        return Complaint(spec.name, key, fault.what, fault.hint)
    except Exception as error:  # code of the user's own
        return Complaint(spec.name, "network", f"{spec.network} can't be built: {said(error)}".partition("\n")[0], None)


def _build(subject: Subject, spec: ModelSpec) -> Network:
    return build(spec, subject.shape, subject.classes, subject.options, Path(subject.folder))


def _unfit(optimizer: OptimizerSpec, rate: float | None) -> str | None:
    """Why a step can't be taken with it; Keras looks at some values only then."""
    weight = keras.Variable([1.0])
    try:
        optimizer_of(optimizer, rate).apply([keras.ops.ones(1)], [weight])
    except InputError as error:
        return error.faults[0].what
    except Exception as error:
        shown = ", ".join(f"{name}: {value}" for name, value in optimizer.args.items())
        return f"the optimizer {optimizer.name} can't take a step with {shown}: {said(error)}".partition("\n")[0]
    return None


def _checked(subject: Subject, network: Network) -> Size | Complaint:
    spec, train = subject.model, subject.train
    model = keras.Model(network.inputs, network.outputs)
    amounts: list[tuple[str, Any]] = [("freeze", spec.freeze)]
    if train is not None:
        amounts += [("train", phase.freeze) for phase in train.stages(spec.freeze)]
    largest, most = (0, 0), train.max_params if train else None
    for key, amount in amounts:
        try:
            freeze(network.base, amount, spec.network)
        except InputError as error:
            return Complaint(spec.name, key, error.faults[0].what, error.faults[0].hint)
        largest = max(largest, parameters(model))
    if most is not None and largest[0] > most:
        what = f"{spec.name} has {largest[0]:,} trainable parameters, and `max_params` allows {most:,}"
        return Complaint(spec.name, "train", what, "make it smaller, or raise `max_params`")
    if train is not None and train.optimizer is not None:
        unfit = _unfit(train.optimizer, train.learning_rate)
        if unfit is not None:
            return Complaint(spec.name, "train", unfit, None)
    freeze(network.base, spec.freeze, spec.network)
    trainable, others = parameters(model)
    return Size(trainable, others, count_macs(model).training)
