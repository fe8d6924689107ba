"""Is this code in a notebook's kernel, or in a command that a notebook's cell started?"""

from __future__ import annotations

import sys
from collections.abc import Mapping

__all__ = ["in_kernel", "started_by_kernel"]


def in_kernel() -> bool:
    """Does an IPython kernel run in this process? IPython is not imported to find out: a kernel has imported it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    return getattr(shell, "kernel", None) is not None


def started_by_kernel(environ: Mapping[str, str]) -> bool:
    """Does the environment say that a notebook's cell started this process, as `!command` does?

    jupyter_client names itself to each kernel that it starts (Jupyter's, Colab's, Kaggle's), and ipykernel sets
    matplotlib's backend, which tells kernels that an editor starts by itself, such as VS Code's. Names of the service,
    such as COLAB_RELEASE_TAG or VSCODE_*, stand in its terminals' environment too, and those are terminals.
    """
    return "JPY_PARENT_PID" in environ or environ.get("MPLBACKEND", "").endswith("backend_inline")
