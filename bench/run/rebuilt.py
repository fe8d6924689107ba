"""What a record says was trained, as something to build again without taking the record's word for any code.

A record names networks, data sets and files, and may come from anyone. What is built is of the house, by its name; or
the user's own, as the suite in a folder that the user named has it, and then from files in that folder alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from bench.errors import Fault, InputError, gathered, nearest
from bench.results.record import Record
from bench.results.safe_paths import is_plain, lies_below
from bench.results.stored_weights import weights_of
from bench.suite import load
from bench.suite.cells import Suite
from bench.suite.names import DATA_SETS, HOUSE_NETWORKS, NETWORKS, is_import_path
from bench.suite.options import Options
from bench.suite.spec import DataSpec, ModelSpec
from bench.suite.user_code import confined_source
from bench.support.frozen import Frozen

__all__ = ["Rebuilt", "rebuilt"]

FOLDER_HINT = "`--folder` names the folder where its suite lies"

_MOST_IMAGES, _MOST_BYTES = 10**6, 2**32
_TELLING = ("pixels", "augment", "image_size", "precision")

F = TypeVar("F", bound=Frozen)


@dataclass(frozen=True)
class Rebuilt:
    """The network of a `record`, its options, its data and the file of its weights.

    `folder` is where code of the user's own lies that the network or the data need; None: there is none.
    """

    record: Record
    weights: Path
    model: ModelSpec
    options: Options
    data: DataSpec
    folder: Path | None

    @property
    def own_network(self) -> bool:
        return is_import_path(self.model.network)


def rebuilt(record: Record, home: Path, folder: Path | None) -> Rebuilt:
    """What `record`, which lies in the folder of results `home`, trained; own code and its suite lie in `folder`.

    Nothing is imported, and nothing that the record names is opened. Raises InputError with all that hinders it.
    """
    suite = _Suites(record, folder)
    parts: tuple[Callable[[], Any], ...] = (
        lambda: _weights(record, home),
        lambda: _model(record, suite),
        lambda: _options(record),
        lambda: _data(record, suite),
    )
    weights, model, options, data = gathered(parts)
    return Rebuilt(record, weights, model, options, data, folder if suite.is_needed else None)


def _weights(record: Record, home: Path) -> Path:
    weights = weights_of(home, record)
    hint = "`bench run SUITE --set train.keep_weights=true` keeps them"
    if record.training is None or record.training.weights is None:
        why = record.absent.get("weights")
        what = f"{record.cell}: what was trained was not kept"
        raise InputError(Fault(f"{what}: {why}") if why else Fault(what, hint))
    if weights is None:
        raise InputError(
            Fault(f"what {record.cell} trained is not there any more", hint, home / record.training.weights)
        )
    return weights


def _model(record: Record, suite: _Suites) -> ModelSpec:
    """The network, without the weights that it began with: those that were trained take their place."""
    network, args = record.workload.model.network, record.workload.model.args
    if is_import_path(network):
        own = suite.model()
        unlike = f"{record.cell} was trained with {network}, and the model {own.name} of this suite is {own.network}"
        suite.vouch(own.network, network, unlike)
        return own.model_copy(update={"weights": None, "freeze": 0})
    if network not in NETWORKS:
        raise InputError(Fault(f"{record.cell}: there is no network {network!r}", nearest(network, NETWORKS)))
    known = HOUSE_NETWORKS.get(network, ())
    if not args.keys() <= set(known):
        hint = f"it has {', '.join(known) or 'none'}"
        raise InputError(Fault(f"{record.cell}: {network} doesn't take the arguments that the record gives it", hint))
    return _valid(ModelSpec, {"name": record.model, "network": network, "args": args}, record)


def _options(record: Record) -> Options:
    """Those that say what the network is and what its images look like; all others are for training alone."""
    return _valid(Options, {name: getattr(record.options, name) for name in _TELLING}, record)


def _data(record: Record, suite: _Suites) -> DataSpec:
    """The data, with the classes that were kept as the record lists them: by their numbers."""
    told, classes = record.data_spec, record.data
    if told is None or classes is None:
        raise InputError(Fault(f"{record.cell}: the record doesn't say on what it was trained"))
    name = told.name
    kept = {"subset": classes.subset, "team_seed": None, "team": None}
    if is_import_path(name):
        own = suite.data()
        suite.vouch(own.name, name, f"{record.cell} was trained on {name}, and this suite has {own.name}")
        return own.model_copy(update=kept)
    if name not in DATA_SETS:
        raise InputError(Fault(f"{record.cell}: there is no data set {name!r}", nearest(name, DATA_SETS)))
    spec = _valid(DataSpec, dict(told.plain) | kept, record)
    if name == "synthetic":
        _check_size(spec, record)
    return spec


def _check_size(spec: DataSpec, record: Record) -> None:
    """Raises InputError for images that would be made for hours, or fill the memory, because a record says so."""
    images = spec.images + spec.test_images
    if images > _MOST_IMAGES or images * math.prod(spec.shape) > _MOST_BYTES:
        what = f"{record.cell}: {images:,} synthetic images of {'×'.join(map(str, spec.shape))} are too many to make"
        raise InputError(Fault(what, f"at most {_MOST_IMAGES:,}, and {_MOST_BYTES >> 30} GiB"))


def _valid(kind: type[F], told: Mapping[str, object], record: Record) -> F:
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        faults = [
            Fault(f"{record.cell}: the record can't have {'.'.join(map(str, one['loc']))}: {one['msg']}")
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise InputError(*faults) from None


class _Suites:
    """The suite of a record in the folder that the user named, loaded once something of it is asked for."""

    def __init__(self, record: Record, folder: Path | None) -> None:
        self._record, self._folder = record, folder
        self._suite: Suite | None = None
        self.file: Path | None = None

    @property
    def is_needed(self) -> bool:
        return self._suite is not None

    def model(self) -> ModelSpec:
        """The model of the record's name."""
        models = self._loaded().models
        found = next((one for one in models if one.name == self._record.model), None)
        if found is None:
            hint = f"{nearest(self._record.model, [one.name for one in models])}; {FOLDER_HINT}"
            raise InputError(Fault(f"this suite has no model {self._record.model!r}", hint, self.file))
        return found

    def data(self) -> DataSpec:
        """What that model is trained on."""
        return self.model().data or self._loaded().data

    def vouch(self, own: str, told: str, unlike: str) -> None:
        """Raises InputError where the suite's `own` import path isn't the one that the record `told`, which `unlike`
        says, and where its module isn't a file in the folder."""
        if own != told:
            raise InputError(Fault(unlike, FOLDER_HINT, self.file))
        assert self._folder is not None
        confined_source(own.partition(":")[0], self._folder)

    def _loaded(self) -> Suite:
        if self._suite is None:
            self.file = next(self._files(), None)
            if self.file is None:
                raise InputError(Fault(f"there is no suite {self._record.suite!r} here", FOLDER_HINT, self._folder))
            self._suite = load(self.file)
        return self._suite

    def _files(self) -> Iterator[Path]:
        if self._folder is None:
            what = f"{self._record.cell} was trained with somebody's own code, and none is run because a record says so"
            raise InputError(Fault(what, FOLDER_HINT))
        if not is_plain(self._record.suite):
            raise InputError(Fault(f"{self._record.suite!r} can't be a suite's name", "it is that of a file"))
        for ending in (".yaml", ".yml"):
            file = self._folder / f"{self._record.suite}{ending}"
            if file.is_file() and lies_below(self._folder.resolve(), file.resolve()):
                yield file
