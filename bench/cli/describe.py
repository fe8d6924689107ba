"""`bench describe MODEL`: a network's size, nothing trained."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import AsJson
from bench.errors import Fault, InputError

if TYPE_CHECKING:
    from bench.results.architecture import Architecture

__all__ = ["describe"]


def describe(
    model: Annotated[str, typer.Argument(help="simple_cnn, vgg16, a Keras Applications network, or module:function.")],
    classes: Annotated[int, typer.Option(help="Width of the softmax.", min=2)] = 100,
    size: Annotated[str, typer.Option("--input", metavar="HxW", help="Size of the images, in pixels.")] = "32x32",
    freeze: Annotated[
        str, typer.Option(metavar="F", help="Layers of the base not trained: a number, or a fraction with a point.")
    ] = "0",
    layers: Annotated[
        bool, typer.Option("--layers", help="Show the table of its layers too; blocks that repeat are folded.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it to this file: .svg, .png or .pdf by its ending.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a network's parameters, layers, training-state size and operations per image. Does not train."""
    shape = _shape(size)
    _need_drawable(plot)
    frozen = _freeze(freeze)
    from bench.suite.names import NETWORKS, is_import_path, network_hint

    if model not in NETWORKS and not is_import_path(model):
        raise InputError(Fault(f"unknown network '{model}'", network_hint(model)))

    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""  # sizes don't need the GPU that a measurement may be using

    from bench.suite.spec import ModelSpec

    spec = ModelSpec(name=model, network=model, freeze=frozen)
    suites = Path.cwd() / "suites"  # where a suite's own code lies; then the current folder, then where Python looks
    with _unheard():  # TensorFlow's greetings, and what a network of the user's own prints as it is built
        from bench.workload.model import describe as measure

        found = measure(spec, shape, classes, suites if suites.is_dir() else Path.cwd())
    figures = {
        "model": model,
        "input": list(shape),
        "classes": classes,
        "trainable_params": found.trainable_params,
        "non_trainable_params": found.non_trainable_params,
        "layers": found.layers,
        "train_state_mib": found.train_state_mib,
        "macs_per_image": found.macs.forward,
        "training_macs_per_image": found.macs.training,
        "training_flops_per_image": None if found.macs.training is None else 2 * found.macs.training,
        "macs_absent": found.macs.absent,
    }
    title = f"{model}, {classes} classes, images {shape[0]}×{shape[1]}×{shape[2]}"
    if plot is not None:
        _draw(found.architecture, title, plot)
    if as_json:
        if layers:
            from bench.report.network.as_json import layers_json

            figures |= layers_json(found.architecture)
        typer.echo(json.dumps(figures))
        return
    typer.echo(
        f"{title}\n"
        f"  trainable parameters      {found.trainable_params:>15,}\n"
        f"  non-trainable parameters  {found.non_trainable_params:>15,}\n"
        f"  layers (`freeze` counts)  {found.layers:>15,}\n"
        f"  training state            {found.train_state_mib:>15,.1f} MiB  (weights and Adam's two slots, float32)\n"
        + _work(found.macs.forward, found.macs.training, found.macs.absent)
    )
    if layers:
        from bench.report.core.markdown import render
        from bench.report.network.table import layer_table

        typer.echo("\n" + render(layer_table(found.architecture, f"Layers of {model}")), nl=False)


def _need_drawable(path: Path | None) -> None:
    from bench.report.network.draw import ENDINGS

    if path is not None and path.suffix.lower() not in ENDINGS:
        raise InputError(Fault(f"--plot {path}: nothing is drawn in that form", f"an ending of {', '.join(ENDINGS)}"))


def _draw(architecture: Architecture, title: str, path: Path) -> None:
    from bench.report.network.draw import draw

    draw(architecture, title, path)
    typer.echo(f"bench: wrote {path}", err=True)


@contextmanager
def _unheard() -> Iterator[None]:
    """Let nothing be said meanwhile, by Python or by libraries, which write to the descriptors themselves."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
    try:
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):  # noqa: PTH123
            for descriptor in kept:
                os.dup2(nowhere.fileno(), descriptor)
            yield
    finally:
        for descriptor, before in kept.items():
            os.dup2(before, descriptor)
            os.close(before)


def _work(forward: int | None, training: int | None, absent: str | None) -> str:
    if forward is None or training is None:
        return f"  forward multiply-adds     {'–':>15}  ({absent})"
    return (
        f"  forward multiply-adds     {forward / 1e6:>15,.1f} M an image\n"
        f"  training operations       {2 * training / 1e6:>15,.1f} MFLOP an image  (two for each multiply-add)"
    )


def _shape(size: str) -> tuple[int, int, int]:
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", size)
    if match is None:
        raise InputError(Fault(f"--input {size}: not a size", "height x width in pixels, such as 32x32"))
    return int(match[1]), int(match[2]), 3


def _freeze(text: str) -> int | float:
    try:
        value = float(text) if "." in text else int(text)
    except ValueError:
        value = -1
    if value < 0 or (isinstance(value, float) and value > 1):
        raise InputError(
            Fault(f"--freeze {text}: neither a number of layers nor a fraction", "such as 4, or 0.9 for 90 %")
        )
    return value
