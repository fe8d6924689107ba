"""What types can't say about a suite's data, models and whole. Values of a wrong type are left to pydantic."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeGuard

from bench.errors import nearest
from bench.suite.axes import MAX_CELLS
from bench.suite.drafts import Draft
from bench.suite.faults import Faults
from bench.suite.names import DATA_SETS, HOUSE_NETWORKS, NETWORKS, data_set_hint, is_import_path, network_hint
from bench.suite.spec import DataSpec
from bench.suite.wording import quoted
from bench.suite.yamldata import Keys
from bench.suite.yamlfile import is_file

__all__ = [
    "Place",
    "check_baseline",
    "check_data",
    "check_model",
    "check_network_of_pipeline",
    "check_numbers",
    "check_variant",
]

_CLASSES = {"cifar100": 100, "cifar10": 10, "digits": 10}
PIPELINE_ONLY = ("validation", "batched", "examples", "unit")
OF_IMAGES = ("name", "subset", "team_seed", "team", "held_out")
"""Keys of `data` that say which images; a pipeline of the user's own has none of them."""
SYNTHETIC_ONLY = ("shape", "classes", "images", "test_images", "seed")
WEIGHTS_ENDINGS = (".weights.h5", ".keras")
"""Files of weights that Keras 3 reads without running anything that lies in them."""
_LARGEST_SEED = 2**32 - 1  # NumPy's, which Keras seeds as well


Place = Callable[[Keys], Keys]
"""From the way to a value within a section to the way to it in the file."""


def _in_data(keys: Keys) -> Keys:
    return ("data", *keys)


def check_data(data: dict[str, Any], folder: Path, faults: Faults, place: Place = _in_data) -> None:
    """The data set's name, the options that go with it, and its subset of classes."""
    if data.get("pipeline") is not None:
        _check_pipeline(data, folder, faults, place)
        return
    for key in PIPELINE_ONLY:
        if not _is_default(data, key):
            what = f"{quoted(key)} goes with 'pipeline' only"
            faults.add(place((key,)), what, "leave it out, or write `pipeline: my_data:train`")
    name = data.get("name")
    if isinstance(name, str) and name not in DATA_SETS:
        _check_import_path("data set", name, data_set_hint(name), place(("name",)), folder, faults)
    for key in SYNTHETIC_ONLY if name != "synthetic" else ():
        if key in data:
            faults.add(place((key,)), f"{quoted(key)} belongs to synthetic data only", "leave it out")
    if "args" in data and name in DATA_SETS:
        faults.add(place(("args",)), "'args' goes with an import path only", "leave it out")
    _check_subset(data, folder, faults, place)


def _check_pipeline(data: dict[str, Any], folder: Path, faults: Faults, place: Place) -> None:
    """Functions of the user's own that give a `tf.data.Dataset`."""
    for key in ("pipeline", "validation"):
        path = data.get(key)
        if isinstance(path, str):
            hint = "write module:function, such as 'my_data:train'"
            _check_import_path("function", path, hint, place((key,)), folder, faults)
    for key in (*OF_IMAGES, *SYNTHETIC_ONLY):
        if not _is_default(data, key) and not (key == "name" and data["name"] == data["pipeline"]):
            faults.add(place((key,)), f"{quoted(key)} says which images, and 'pipeline' has its own", "leave it out")


def _is_default(data: dict[str, Any], key: str) -> bool:
    """Is the key left out, or written out with the value that it has then?"""
    default = DataSpec.model_fields[key].default
    return key not in data or data[key] == (list(default) if isinstance(default, tuple) else default)


def _check_subset(data: dict[str, Any], folder: Path, faults: Faults, place: Place) -> None:
    subset, at = data.get("subset"), place(("subset",))
    numbered = _is_int(subset)
    if numbered and data.get("team_seed") is None:
        faults.add(at, "a number in 'subset' needs 'team_seed', from which the classes are drawn", "add `team_seed: 1`")
    if not numbered and data.get("team_seed") is not None:
        faults.add(place(("team_seed",)), "'team_seed' goes with a number in 'subset' only", "leave it out, or null")
    if not isinstance(subset, str) and data.get("team") is not None:
        faults.add(place(("team",)), "'team' goes with a CSV file in 'subset' only", "leave it out, or null")
    if isinstance(subset, str) and not is_file(folder / subset):
        hint = "write the number without quotes" if subset.isdecimal() else f"it is looked for in {folder}"
        faults.add(at, f"there is no CSV file {quoted(subset)}", hint)
    if subset == []:
        faults.add(at, "'subset' is empty", "leave it out to keep every class")
    if isinstance(subset, list):
        _check_unique(subset, at, faults)
    _check_classes(subset, data, faults, at)


def _check_classes(subset: Any, data: dict[str, Any], faults: Faults, at: Keys) -> None:
    """Against the number of classes, where it is known before the data is read."""
    name = data.get("name")
    classes = data.get("classes", 100) if name == "synthetic" else _CLASSES.get(str(name))
    if not _is_int(classes):
        return
    if _is_int(subset) and subset > classes:
        faults.add(at, f"'subset' asks for {subset} classes of {classes}", f"write a number up to {classes}")
    for i, index in enumerate(subset if isinstance(subset, list) else ()):
        if _is_int(index) and index >= classes:
            faults.add((*at, i), f"there is no class {index}", f"classes are 0 to {classes - 1}")


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def check_model(draft: Draft, folder: Path, faults: Faults) -> None:
    """The network's name, and the options that go with it."""
    network, weights = draft.values.get("network"), draft.values.get("weights")
    if isinstance(network, str) and network not in NETWORKS:
        _check_import_path("network", network, network_hint(network), draft.place("network"), folder, faults)
    if network in NETWORKS:
        _check_arguments(draft, network, faults)
    if isinstance(weights, str) and weights != "imagenet" and not is_file(folder / weights):
        if "/" in weights or weights.endswith(WEIGHTS_ENDINGS):
            what = f"there is no file {quoted(weights)}"
            faults.add(draft.place("weights"), what, f"it is looked for in {folder}")
        else:
            what = f"'weights' must be 'imagenet', null or a file of weights, is {quoted(weights)}"
            faults.add(draft.place("weights"), what, "leave it out for random weights")
    elif isinstance(weights, str) and weights != "imagenet" and not weights.endswith(WEIGHTS_ENDINGS):
        what = f"{quoted(weights)} is no file of weights"
        faults.add(draft.place("weights"), what, f"Keras reads {' and '.join(WEIGHTS_ENDINGS)}")
    elif weights == "imagenet" and isinstance(network, str) and (network in HOUSE_NETWORKS or ":" in network):
        faults.add(draft.place("weights"), f"{quoted(network)} has no weights from imagenet", "leave 'weights' out")


def check_network_of_pipeline(draft: Draft, data: dict[str, Any], faults: Faults) -> None:
    """A pipeline of the user's own gives whatever its elements are: only a network of the user's own takes them."""
    network = draft.values.get("network")
    if data.get("pipeline") is not None and isinstance(network, str) and network in NETWORKS:
        what = f"{quoted(network)} takes images and gives classes; 'pipeline' gives elements of its own"
        hint = "name a function of your own that returns a compiled model: 'my_models:build'"
        faults.add(draft.place("network"), what, hint)


def _check_arguments(draft: Draft, network: str, faults: Faults) -> None:
    """Those of a network of the house."""
    args = draft.values.get("args")
    known = HOUSE_NETWORKS.get(network, ())
    if args is None and "args" not in draft.values:
        return
    if not known:
        faults.add(draft.place("args"), f"{quoted(network)} takes no 'args'", "leave it out")
    for name in args if isinstance(args, dict) and known else ():
        if name not in known:
            what = f"{quoted(network)} takes no argument {quoted(name)}"
            faults.add((*draft.place("args"), name), what, nearest(name, known))


def check_variant(draft: Draft, folder: Path, faults: Faults) -> None:
    """The variant's own function, where it names one."""
    path = draft.values.get("batch_map")
    if isinstance(path, str) and path != "none":
        hint = "write module:function, such as 'my_code:augment'"
        _check_import_path("function", path, hint, draft.place("batch_map"), folder, faults)


def _check_import_path(word: str, name: str, hint: str, at: Keys, folder: Path, faults: Faults) -> None:
    if is_import_path(name):
        wrong = faults.of_import(name, folder)
        if wrong:
            faults.add(at, *wrong)
    elif ":" in name:
        faults.add(at, f"{quoted(name)} is no import path", "write module:function, such as 'my_code.models:build'")
    else:
        faults.add(at, f"unknown {word} {quoted(name)}", hint)


def check_numbers(suite: dict[str, Any], models: int, variants: int, faults: Faults) -> None:
    """Batch sizes and seeds, and how many cells there are in all."""
    cells = models * variants
    for key in ("batch_sizes", "seeds"):
        numbers = suite.get(key)
        if isinstance(numbers, list):
            cells *= len(numbers)
            _check_unique(numbers, (key,), faults)
            if not numbers:
                faults.add((key,), f"{quoted(key)} is empty", "write at least one number, or leave it out")
            for i, number in enumerate(numbers if key == "seeds" else ()):
                if _is_int(number) and number > _LARGEST_SEED:
                    faults.add((key, i), f"item {i + 1} of 'seeds' must be at most {_LARGEST_SEED}, is {number}")
    if cells > MAX_CELLS:
        faults.add((), f"the suite spells out {cells:,} cells, more than {MAX_CELLS:,}", "split it into several")


def check_baseline(suite: dict[str, Any], variants: Iterable[Draft], faults: Faults) -> None:
    """The baseline is one of the variants."""
    names = [draft.name for draft in variants]
    baseline = suite.get("baseline")
    if isinstance(baseline, str) and baseline and names and baseline not in names:
        faults.add(
            ("baseline",), f"the baseline {quoted(baseline)} is no variant of this suite", nearest(baseline, names)
        )


def _check_unique(values: list[Any], at: Keys, faults: Faults) -> None:
    seen: set[int] = set()
    for i, value in enumerate(values):
        if _is_int(value):
            if value in seen:
                faults.add((*at, i), f"{value} stands twice in {quoted(str(at[-1]))}", "keep one")
            seen.add(value)
