"""What every test may rely on: no data set of the machine's own, a quiet TensorFlow, small stored data."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

# what is started in the background of a script ignores Ctrl-C, and so would all that the tests start
signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ.pop("BENCH_DATA_DIR", None)
os.environ.pop("BENCH_ROOT", None)

pytest_plugins = ["tests.gpu_machines", "tests.nvml_fixtures", "tests.offline_fixtures", "pytester"]

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _no_data_sets_of_the_machine(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path_factory.getbasetemp() / "keras"))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def checkout():
    return CHECKOUT
