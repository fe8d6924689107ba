"""Opens the driver's library and CUDA's as TensorFlow would, in a process of its own: a sick one may take it along.

    python -c "from bench.host.doctor.linking import tell; tell()" DESCRIPTOR libcudart.so.12 libcudnn.so.9

writes to the descriptor one line of JSON for what it found of the driver, and one for each library.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["cuda_driver", "library", "tell"]

_DRIVER = "libcuda.so.1"


def tell() -> None:
    """The process's whole work, by its arguments."""
    with os.fdopen(int(sys.argv[1]), "w") as answer:
        print(json.dumps({"driver": cuda_driver()}), file=answer, flush=True)
        for name in sys.argv[2:]:
            print(json.dumps({"library": library(name)}), file=answer, flush=True)


def cuda_driver() -> dict[str, Any]:
    """The fields of a `CudaDriver`. Makes no context: nothing is taken on the GPU."""
    try:
        driver = ctypes.CDLL(_DRIVER)
    except OSError as error:
        return {"error": str(error)}
    found: dict[str, Any] = {"file": _loaded_from(_DRIVER), "code": driver.cuInit(0)}
    number = ctypes.c_int()
    if driver.cuDriverGetVersion(ctypes.byref(number)) == 0:
        found["version"] = f"{number.value // 1000}.{number.value % 1000 // 10}"
    if found["code"] == 0 and driver.cuDeviceGetCount(ctypes.byref(number)) == 0:
        found["devices"] = number.value
    return found


def library(name: str, path: Sequence[str] | None = None) -> dict[str, Any]:
    """The fields of a `Library`: looked for in `LD_LIBRARY_PATH`, in NVIDIA's packages, and where the system has it.

    That is the loader's order for TensorFlow, whose own libraries name the packages' folders in their RUNPATH. `path`
    is where packages lie (None: `sys.path`).
    """
    first = [Path(folder, name) for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    named = [file for file in first if file.exists()]
    folders = map(Path, sys.path if path is None else path)
    packaged = [file for folder in folders for file in sorted(folder.glob(f"nvidia/*/lib/{name}"))]
    errors = []
    for file in (*named, *packaged):
        if error := _refused(str(file)):
            errors.append(error)
        elif file in named and packaged:
            return {"name": name, "file": str(file), "instead_of": str(packaged[0])}
        else:
            return {"name": name, "file": str(file)}
    if error := _refused(name):
        return {"name": name, "error": (errors or [error])[0]}
    return {"name": name, "file": _loaded_from(name)}


def _refused(file: str) -> str | None:
    """The loader's word where it can't open it."""
    try:
        ctypes.CDLL(file)
    except OSError as error:
        return str(error)
    return None


def _loaded_from(name: str) -> str:
    """The file that the loader took: it doesn't tell, so among those mapped into this process; else the bare name."""
    with contextlib.suppress(OSError):
        wanted = name.partition(".so")[0] + ".so"
        for line in Path("/proc/self/maps").read_text(errors="replace").splitlines():
            file = line.partition("/")[1] + line.partition("/")[2]
            if Path(file).name.startswith(wanted):
                return file
    return name
