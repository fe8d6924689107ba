"""How anything is installed for the Python that runs this."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

__all__ = ["Installer", "package_of", "this_installer"]

_PACKAGES = {
    "PIL": "pillow",
    "_yaml": "PyYAML",
    "dateutil": "python-dateutil",
    "google": "protobuf",
    "pynvml": "nvidia-ml-py",
    "yaml": "PyYAML",
}


@dataclass(frozen=True)
class Installer:
    """Commands that change what is installed for one Python, which a shell knows as `python`.

    `uv`: there is no pip but uv's; `bare`: there is none at all. `gpu`: TensorFlow is wanted with its CUDA libraries.
    """

    python: str = "python"
    uv: bool = False
    gpu: bool = False
    bare: bool = False

    def install(self, *packages: str, again: bool = False, upgrade: bool = False, alone: bool = False) -> str:
        """The command that installs these (`numpy<2`), quoted as a shell wants it.

        `again`: they alone, even where they seem to be there; `upgrade`: newer ones than are there, if need be;
        `alone`: they, and nothing that they need.
        """
        wanted = " ".join(_quoted(self._with_libraries(package)) for package in packages)
        options = "--force-reinstall " * again + "--no-deps " * (again or alone) + "--upgrade " * upgrade
        first = f"{self.python} -m ensurepip && " * self.bare
        return f"{first}{self._pip('install')} {options}{wanted}"

    def replace(self, gone: Iterable[str], *packages: str) -> str:
        """The command that removes these, asking nothing, and installs those."""
        yes = "" if self.uv else "-y "
        return f"{self._pip('uninstall')} {yes}{' '.join(gone)} && {self.install(*packages)}"

    def _pip(self, verb: str) -> str:
        return f"uv pip {verb} --python {self.python}" if self.uv else f"{self.python} -m pip {verb}"

    def _with_libraries(self, package: str) -> str:
        return re.sub(r"^tensorflow(?=$|[<>=!~])", "tensorflow[and-cuda]", package) if self.gpu else package


def this_installer(gpu: bool = False, executable: str = sys.executable, folder: Path | None = None) -> Installer:
    """Into the Python that runs this (`executable`), by the shortest name that means it in `folder` (None: here)."""
    lacking, uv = find_spec("pip") is None, shutil.which("uv") is not None
    shown = _short(Path(executable), (folder or Path()).absolute())
    return Installer(shown, uv=lacking and uv, gpu=gpu, bare=lacking and not uv)


def package_of(module: str) -> str:
    """The package that brings a module, where it isn't called as the module is."""
    top = module.partition(".")[0]
    return _PACKAGES.get(top, top.replace("_", "-"))


def _quoted(package: str) -> str:
    return package if re.fullmatch(r"[\w.-]+(==[\w.+]+)?", package) else f"'{package}'"


def _short(executable: Path, folder: Path) -> str:
    for name in ("python", "python3"):
        found = shutil.which(name)
        # not resolved: a virtual environment's Python is a link, and what it links to installs elsewhere
        if found is not None and Path(found).absolute() == executable.absolute():
            return name
    path = executable.absolute()
    return shlex.quote(str(path.relative_to(folder) if path.is_relative_to(folder) else path))
