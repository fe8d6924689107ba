"""What every test may rely on: no data set of the machine's own, a quiet TensorFlow, small stored data."""

import os
import signal
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# what is started in the background of a script, or with nohup, ignores these, and so would all that the tests start
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
# nothing that whoever runs them has set: what TensorFlow, git, terminals and the harness itself obey
_OBEYED = (
    "BENCH_DATA",
    "BENCH_ROOT",
    "COLAB_",
    "FORCE_",
    "GIT_",
    "GITHUB_",
    "KAGGLE_",
    "KERAS_",
    "KMP_",
    "OMP_",
    "TF_",
)
_OBEYED += ("COLUMNS", "JPY_", "LINES", "MPLBACKEND", "NO_COLOR", "NVIDIA_TF32_OVERRIDE", "TERMINAL_WIDTH", "XLA_FLAGS")
for _name in [name for name in os.environ if name.startswith(_OBEYED)]:
    del os.environ[_name]
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
os.umask(0o022)
# how long an example takes is the machine's affair
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

pytest_plugins = ["tests.fast", "tests.gpu_machines", "tests.nvml_fixtures", "tests.offline_fixtures", "pytester"]

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _no_data_sets_of_the_machine(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path_factory.getbasetemp() / "keras"))


def _temporary_files_in(folder):
    """A run sweeps TMPDIR and tells of it: what tests beside this one, or killed runs, leave is none of its affair."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", None)
        yield


@pytest.fixture(autouse=True, scope="session")
def _temporary_files_of_this_session(tmp_path_factory):
    yield from _temporary_files_in(tmp_path_factory.mktemp("tmp"))


@pytest.fixture(autouse=True, scope="module")
def _temporary_files_of_this_module(tmp_path_factory):
    yield from _temporary_files_in(tmp_path_factory.mktemp("tmp"))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def checkout():
    return CHECKOUT
