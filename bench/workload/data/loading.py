"""From a suite's data section to a data set."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.errors import Fault, InputError, nearest
from bench.host.cpu import memory_bytes
from bench.results.record import DataInfo
from bench.suite.spec import DataSpec
from bench.workload.data import cifar, digits, own, synthetic
from bench.workload.data.archives import ARCHIVES, Archive, Archives
from bench.workload.data.dataset import DataSet, Split, digest, divide
from bench.workload.data.doubts import doubts
from bench.workload.data.places import find, how_to_get, not_found, places
from bench.workload.data.subset import kept_classes

__all__ = ["load"]

Kept = tuple[int, ...] | None

_LABEL_BYTES = 8  # int64


@dataclass(frozen=True)
class _Source:
    """Where the images come from. `splits` gives training and test images of the kept classes, None being all."""

    name: str
    classes: int
    splits: Callable[[Kept], tuple[Split, Split]]
    synthetic: bool = False
    reason: str | None = None
    label_names: tuple[str, ...] = ()


def load(
    spec: DataSpec, *, data_dir: Path | None, strict: bool, folder: Path, archives: Archives = ARCHIVES
) -> DataSet:
    """The data set of `spec`, decoded into memory and divided.

    An archive is looked for in `data_dir`, BENCH_DATA_DIR and the Keras cache. Where it isn't found, synthetic images
    of the same shape and number stand in, and `info.reason` says so; with `strict` that is an InputError, as a damaged
    archive always is. Import paths and CSV files are looked up in `folder`. `archives` are the known ones.

    >>> load(DataSpec(name="digits"), data_dir=None, strict=True, folder=Path()).info.train_images
    1275
    """
    source = _source(spec, data_dir, strict, folder, archives)
    kept = kept_classes(spec, classes=source.classes, label_names=source.label_names, folder=folder)
    available, test = source.splits(kept)
    train, held_out = divide(available, spec.held_out)
    if not len(train):
        what = f"{spec.name}: no image is left to train on, of {len(available)} in the classes kept"
        raise InputError(Fault(what, "keep more classes, or hold out less"))
    height, width, channels = train.images.shape[1:]
    info = DataInfo(
        name=source.name,
        requested=spec.name,
        synthetic=source.synthetic,
        reason=source.reason,
        shape=(height, width, channels),
        classes=source.classes,
        subset=kept,
        train_images=len(train),
        held_out_images=len(held_out),
        test_images=len(test),
        digest=digest(train, held_out, test),
        doubts=tuple(doubts(train, held_out, test, source.classes)) if ":" in spec.name else (),
    )
    return DataSet(train, held_out, test, info)


def _source(spec: DataSpec, data_dir: Path | None, strict: bool, folder: Path, archives: Archives) -> _Source:
    if ":" in spec.name:
        train, test = own.read(spec, folder)
        last = max(int(split.labels.max()) for split in (train, test) if len(split))
        return _Source(spec.name, last + 1, _of_classes(train, test))
    if spec.name == "digits":
        return _Source(spec.name, digits.CLASSES, _of_classes(*digits.read()))
    if spec.name == "synthetic":
        return _synthetic(spec, spec.shape, spec.classes, spec.images, spec.test_images)
    if spec.name in archives:
        return _archived(spec, archives[spec.name], data_dir, strict)
    hint = f"{nearest(spec.name, [*archives, 'digits', 'synthetic'])}; your own is written module:function"
    raise InputError(Fault(f"there is no data set '{spec.name}'", hint))


def _archived(spec: DataSpec, archive: Archive, data_dir: Path | None, strict: bool) -> _Source:
    where = places(data_dir)
    path = find(archive, where)
    if path is not None:
        splits = _of_classes(*cifar.read(archive, path))
        return _Source(archive.name, archive.classes, splits, label_names=archive.label_names)
    reason = not_found(archive, where)
    if strict:
        raise InputError(Fault(reason, how_to_get(archive)))
    return _synthetic(
        spec,
        cifar.SHAPE,
        archive.classes,
        archive.train_images,
        archive.test_images,
        reason=reason,
        label_names=archive.label_names,
    )


def _synthetic(
    spec: DataSpec,
    shape: tuple[int, int, int],
    classes: int,
    images: int,
    test_images: int,
    *,
    reason: str | None = None,
    label_names: tuple[str, ...] = (),
) -> _Source:
    def splits(kept: Kept) -> tuple[Split, Split]:
        _refuse_more_than_memory(shape, images + test_images, 1.0 if kept is None else len(kept) / classes)
        return (
            synthetic.make(shape, classes, images, seed=spec.seed, kept=kept),
            synthetic.make(shape, classes, test_images, seed=spec.seed, part=1, kept=kept),
        )

    return _Source("synthetic", classes, splits, synthetic=True, reason=reason, label_names=label_names)


def _refuse_more_than_memory(shape: tuple[int, int, int], images: int, share: float) -> None:
    """Raises InputError where a label each, and the pixels of that share of the images, need more than there is."""
    needed, there = images * (_LABEL_BYTES + math.prod(shape) * share), memory_bytes()
    if needed > there:
        size = "×".join(map(str, shape))
        what = (
            f"data: {images:,} synthetic images of {size}, training and test, take {needed / 2**30:,.0f} GiB of memory"
        )
        hint = f"this machine has {there / 2**30:,.0f} GiB; lower images, test_images or shape"
        raise InputError(Fault(what, hint))


def _of_classes(train: Split, test: Split) -> Callable[[Kept], tuple[Split, Split]]:
    return lambda kept: (train, test) if kept is None else (train.of_classes(kept), test.of_classes(kept))
