"""Which cells are to be measured interleaved to say what each option of a variant does: on against off."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.host.hardware import Hardware
from bench.run.plan import Planned, plan
from bench.suite.cells import Suite
from bench.suite.options import Options
from bench.suite.spec import Variant

__all__ = ["Toggle", "toggles"]

_OTHER_WORK = frozenset({"image_size", "augment", "batch_map", "devices", "strategy", "batch", "logical_devices"})
"""Options that change what a step computes, or where: on against off would not be one work done in two ways by one
device."""


@dataclass(frozen=True)
class Toggle:
    """One option that is on in the cell `a` and off in the cell `b`, all else equal."""

    option: str
    a: Planned
    b: Planned


def toggles(suite: Suite, planned: Sequence[Planned], hardware: Hardware) -> tuple[Toggle, ...]:
    """For each planned cell and each option in which it differs from its baseline, as settled for `hardware`: the cell
    against itself without that option; and, where it has several, the option alone against the baseline.

    What comes to the same work on this machine is measured once; what can't run here is left out. Of several seeds
    the first stands for all: a step's time doesn't depend on it.
    """
    planned = [one for one in planned if one.cell.seed == suite.seeds[0]]
    known = {_work(one): one for one in (plan(cell, hardware) for cell in suite.cells())}
    found: dict[tuple[str, str], Toggle] = {}
    for one in planned:
        baseline = _with(one, _baseline(suite), suite.baseline, hardware)
        changed = [name for name in Options.model_fields if _differ(one, baseline, name)]
        if one.skip is not None or baseline.skip is not None or _OTHER_WORK & set(changed):
            continue
        for name in changed:
            ends = [(one, _set(one, name, baseline, f"{one.cell.variant.name} without {name}", hardware))]
            if len(changed) > 1:
                ends.append((_set(baseline, name, one, f"{name} of {one.cell.variant.name} alone", hardware), baseline))
            for a, b in ends:
                a, b = known.get(_work(a), a), known.get(_work(b), b)
                if a.skip is None and b.skip is None and _work(a) != _work(b):
                    found.setdefault((_work(a), _work(b)), Toggle(name, a, b))
    return tuple(found.values())


def _baseline(suite: Suite) -> Options:
    return next(variant.options for variant in suite.variants if variant.name == suite.baseline)


def _differ(one: Planned, other: Planned, name: str) -> bool:
    return bool(getattr(one.options, name) != getattr(other.options, name))


def _set(one: Planned, name: str, source: Planned, variant: str, hardware: Hardware) -> Planned:
    """`one` with the option as it is in `source`."""
    options = one.options.model_copy(update={name: getattr(source.options, name)})
    return _with(one, options, variant, hardware)


def _with(one: Planned, options: Options, variant: str, hardware: Hardware) -> Planned:
    cell = one.cell
    suffix = cell.id.split("/", 2)[2]  # batch size and, where there are several, seed
    changed: dict[str, Any] = {
        "id": f"{cell.model.name}/{variant}/{suffix}",
        "variant": Variant(name=variant, options=options),
    }
    return plan(cell.model_copy(update=changed), hardware)


def _work(one: Planned) -> str:
    cell = one.cell
    options = one.options.model_dump(mode="json")
    return json.dumps([cell.model.name, cell.batch_size, cell.seed, options], sort_keys=True)
