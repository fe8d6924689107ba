"""Asks TensorFlow, and then Keras, what they are and see, in a process of its own that may die of it.

    python -c "from bench.workload.stack import tell; tell()" DESCRIPTOR

writes to the descriptor a line of JSON for each answer, as soon as there is one; what fails is seen by its absence, and
why by what this process prints.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from typing import Any, TextIO

__all__ = ["tell"]


def tell() -> None:
    """The process's whole work, by its arguments. Doesn't return: TensorFlow's threads may be slow to end."""
    with os.fdopen(int(sys.argv[1]), "w") as answer:
        _tell(answer)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _tell(answer: TextIO) -> None:
    # TensorFlow is imported here and not above: that it can't be is one of the answers
    _say(answer, file=_origin("tensorflow"), keras_file=_origin("keras"))
    import tensorflow as tf

    _say(answer, version=str(tf.__version__))
    build = tf.sysconfig.get_build_info()
    _say(
        answer,
        build={
            "cuda": bool(build.get("is_cuda_build")),
            "rocm": bool(build.get("is_rocm_build")),
            "cuda_version": _text(build.get("cuda_version")),
            "cudnn_version": _text(build.get("cudnn_version")),
            "architectures": list(build.get("cuda_compute_capabilities") or ()),
        },
    )
    _say(answer, gpus=[_gpu(tf, gpu) for gpu in tf.config.list_physical_devices("GPU")])
    import keras

    _say(answer, keras=str(keras.__version__))


def _origin(module: str) -> str | None:
    spec = find_spec(module)
    return spec.origin if spec else None


def _gpu(tf: Any, gpu: Any) -> dict[str, str | None]:
    details = tf.config.experimental.get_device_details(gpu)
    capability = details.get("compute_capability")
    return {
        "name": details.get("device_name"),
        "compute_capability": ".".join(map(str, capability)) if capability else None,
    }


def _text(value: object) -> str | None:
    return str(value) if value else None


def _say(answer: TextIO, **found: object) -> None:
    print(json.dumps(found), file=answer, flush=True)
