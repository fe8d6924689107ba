"""What can be wrong with a variant that is to be trained on several devices, as far as the suite alone tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bench.suite.checks import Place
from bench.suite.drafts import Draft
from bench.suite.faults import Faults
from bench.suite.replication import ACCUMULATION, NO_ACCUMULATION, NO_STRATEGIES, unfit_options
from bench.suite.wording import quoted

__all__ = ["check_accumulation", "check_devices", "is_replicated"]

_ALONE = "leave it out, or train on one device; of axes, `exclude` takes the combination out"


def is_replicated(options: Mapping[str, Any]) -> bool:
    """Do these options of a variant, as they are written, want a strategy?"""
    return options.get("strategy") is not None or options.get("devices", 1) != 1


def check_devices(variant: Draft, faults: Faults) -> None:
    """Options that don't go with several devices, and strategies that there aren't."""
    strategy = variant.values.get("strategy")
    if isinstance(strategy, str) and strategy != "mirrored":
        letters = "".join(filter(str.isalpha, strategy.lower())).removesuffix("strategy")
        why = NO_STRATEGIES.get(letters)
        at = variant.place("strategy")
        if letters == "mirrored":
            faults.add(at, f"'strategy' is {quoted(strategy)}", "write `strategy: mirrored`")
        elif why is not None:
            faults.add(at, f"{quoted(strategy)} can't be trained with: {why}", "'mirrored' is the one that can")
        if letters == "mirrored" or why is not None:
            faults.hush(at)
    if is_replicated(variant.values):
        for option, why in unfit_options(variant.values):
            what = f"{quoted(option)} doesn't go with several devices or a strategy: {why}"
            faults.add(variant.place(option), what, _ALONE)


def check_accumulation(train: Any, place: Place, variants: Iterable[Draft], faults: Faults) -> None:
    """An optimizer that accumulates gradients, where a variant wants a strategy."""
    optimizer = train.get("optimizer") if isinstance(train, dict) else None
    if not isinstance(optimizer, dict):
        return
    args = optimizer.get("args", optimizer)
    if not isinstance(args, dict) or args.get(ACCUMULATION) is None:
        return
    for variant in variants:
        if is_replicated(variant.values):
            what = f"{quoted(ACCUMULATION)} doesn't go with the variant {quoted(variant.name)}: {NO_ACCUMULATION}"
            faults.add(place(("optimizer", ACCUMULATION)), what, "leave it out, or train that variant on one device")
