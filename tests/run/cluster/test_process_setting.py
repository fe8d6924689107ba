"""Cells on a node begin as a local run's would there, whatever Ray does to its workers."""

import os

from bench.run.cluster import process_setting
from bench.run.cluster.process_setting import environment_of_node


def environment(monkeypatch, raylets, workers, assigned=False):
    told = "\0".join(f"{name}={value}" for name, value in raylets.items()) + "\0"
    monkeypatch.setattr(process_setting, "kernel_text", lambda path: told if str(path) == "/proc/7/environ" else "")
    return environment_of_node(7, workers, assigned)


def test_it_is_the_raylets_without_what_ray_adds(monkeypatch):
    raylets = {"PATH": "/bin", "LD_PRELOAD": "/x/ray/core/libjemalloc.so"}
    workers = {"PATH": "/bin", "OMP_NUM_THREADS": "1", "RAY_JOB_ID": "1", "CUDA_VISIBLE_DEVICES": ""}
    assert environment(monkeypatch, raylets, workers) == {"PATH": "/bin"}


def test_what_the_user_gave_the_raylet_stays(monkeypatch):
    raylets = {"OMP_NUM_THREADS": "4", "LD_PRELOAD": "/x/ray/core/libjemalloc.so:/opt/libtcmalloc.so", "A": "b=c"}
    found = environment(monkeypatch, raylets, {"OMP_NUM_THREADS": "1"})
    assert found == {"OMP_NUM_THREADS": "4", "LD_PRELOAD": "/opt/libtcmalloc.so", "A": "b=c"}


def test_cards_are_those_that_ray_gave(monkeypatch):
    workers = {"CUDA_VISIBLE_DEVICES": "1"}
    assert environment(monkeypatch, {"CUDA_VISIBLE_DEVICES": "0,1"}, workers, True) == workers


def test_where_a_raylet_cannot_be_looked_at_the_workers_own_stands_without_threads(monkeypatch):
    monkeypatch.setattr(process_setting, "kernel_text", lambda _: "")
    assert environment_of_node(7, {"A": "1", "OMP_NUM_THREADS": "1"}, False) == {"A": "1"}


def test_the_kernel_tells_of_a_process():
    """The very form of /proc that the others make up."""
    assert environment_of_node(os.getpid(), {}, False)["PATH"]
