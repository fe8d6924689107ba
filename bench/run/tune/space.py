"""The space of options that is searched: what makes sense for one network on this device, each work once."""

from __future__ import annotations

import itertools
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.analyse.tune.candidate import Candidate
from bench.host.hardware import Hardware
from bench.results.record import DataInfo
from bench.run.plan import GPU_STEPS_PER_EXECUTION, plan
from bench.run.prepare import with_data
from bench.suite.cells import Cell
from bench.suite.options import Options
from bench.suite.spec import Variant

__all__ = ["Space", "candidate_name", "cell_of", "option_space", "product_size"]

BATCH_SIZE = "batch_size"
"""The axis that is no option."""

_CPU_STEPS_PER_EXECUTION = 8
"""A processor's step takes longer, and less of it is dispatch."""


@dataclass(frozen=True)
class Space:
    """`candidates` are those to search, the baseline first; `left_out` says why others of the product are not, by
    name; `folded` are so many that come to the same work as one that is there."""

    candidates: tuple[Candidate, ...]
    left_out: Mapping[str, str]
    folded: int


def axes(base: Options, hardware: Hardware) -> dict[str, tuple[Any, ...]]:
    """Values by option that may make the same batches' steps faster on `hardware`, the one of `base` first; what
    gains the most is tried first where time is short. What can't run is among them: `plan` knows."""
    gpu = hardware.kind == "gpu"
    found: dict[str, tuple[Any, ...]] = {
        "precision": ("float32", "mixed_bfloat16", "mixed_float16"),
        "source": ("memory", "device") if gpu and base.source != "tfrecord" else (),
        "xla": (False, True),
        "pixels": ("float64", "uint8", "float32"),
        "steps_per_execution": (1, GPU_STEPS_PER_EXECUTION if gpu else _CPU_STEPS_PER_EXECUTION),
        "map": ("none", "autotune"),
        "cache": ("none", "memory"),
        "prefetch": ("autotune", 2),
    }
    return {name: tuple(dict.fromkeys((getattr(base, name), *values))) for name, values in found.items()}


def product_size(base: Options, hardware: Hardware, batch_sizes: Sequence[int] = ()) -> int:
    """How many combinations there are, whether they make sense or not."""
    size = max(1, len(batch_sizes))
    for values in axes(base, hardware).values():
        size *= len(values)
    return size


def option_space(
    cell: Cell, hardware: Hardware, batch_sizes: Sequence[int] = (), data: DataInfo | None = None
) -> Space:
    """The candidates for `cell`, which is the baseline and is fed from `data`; with other `batch_sizes` too, if there
    are any."""
    base = plan(cell, hardware).options
    values = axes(base, hardware)
    sizes = tuple(dict.fromkeys((cell.batch_size, *batch_sizes)))
    baseline = Candidate(cell.variant.name, _settings(base, values, cell.batch_size), base, cell.batch_size)
    found, left_out, folded = {_work(base, cell.batch_size): baseline}, dict[str, str](), 0
    for size, combination in itertools.product(sizes, itertools.product(*values.values())):
        options = base.model_copy(update=dict(zip(values, combination, strict=True)))
        name = candidate_name(options, base, size, cell.batch_size)
        planned = plan(cell_of(cell, name, options, size), hardware)
        if data is not None:
            planned = with_data(planned, data)
        why = planned.skip or (None if data is not None and data.pipeline is not None else _senseless(options))
        if not name or _work(planned.options, size) in found:
            folded += bool(name)
        elif why is not None:
            left_out[name] = why
        else:
            settled = planned.options
            found[_work(settled, size)] = Candidate(name, _settings(settled, values, size), settled, size)
    return Space(tuple(found.values()), left_out, folded)


def cell_of(cell: Cell, name: str, options: Options, batch_size: int, seed: int = 0) -> Cell:
    """The cell of a candidate of that name, beside `cell`, which is the baseline."""
    repeat = f"/s{seed}" if seed else ""
    return cell.model_copy(
        update={
            "id": f"{cell.model.name}/{name}/b{batch_size}{repeat}",
            "variant": Variant(name=name, options=options),
            "batch_size": batch_size,
            "seed": seed,
        }
    )


def candidate_name(options: Options, base: Options, batch_size: int, base_size: int) -> str:
    """What it changes of the baseline: `pixels=uint8+xla=on`; empty where that is nothing."""
    own = [
        f"{name}={_text(getattr(options, name))}"
        for name in Options.model_fields
        if getattr(options, name) != getattr(base, name)
    ]
    return "+".join([*own, *([f"batch_size={batch_size}"] if batch_size != base_size else [])])


def _text(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _senseless(options: Options) -> str | None:
    """Why it can't be faster than the same without one of its options."""
    if options.source != "memory":
        return None
    if options.cache == "memory" and options.map == "none":
        return "the cache would hold what lies in memory already"
    if options.map != "none" and options.pixels == "uint8" and options.image_size is None:
        return "there is nothing to convert image by image"
    return None


def _settings(options: Options, values: Mapping[str, Any], batch_size: int) -> dict[str, Hashable]:
    return {name: getattr(options, name) for name in values} | {BATCH_SIZE: batch_size}


def _work(options: Options, batch_size: int) -> str:
    return json.dumps([batch_size, options.model_dump(mode="json")], sort_keys=True)
