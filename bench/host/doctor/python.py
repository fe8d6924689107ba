"""The interpreter: will TensorFlow's wheels run on it?"""

from __future__ import annotations

import os
import platform
import struct
import sys
import sysconfig
from dataclasses import dataclass
from typing import Final

from bench.host.doctor.check import Check

__all__ = ["LAST_PYTHON", "OLDEST_PYTHON", "Python", "python_check", "this_python"]

OLDEST_PYTHON: Final = (3, 11)
"""What bench needs, as setup.cfg says."""

LAST_PYTHON: Final = (3, 13)
"""The newest that TensorFlow 2.21 has wheels for (pypi.org/project/tensorflow/2.21.0), and setup.cfg's bound. Looked at
only where none is installed: one that is has been built for some Python."""

_MACHINES = {"linux": ("x86_64", "aarch64"), "darwin": ("arm64",)}
_GLIBC = (2, 27)


@dataclass(frozen=True)
class Python:
    """An interpreter: what wheels are chosen by, where it lies, and whether it has an environment of its own."""

    version: tuple[int, int, int]
    bits: int = 64
    implementation: str = "cpython"
    free_threaded: bool = False
    system: str = "linux"
    machine: str = "x86_64"
    libc: tuple[str, str] = ("glibc", "2.35")
    in_environment: bool = True

    @property
    def text(self) -> str:
        """Its version, in words."""
        return ".".join(map(str, self.version))


def this_python() -> Python:
    """The one that runs this."""
    return Python(
        version=sys.version_info[:3],
        bits=8 * struct.calcsize("P"),
        implementation=sys.implementation.name,
        free_threaded=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        system=sys.platform,
        machine=platform.machine(),
        libc=platform.libc_ver(),
        in_environment=sys.prefix != sys.base_prefix or "CONDA_PREFIX" in os.environ,
    )


def python_check(python: Python, has_tensorflow: bool) -> Check:
    """Is it new enough, and, where TensorFlow isn't installed yet, one that TensorFlow has wheels for?"""
    what = "software: Python"
    oldest, last = (".".join(map(str, version)) for version in (OLDEST_PYTHON, LAST_PYTHON))
    anew = f"python{last} -m venv .venv && .venv/bin/pip install ."
    if python.version[:2] < OLDEST_PYTHON:
        return Check(what, "broken", f"{python.text}, and bench needs {oldest} or newer", anew)
    if not has_tensorflow and (why := _no_wheel(python)):
        return Check(what, "broken", f"{python.text}: {why}", _mend(python, anew))
    where = "in an environment of its own" if python.in_environment else "the system's own"
    return Check(what, "fine", f"{python.text}, {python.bits} bit, {where}")


def _no_wheel(python: Python) -> str | None:
    """Why pip would find no TensorFlow for it."""
    oldest, last = (".".join(map(str, version)) for version in (OLDEST_PYTHON, LAST_PYTHON))
    if python.version[:2] > LAST_PYTHON:
        return f"TensorFlow has no wheels for it yet, but for {oldest} to {last}"
    if python.implementation != "cpython":
        return f"TensorFlow has wheels for CPython alone, and this is {python.implementation}"
    if python.free_threaded:
        return "TensorFlow has no wheels for Python without its global lock (free-threaded)"
    if python.bits != 64:
        return f"TensorFlow has wheels for 64 bit alone, and this Python has {python.bits}"
    if python.machine not in _MACHINES.get(python.system, ()):
        return f"TensorFlow has no wheels for {python.machine} under {python.system}"
    if python.system == "linux" and not _new_glibc(python.libc):
        has = " ".join(filter(None, python.libc)) or "another C library (musl, as Alpine has it)"
        return f"TensorFlow's wheels need glibc {_GLIBC[0]}.{_GLIBC[1]} or newer, and this system has {has}"
    return None


def _mend(python: Python, anew: str) -> str:
    if python.machine not in _MACHINES.get(python.system, ()) or python.system == "win32":
        return "use Linux on x86_64 or aarch64 (on Windows: WSL 2)"
    if python.system == "linux" and not _new_glibc(python.libc):
        return "use a system with a newer glibc, such as Debian 12 or Ubuntu 22.04 (a container with one will do)"
    return anew


def _new_glibc(libc: tuple[str, str]) -> bool:
    name, version = libc
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    return name == "glibc" and numbers >= _GLIBC
