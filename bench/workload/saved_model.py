"""Training, kept in a file of Keras's own format, and judged again from it."""

from __future__ import annotations

import shutil
import signal
import tempfile
from pathlib import Path

import keras

from bench.errors import Fault, InputError
from bench.results.record import DataInfo
from bench.suite.options import Options
from bench.suite.spec import ModelSpec
from bench.support.exception_text import exception_text
from bench.support.files import writing
from bench.workload.data import Split
from bench.workload.networks import network_of
from bench.workload.pipeline import evaluation_pipeline
from bench.workload.training import evaluate
from bench.workload.weights_file import load_weights, read_weights

__all__ = ["judge", "keep", "rebuild"]

_BATCH = 256
_LOAD_SECONDS = 600
"""A damaged HDF5 file could lead its library round in circles: after this long the system ends the process."""


def keep(model: keras.Model, path: Path) -> None:
    """Write `model` without its optimizer; its folder is made. Whole or not at all.

    Raises what saving it raises, and InputError where its weights can't be read again: such a file is not kept.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        saved, own = Path(scratch, "trained.keras"), Path(scratch, "own.weights.h5")
        model.save(saved)
        model.save_weights(own)
        read_weights(own, saved)
        own.unlink()  # before the disk is to hold the file twice
        with saved.open("rb") as content, writing(path) as file:
            shutil.copyfileobj(content, file)


def rebuild(spec: ModelSpec, info: DataInfo, options: Options) -> keras.Model:
    """The network of `spec` for the images of `info`, with random weights; sets Keras's precision for this process.

    A network of the user's own is imported from the folder that this process is confined to: see
    `bench.suite.user_code`. Raises InputError where it can't be built.
    """
    try:
        keras.config.set_dtype_policy(options.precision)
        return network_of(spec, info, options, Path()).as_model("trained")
    except InputError:
        raise
    except Exception as error:  # code of the user's own, and sizes that no memory holds
        raise InputError(Fault(f"{spec.network} can't be built: {exception_text(error)}")) from error


def judge(model: keras.Model, path: Path, test: Split, options: Options, scratch: Path) -> tuple[float, float]:
    """Loss and accuracy (0..1) of `model` with the weights in the file at `path`, on all images of `test`.

    Nothing in the file but numbers is looked at: see `load_weights`, which raises InputError where they aren't the
    network's.
    """
    signal.alarm(_LOAD_SECONDS)
    try:
        load_weights(model, path, scratch)
    finally:
        signal.alarm(0)
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    found = evaluate(model, evaluation_pipeline(test, options, _BATCH))
    assert found.loss is not None
    assert found.accuracy is not None
    return found.loss, found.accuracy
