"""Does TensorFlow work when a process imports it?"""

from __future__ import annotations

import re
from pathlib import Path

from packaging.version import InvalidVersion, Version

from bench.host.doctor.check import Check
from bench.host.doctor.distributions import Distribution
from bench.host.doctor.installer import Installer, package_of
from bench.host.doctor.stack import Framework

__all__ = ["imported"]

_WHAT = "software: import"
_ILLEGAL = re.compile(r"SIGILL|illegal instruction|compiled to use \w+ instructions", re.IGNORECASE)
_MISSING = re.compile(r"No module named '([\w.]+)'")
_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file")
_NO_AVX = (
    "measure on a machine whose processor has AVX; a virtual one has what its hypervisor passes on (qemu: -cpu host)"
)


def imported(
    framework: Framework, package: Distribution | None, pip: Installer, avx: bool | None, first: str | None
) -> Check:
    """What a fresh process made of `import tensorflow` and `import keras`.

    `package` is the installed TensorFlow, `avx` says whether the processor has what its wheels are built for. Where
    something else is broken already, `first` is what mends that: it is the likely cause here too.
    """
    stranger = _stranger(framework, package)
    if framework.version is None or framework.keras is None:
        who = "TensorFlow" if framework.failed or framework.version is None else "Keras"
        reason = framework.failed or framework.keras_failed or "it said nothing"
        if stranger:
            found = f"{who} is taken from {stranger}, not from where it is installed, and doesn't work: {reason}"
            return Check(_WHAT, "broken", found, _aside(stranger))
        return Check(_WHAT, "broken", f"{who} doesn't work: {reason}", first or _mend(reason, package, pip, avx))
    found = f"TensorFlow {framework.version} and Keras {framework.keras} can be imported"
    if stranger:
        return Check(
            _WHAT, "limited", f"{found}, but from {stranger}, not from where it is installed", _aside(stranger)
        )
    if package is not None and not _same(package.version, framework.version):
        found = f"what is installed as {package} calls itself {framework.version}: another's files lie in its place"
        return Check(_WHAT, "broken", found, pip.install(f"{package.name}=={package.version}", again=True))
    return Check(_WHAT, "fine", found)


def _mend(reason: str, package: Distribution | None, pip: Installer, avx: bool | None) -> str:
    if package is None:
        return pip.install("tensorflow")
    if avx is False or (avx is None and _ILLEGAL.search(reason)):
        return _NO_AVX
    missing = _MISSING.search(reason)
    if missing and missing[1].partition(".")[0] not in ("tensorflow", "keras"):
        return pip.install(package_of(missing[1]), again=True)
    if library := _LIBRARY.search(reason):
        return f"install what brings {library[1]} (Debian and Ubuntu: apt-file search {library[1]})"
    return pip.install(f"{package.name}=={package.version}", again=True)


def _stranger(framework: Framework, package: Distribution | None) -> str | None:
    """Where TensorFlow comes from, if not from where it is installed."""
    if framework.file is None or package is None:
        return None
    file, folder = Path(framework.file), package.folder
    # some environments are made of links into others
    inside = file.is_relative_to(folder) or file.resolve().is_relative_to(folder.resolve())
    return None if inside else framework.file


def _aside(file: str) -> str:
    path = Path(file)
    place = path.parent if path.name == "__init__.py" else path
    return f"mv {place} {place}.aside  # or take it out of PYTHONPATH"


def _same(one: str, other: str) -> bool:
    try:
        return Version(one).release == Version(other).release
    except InvalidVersion:
        return True
