"""NVML without a GPU: the stand-in library, compiled once, and code run against it through the real nvidia-ml-py."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.warm import Server

HERE = Path(__file__).parent
TRACES = HERE / "nvml" / "traces"


class StandIn:
    """Runs Python code in a process of its own in which NVML is the stand-in, following a trace."""

    def __init__(self, libraries):
        self.folder = libraries["current"]
        others = [path for path in [os.environ.get("LD_LIBRARY_PATH")] if path]
        self._environments = {
            driver: {"LD_LIBRARY_PATH": os.pathsep.join([str(folder), *others]), "PYTHONPATH": str(HERE.parent)}
            for driver, folder in libraries.items()
        }
        self._servers = {
            driver: Server(environment, frameworks=False) for driver, environment in self._environments.items()
        }

    def run(self, trace, code, *args, driver="current", env=None):
        """What `code` assigns to `result`, through JSON. `trace` is a name under `nvml/traces/` or a path."""
        path = trace if isinstance(trace, Path) else TRACES / f"{trace}.ini"
        assert path.is_file()
        hidden = {"CUDA_VISIBLE_DEVICES", "KAGGLE_KERNEL_RUN_TYPE", "COLAB_RELEASE_TAG", "COLAB_GPU"}
        clean = {name: value for name, value in os.environ.items() if name not in hidden}
        script = "import json, sys\n" + textwrap.dedent(code) + "\nprint(json.dumps(result))"
        done = self._servers[driver].run(
            [sys.executable, "-W", "error", "-c", script, *args],
            env=clean | self._environments[driver] | {"NVML_STANDIN_TRACE": str(path)} | (env or {}),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def close(self):
        for server in self._servers.values():
            server.close()


@pytest.fixture(scope="session")
def nvml_standin(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("the stand-in for NVML needs a C compiler")
    libraries = {}
    for driver, flags in (("current", []), ("R450", ["-DDRIVER_R450"])):
        libraries[driver] = tmp_path_factory.mktemp(f"nvml-{driver}")
        target = libraries[driver] / "libnvidia-ml.so.1"
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O1", *flags, str(HERE / "nvml" / "standin.c"), "-o", str(target)],
            check=True,
        )
    libraries["none"] = tmp_path_factory.mktemp("nvml-none")  # a file that can't be loaded hides a real driver's
    (libraries["none"] / "libnvidia-ml.so.1").write_text("no library " * 100)
    stand_in = StandIn(libraries)
    yield stand_in
    stand_in.close()
