"""Do Python, TensorFlow, Keras and all that bench needs fit together?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from packaging.specifiers import SpecifierSet
from packaging.tags import parse_tag, sys_tags
from packaging.version import InvalidVersion, Version

from bench.host.doctor.check import Check, State
from bench.host.doctor.distributions import (
    BENCH,
    FAMILIES,
    Distribution,
    Wish,
    first_of_each,
    provider,
    together,
    wishes,
)
from bench.host.doctor.extras import FOR_SCORES, SCORED, lacking, lacks, score_command, tf_keras_command
from bench.host.doctor.imported import imported
from bench.host.doctor.installer import Installer
from bench.host.doctor.python import Python, python_check
from bench.host.doctor.stack import Framework

__all__ = ["software_checks"]

_SPELLED = {"tensorflow": "TensorFlow", "keras": "Keras", "numpy": "NumPy"}
_MAIN = ("tensorflow", "keras", "numpy", "tf-keras", "ai-benchmark", "setuptools")
_WORSE: tuple[State, ...] = ("fine", "unknown", "limited", "broken")


def software_checks(
    python: Python, found: Sequence[Distribution], framework: Framework, pip: Installer, avx: bool | None = None
) -> tuple[Check, ...]:
    """Each of the packages that matter, all that doesn't fit what another asks of it, and whether TensorFlow imports.

    In the order in which to mend them. `found` are the installed packages, `pip` changes them; `avx` says whether the
    processor has what TensorFlow's wheels are built for (None: that can't be seen).
    """
    installed = first_of_each(found)
    tensorflow = provider("tensorflow", installed)
    checks = [python_check(python, tensorflow is not None), *_itself(installed), *_overlaid(found, pip)]
    checks += _Judge(installed, framework, pip).checks()
    first = next((one.mend for one in checks if one.state == "broken"), None)
    return (*checks, imported(framework, installed, pip, avx, first))


class _Judge:
    """What is installed, what is asked, and what doesn't fit."""

    def __init__(self, installed: dict[str, Distribution], framework: Framework, pip: Installer) -> None:
        there = [one.name for name in _MAIN if (one := provider(name, installed))]
        self.installed, self.pip = installed, pip
        # of bench's extra the score's packages need things too
        scored = [one.name for name in FOR_SCORES if (one := provider(name, installed))]
        self.asked = wishes(installed, [BENCH, *scored] if BENCH in installed else there)
        self.works = framework.late or (framework.version is not None and framework.keras is not None)
        self.tensorflow = provider("tensorflow", installed)

    def checks(self) -> Iterator[Check]:
        """Those that matter, one by one, and of the rest those that don't fit."""
        asked = {wish.name for wish in self.asked}
        absent = lacking(self.installed)
        for name in _MAIN:
            if name not in absent and (name != "setuptools" or name in asked):
                yield self._main(name)
        if absent:
            text = f"{lacks(absent)}: only bench calibrate needs that, for the AI-Score"
            yield Check("software: extra score", "limited", text, score_command(self.installed, self.pip))
        rest = sorted(asked - set(_MAIN))
        wrong = [Check(f"software: {name}", *found) for name in rest if (found := self._unfit(name))]
        yield from wrong
        if len(rest) > len(wrong):
            fits = f"{len(rest) - len(wrong)} packages that these need are there, in versions that fit"
            yield Check("software: the rest", "fine", fits)

    def _main(self, name: str) -> Check:
        what = f"software: {_SPELLED.get(name, name)}"
        there = provider(name, self.installed)
        if found := self._unfit(name) or (there and self._misplaced(name, there)):
            return Check(what, *found)
        if there is None:
            return Check(what, "broken", "not installed", self._install(name))
        text = there.version if there.name == name else f"{there.version}, as {there.name}"
        if name == "setuptools" and not _older(there, "82"):
            text += "; the pkg_resources that it no longer has, ai-benchmark gets from bench"
        return Check(what, "fine", text)

    def _unfit(self, name: str) -> tuple[State, str, str] | None:
        """What is wrong with a package by what others ask of it, or it of TensorFlow."""
        unmet = [wish for wish in self.asked if self._to_change(wish) == name and not wish.met]
        there = provider(name, self.installed)
        if there is not None and not _runs_here(there):
            text = f"{there.version}, built for another Python or system ({', '.join(there.tags[:2])})"
            return "broken", text, self.pip.install(f"{there.name}=={there.version}", again=True)
        if not unmet:
            return None
        state = max(map(self._severity, unmet), key=_WORSE.index)
        text = " and ".join(f"{wish.by} needs {wish.name}{wish.specifier}" for wish in unmet)
        if there is None:
            return state, f"not installed, and {text}", self._install(name)
        if unmet[0].name != name:
            return state, f"{text}, and {unmet[0].found} is installed", self._fitting(name)
        return state, f"{there.version}, but {text}", self._install(name)

    def _to_change(self, wish: Wish) -> str:
        """What to change where a wish isn't met: what is asked for, or, where that is TensorFlow, who asks."""
        if wish.name != "tensorflow" or wish.found is None or wish.by.name == BENCH:
            return wish.name
        return next((name for name, family in FAMILIES.items() if wish.by.name in family), wish.by.name)

    def _severity(self, wish: Wish) -> State:
        if wish.by.name in FOR_SCORES or wish.name in FOR_SCORES:
            return "limited"
        if wish.name == "keras" and wish.found is not None and _older(wish.found, "3"):
            return "broken"  # TensorFlow notices only once a model is built
        # a version that isn't wanted may work all the same
        return "broken" if wish.found is None or wish.by.name == BENCH or not self.works else "limited"

    def _fitting(self, name: str) -> str:
        """Install it in a version that suits the TensorFlow that is there, and leave that alone."""
        assert self.tensorflow is not None
        if name == "tf-keras":
            return tf_keras_command(self.tensorflow, self.pip)
        return self.pip.install(name, f"{self.tensorflow.name}=={self.tensorflow.version}")

    def _install(self, name: str) -> str:
        """Install it in a version that suits all that ask for it; where none does, anew together with those."""
        askers = [wish for wish in self.asked if wish.name == name and self._to_change(wish) == name]
        if name == "tensorflow" and "tf-keras" in self.installed:  # which goes with its TensorFlow
            bench = next((wish.specifier for wish in askers if wish.by.name == BENCH), SpecifierSet())
            return self.pip.install(f"tensorflow{bench}", "tf-keras", upgrade=True)
        wanted = together(wish.specifier for wish in askers)
        if wanted is None:
            others = dict.fromkeys(wish.by.name for wish in askers if wish.specifier and wish.by.name != BENCH)
            return self.pip.install(name, *others, upgrade=True)
        return self.pip.install(f"{name}{wanted}")

    def _misplaced(self, name: str, there: Distribution) -> tuple[State, str, str] | None:
        """What no metadata says."""
        tensorflow = self.tensorflow
        if name == "keras" and tensorflow and _older(there, "3") and not _older(tensorflow, "2.16"):
            return "broken", f"{there.version}, and {tensorflow} wants Keras 3", self.pip.install("keras>=3")
        if name == "tf-keras" and tensorflow and _minor_text(there) != _minor_text(tensorflow):
            return (
                "limited",
                f"{there.version}, made for another TensorFlow than {tensorflow.version}",
                self._fitting(name),
            )
        if name == "ai-benchmark" and there.version != SCORED:
            text = f"{there.version}, and only scores of {SCORED} can be compared"
            return "limited", text, self.pip.install(f"ai-benchmark=={SCORED}")
        return None


def _itself(installed: dict[str, Distribution]) -> Iterator[Check]:
    if BENCH not in installed:
        found = "run from its folder and not installed: what it needs can't be looked up"
        yield Check("software: bench", "limited", found, "make run, or pip install . in the checkout")


def _overlaid(found: Sequence[Distribution], pip: Installer) -> Iterator[Check]:
    """Packages that have written over each other's files."""
    for family, names in FAMILIES.items():
        for folder in dict.fromkeys(one.folder for one in found if one.name in names):
            members = [one for one in found if one.folder == folder and one.name in names]
            if len(members) > 1:
                kept = next((one for one in members if one.name == family), members[0])
                yield Check(
                    f"software: {_SPELLED.get(family, family)} twice",
                    "broken",
                    f"{' and '.join(map(str, members))} lie in one folder, each over the other's files",
                    pip.replace(dict.fromkeys(one.name for one in members), f"{kept.name}=={kept.version}"),
                )


def _runs_here(there: Distribution) -> bool:
    """Was its wheel built for this Python and system? True where it doesn't say."""
    built: set[str] = set()
    for tag in there.tags:
        try:
            built |= set(map(str, parse_tag(tag)))
        except ValueError:
            return True
    return not built or not built.isdisjoint(_taken_here())


@cache
def _taken_here() -> frozenset[str]:
    return frozenset(map(str, sys_tags()))


def _older(there: Distribution, than: str) -> bool:
    try:
        return Version(there.version) < Version(than)
    except InvalidVersion:
        return False


def _minor_text(there: Distribution) -> str:
    return ".".join(there.version.split(".")[:2])
