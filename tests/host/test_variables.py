"""What a record names of its environment."""

import os

import pytest

from bench.host.doctor.variables import variable_checks
from bench.host.variables import setting


@pytest.fixture(autouse=True)
def usual(monkeypatch):
    """A process of the usual niceness, that may use every processor."""
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr("bench.host.variables.kernel_text", lambda _: "0\n")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(os.cpu_count())), raising=False)


@pytest.mark.parametrize(
    "name",
    [
        "XLA_FLAGS",
        "TF_XLA_FLAGS",
        "ONEDNN_MAX_CPU_ISA",
        "DNNL_GRAPH_VERBOSE",
        "TF_SET_ONEDNN_FPMATH_MODE",
        "TF_CUDNN_DETERMINISTIC",
        "CUDA_FORCE_PTX_JIT",
        "GLIBC_TUNABLES",
        "MALLOC_ARENA_MAX",
    ],
)
def test_what_changes_kernels_or_memory_is_named(name):
    assert setting({name: "1", "HOME": "/home/someone", "CUDA_HOME": "/usr/local/cuda"}, {}) == {name: "1"}


def test_what_does_not_count_in_a_cell_is_not_named():
    assert setting({"KERAS_BACKEND": "jax", "KERAS_MAX_EPOCHS": "2", "TF_CONFIG": "{}", "PATH": "/bin"}, {}) == {}


def test_a_variants_own_are_named_whatever_they_are_and_win():
    assert setting({"XLA_FLAGS": "a"}, {"XLA_FLAGS": "b", "MINE": "1"}) == {"MINE": "1", "XLA_FLAGS": "b"}


def test_of_libraries_their_names_alone_are_kept():
    found = setting({"LD_PRELOAD": "/home/someone/lib/libtcmalloc.so.4:/opt/libjemalloc.so.2"}, {})
    assert found == {"LD_PRELOAD": "libtcmalloc.so.4 libjemalloc.so.2"}


def test_niceness_and_processors_are_named_where_they_are_not_as_usual(monkeypatch):
    assert setting({}, {}) == {}
    monkeypatch.setattr(os, "nice", lambda _: 5)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {2, 0}, raising=False)
    assert setting({}, {}) == {"niceness": "5", "processors": "0,2"}


@pytest.mark.parametrize("name", ["KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH"])
def test_the_doctor_says_that_limits_of_keras_do_not_count(name):
    (found, *_) = variable_checks({name: "2"}, gpu=False)
    assert (found.what, found.state) == (f"software: {name}", "fine")
    assert "bench lifts Keras's limits" in found.found


def test_what_the_kernel_would_end_first_is_named(monkeypatch):
    monkeypatch.setattr("bench.host.variables.kernel_text", lambda _: "1000\n")
    assert setting({}, {}) == {"oom_score_adj": "1000"}
