"""What was trained, kept in a file of Keras's own format, and read back without running anything that lies in it."""

from __future__ import annotations

import os
from pathlib import Path

import keras

from bench.errors import Fault, InputError
from bench.said import said
from bench.suite.options import Options
from bench.workload.data import Split
from bench.workload.legacy_keras import unregistered
from bench.workload.pipeline import evaluation_pipeline
from bench.workload.training import evaluate

__all__ = ["judge", "keep"]

_BATCH = 256


def keep(model: keras.Model, path: Path) -> None:
    """Write `model` without its optimizer; its folder is made. Whole or not at all.

    Raises what loading it raises: a file that can't be read again is not kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new.keras")
    try:
        keras.Model(model.inputs, model.outputs, name="trained").save(beside)
        keras.saving.load_model(beside, compile=False, safe_mode=True)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def judge(path: Path, test: Split, options: Options) -> tuple[float, float]:
    """Loss and accuracy (0..1) of the model in the file at `path` on all images of `test`.

    The file is loaded in Keras's safe mode: no code in it is run. Raises InputError where it can't be.
    """
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        what = f"what was trained can't be loaded: {said(error)}"
        hint = unregistered() or "`bench run` with `train.keep_weights` makes it anew"
        raise InputError(Fault(what, hint, path)) from error
    taken = tuple(model.input_shape[1:])
    side = options.image_size
    given = (side, side, test.images.shape[3]) if side else test.images.shape[1:]
    if taken != given:
        sizes = " and not ".join("×".join(map(str, shape)) for shape in (taken, given))
        raise InputError(
            Fault(f"what was trained takes images of {sizes}", "give the data that it was trained on", path)
        )
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    return evaluate(model, evaluation_pipeline(test, options, _BATCH))
