"""What is measured: a suite's YAML file turned into frozen values, and those into cells."""

from bench.suite.cells import Cell, Suite
from bench.suite.load import load
from bench.suite.names import DATA_SETS, KERAS_NETWORKS, NETWORKS
from bench.suite.options import Options
from bench.suite.select import select
from bench.suite.spec import DataSpec, ModelSpec, Protocol, TrainSpec, Variant

__all__ = [
    "DATA_SETS",
    "KERAS_NETWORKS",
    "NETWORKS",
    "Cell",
    "DataSpec",
    "ModelSpec",
    "Options",
    "Protocol",
    "Suite",
    "TrainSpec",
    "Variant",
    "load",
    "select",
]
