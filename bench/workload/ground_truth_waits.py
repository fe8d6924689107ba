"""What the waits of `bench.workload.ground_truth` really took, without TensorFlow."""

from __future__ import annotations

import struct
from pathlib import Path

__all__ = ["FOLDER_VARIABLE", "FORM", "read_waits"]

FOLDER_VARIABLE = "BENCH_WAITS"
"""Environment variable that names the folder into which waits are written."""

FORM = struct.Struct("dd")
"""Begin and end of a wait, in seconds of `time.perf_counter`."""


def read_waits(folder: Path, kind: str) -> list[tuple[float, float]]:
    """Begin and end of every wait of the kind `step` or `pipeline`, of the one process that wrote into `folder`."""
    return [wait for path in folder.glob(f"*-{kind}") for wait in FORM.iter_unpack(path.read_bytes())]
