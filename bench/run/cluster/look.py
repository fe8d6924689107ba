"""What a node says of itself: run there, without bench where there is none. Imports at the top what Python has."""

from __future__ import annotations

from typing import Any

__all__ = ["look"]


def look() -> dict[str, Any]:
    """The node's name, its clock, its versions and its hardware, in plain values.

    `unfit` says why bench can't run there.
    """
    import os
    import platform
    import socket
    import time
    from importlib import metadata

    found: dict[str, Any] = {"clock": time.time(), "hostname": socket.gethostname(), "software": {}, "unfit": None}
    found["software"]["python"] = platform.python_version()
    for name, packages in {
        "tensorflow": ("tensorflow", "tensorflow-cpu", "tf-nightly", "tensorflow-rocm"),
        "keras": ("keras",),
    }.items():
        for package in packages:
            try:
                found["software"][name] = metadata.version(package)
                break
            except metadata.PackageNotFoundError:
                continue
    try:
        from bench.host.detect import detect
        from bench.run.cluster.process_setting import environment_of_node
        from bench.run.cluster.version import source_digest
    except ImportError as error:
        found["unfit"] = f"bench can't be imported there ({error})"
        return found
    environ = environment_of_node(os.getppid(), os.environ, assigned_gpus=False)
    found["hardware"] = detect(environ).model_dump(mode="json")
    found["bench"] = source_digest()
    if "tensorflow" not in found["software"]:
        found["unfit"] = "TensorFlow isn't installed there"
    return found
