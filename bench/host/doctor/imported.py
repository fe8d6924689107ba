"""Does TensorFlow work when a process imports it?"""

from __future__ import annotations

import os
import re
import shlex
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bench.host.doctor.check import Check
from bench.host.doctor.distributions import Distribution, provider
from bench.host.doctor.installer import Installer, package_of
from bench.host.doctor.stack import Framework

__all__ = ["imported"]

_WHAT = "software: import"
_ILLEGAL = re.compile(r"SIGILL|illegal instruction|compiled to use \w+ instructions", re.IGNORECASE)
_MISSING = re.compile(r"No module named '([\w.]+)'")
_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file")
_SHADOW = re.compile(r"cannot import name .* from (?:partially initialized module )?'([\w.]+)'.* \((/.+)\)")
_SHARED = re.compile(r"/[^\s:'\"()]+\.so[\w.]*")
_NO_AVX = (
    "measure on a machine whose processor has AVX; a virtual one has what its hypervisor passes on (qemu: -cpu host)"
)
_AGAIN = "bench doctor  # try again: a slow disk is at its slowest the first time"


def imported(
    framework: Framework,
    installed: Mapping[str, Distribution],
    pip: Installer,
    avx: bool | None,
    first: str | None,
) -> Check:
    """What a fresh process made of `import tensorflow` and `import keras`.

    `installed` are the packages by name, `avx` says whether the processor has what TensorFlow's wheels are built for.
    Where something else is broken already, `first` is what mends that: it is the likely cause here too, unless the
    process named another.
    """
    package, keras = provider("tensorflow", installed), provider("keras", installed)
    stranger, other_keras = _stranger(framework.file, package), _stranger(framework.keras_file, keras)
    if framework.version is None or framework.keras is None:
        who = "TensorFlow" if framework.failed or framework.version is None else "Keras"
        reason = framework.failed or framework.keras_failed or "it said nothing"
        if who == "Keras":
            stranger = other_keras
        if framework.late:
            origin = f", taken from {stranger} and not from where it is installed" if stranger else ""
            return Check(_WHAT, "unknown", f"{who}{origin}: {reason}", _aside(stranger) if stranger else _AGAIN)
        if stranger:
            found = f"{who} is taken from {stranger}, not from where it is installed, and doesn't work: {reason}"
            return Check(_WHAT, "broken", found, _aside(stranger))
        if shadow := _shadow(reason, installed):
            name, file = shadow
            found = f"{name} is taken from {file}, not from where it is installed, and {who} doesn't work: {reason}"
            return Check(_WHAT, "broken", found, _aside(file))
        mend = _without_folder(reason) or first or _mend(reason, package, pip, avx)
        return Check(_WHAT, "broken", f"{who} doesn't work: {reason}", mend)
    found = f"TensorFlow {framework.version} and Keras {framework.keras} can be imported"
    for name, there, version, elsewhere in (
        ("TensorFlow", package, framework.version, stranger),
        ("Keras", keras, framework.keras, other_keras),
    ):
        same = there is None or _same(there.version, version)
        if elsewhere:
            text = f"{found}, but {name} from {elsewhere}, not from where it is installed"
            return Check(_WHAT, "limited" if same else "broken", text, _aside(elsewhere))
        if there is not None and not same:
            text = f"what is installed as {there} calls itself {version}: another's files lie in its place"
            return Check(_WHAT, "broken", text, pip.install(f"{there.name}=={there.version}", again=True))
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


def _stranger(file: str | None, package: Distribution | None) -> str | None:
    """Where a package's module comes from, if not from where that is installed."""
    if file is None or package is None or _lies_in(Path(file), package.folder):
        return None
    return file


def _shadow(reason: str, installed: Mapping[str, Distribution]) -> tuple[str, str] | None:
    """A module that stands before the installed one of its name, and its file, where the error names such a one."""
    match = _SHADOW.search(reason)
    if match is None:
        return None
    name, path = match[1].partition(".")[0], Path(match[2])
    package = provider(canonicalize_name(package_of(name)), installed)
    home = Path(sysconfig.get_path("stdlib")) if name in sys.stdlib_module_names else None
    if home is None and package is not None:
        home = package.folder
    if home is None or _lies_in(path, home):
        return None
    packages = (folder / "__init__.py" for folder in path.parents if folder.name == name)
    return name, str(path if path.stem == name else next(packages, path))


def _without_folder(reason: str) -> str | None:
    """What takes the folder out of LD_LIBRARY_PATH whose library the error names."""
    folders = [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    named = [Path(path) for path in _SHARED.findall(reason)]
    kept = [folder for folder in folders if not any(path.is_relative_to(folder) for path in named)]
    if kept == folders:
        return None
    return f"export LD_LIBRARY_PATH={shlex.quote(':'.join(kept))}" if kept else "unset LD_LIBRARY_PATH"


def _lies_in(file: Path, folder: Path) -> bool:
    # some environments are made of links into others
    return file.is_relative_to(folder) or file.resolve().is_relative_to(folder.resolve())


def _aside(file: str) -> str:
    path = Path(file)
    place = str(path.parent if path.name == "__init__.py" else path)
    return f"mv {shlex.quote(place)} {shlex.quote(f'{place}.aside')}  # or take it out of PYTHONPATH"


def _same(one: str, other: str) -> bool:
    try:
        return Version(one).release == Version(other).release
    except InvalidVersion:
        return True
