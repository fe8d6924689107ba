"""What types can't say about how a suite trains. Values of a wrong type are left to pydantic."""

from __future__ import annotations

from typing import Any

from bench.errors import nearest
from bench.suite.checks import Place
from bench.suite.drafts import Draft
from bench.suite.faults import Faults
from bench.suite.optimizers import AVERAGING, OPTIMIZERS, arguments
from bench.suite.wording import quoted
from bench.suite.yamldata import Keys

__all__ = ["check_rate", "check_train"]

_RULES = ("early_stopping", "reduce_on_plateau", "restore_best")


def check_train(train: Any, data: dict[str, Any], place: Place, faults: Faults) -> None:
    """The section `train` as it holds for a model that trains on `data`; `place` leads to its values in the file."""
    if not isinstance(train, dict):
        return
    _check_optimizer(train.get("optimizer"), place, faults)
    _check_phases(train, place, faults)
    _check_held_out(train, data, place, faults)
    if train.get("stop_at_target") is True and train.get("target_accuracy") is None:
        what = "'stop_at_target' needs 'target_accuracy'"
        faults.add(place(("stop_at_target",)), what, "add e.g. `target_accuracy: 0.8`")


def check_rate(model: Draft, train: Any, faults: Faults) -> None:
    """A model's rate is said in one place."""
    if model.values.get("learning_rate") is not None and isinstance(train, dict) and train.get("learning_rate"):
        what = "'learning_rate' stands in the model and in 'train', which holds for it too"
        faults.add(model.place("learning_rate"), what, "write a model's own as `train: {learning_rate: …}`")


def _check_optimizer(optimizer: Any, place: Place, faults: Faults) -> None:
    at = place(("optimizer",))
    args: Any = {}
    if isinstance(optimizer, dict):
        args = optimizer.get("args", {key: value for key, value in optimizer.items() if key != "name"})
        optimizer = optimizer.get("name")
    if not isinstance(optimizer, str):
        return
    if optimizer not in OPTIMIZERS:
        faults.add(at, f"unknown optimizer {quoted(optimizer)}", nearest(optimizer, OPTIMIZERS))
        return
    for name in args if isinstance(args, dict) else ():
        if name == "learning_rate":
            what = "the learning rate is no argument of the optimizer here"
            faults.add((*at, name), what, "write `learning_rate: …` beside `optimizer`")
        elif name in AVERAGING:
            what = f"averages of weights ({name}) can't be trained with here"
            faults.add((*at, name), what, "Keras takes them only as its `fit` ends, after all epochs were judged")
        elif name not in arguments(optimizer):
            what = f"the optimizer {optimizer} takes no argument {quoted(name)}"
            faults.add((*at, name), what, nearest(name, arguments(optimizer)))


def _check_phases(train: dict[str, Any], place: Place, faults: Faults) -> None:
    phases = train.get("phases")
    if not isinstance(phases, list):
        phases = []
    if train.get("epochs") is None:
        if not phases:
            faults.add(place(()), "'epochs' is missing in 'train'", "add `epochs: …`")
        for i, phase in enumerate(phases):
            if isinstance(phase, dict) and phase.get("epochs") is None:
                faults.add(place(("phases", i)), f"'epochs' is missing in phase {i + 1}", "add `epochs: …`")
    seen: set[str] = set()
    for i, phase in enumerate(phases):
        name = phase.get("name") if isinstance(phase, dict) else None
        if isinstance(name, str) and name in seen:
            faults.add(place(("phases", i, "name")), f"two phases are called {quoted(name)}", "rename one")
        if isinstance(name, str):
            seen.add(name)


def _check_held_out(train: dict[str, Any], data: dict[str, Any], place: Place, faults: Faults) -> None:
    """What goes by held-out images wants some."""
    held_out = data.get("held_out", 0.15)
    hint = "hold some out: `data: {held_out: 0.15}`"
    if data.get("pipeline") is not None:
        if data.get("validation") is not None:
            return
        hint = "name a function that gives them: `data: {validation: my_data:validation}`"
    elif held_out != 0 or isinstance(held_out, bool):
        return
    for key in ("target_accuracy", "validation_steps"):
        if train.get(key) is not None:
            faults.add(place((key,)), f"{quoted(key)} needs held-out images, and none are held out", hint)
    if str(train.get("monitor", "val_loss")).startswith("val_"):
        wanting = _rule(train)
        if wanting is not None:
            what = f"{quoted(str(wanting[-1]))} goes by held-out images, and none are held out"
            faults.add(place(wanting), what, f"{hint}, or go by the training images: `monitor: loss`")


def _rule(train: dict[str, Any]) -> Keys | None:
    """The way to the first rule that is set, in `train` or a phase."""
    phases = train.get("phases")
    for i, phase in enumerate(phases if isinstance(phases, list) else ()):
        for key in _RULES[:2] if isinstance(phase, dict) else ():
            if phase.get(key) is not None:
                return ("phases", i, key)
    return next(((key,) for key in _RULES if train.get(key)), None)
