"""Data sets: found, checked, decoded and divided, without TensorFlow.

    spec ──► places (where it lies) ──► cifar, digits, synthetic, own (decoded) ──► subset ──► divided ──► stored

NumPy is all that this package needs, so one process can decode a data set for many cells.
"""

from bench.workload.data.dataset import DataSet, Split
from bench.workload.data.download import fetch
from bench.workload.data.loading import load
from bench.workload.data.overview import Known, known
from bench.workload.data.stored import open_stored, store

__all__ = ["DataSet", "Known", "Split", "fetch", "known", "load", "open_stored", "store"]
