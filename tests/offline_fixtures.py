"""Processes whose every attempt to connect is noted and refused, so that nothing leaves this machine."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "offline"


class Offline:
    """`environment` is to be given to a process, which hands it on to those that it starts.

    Python's own connections are seen everywhere; those of compiled libraries where there is a C compiler.
    """

    def __init__(self, folder):
        self._log = folder / "connections.log"
        paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.environment = {"PYTHONPATH": os.pathsep.join(paths), "CONNECTIONS_LOG": str(self._log)}
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is not None:
            library = str(folder / "connections.so")
            command = [compiler, "-shared", "-fPIC", "-O1", str(HERE / "connections.c"), "-o", library, "-ldl"]
            subprocess.run(command, check=True)
            self.environment["LD_PRELOAD"] = library

    def attempts(self):
        """The connections that were attempted since this was last asked."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        self._log.unlink(missing_ok=True)
        return lines


@pytest.fixture(scope="module")
def offline(tmp_path_factory):
    return Offline(tmp_path_factory.mktemp("offline"))
