"""Real kernels, of this Python and this checkout, in a tree that is not the user's."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.manager import start_new_kernel

__all__ = ["Kernel", "kernel_environment", "kernel_in"]

CHECKOUT = Path(__file__).parents[2]


def kernel_environment():
    """`bench` in a cell's command is this checkout's, and its Python this one."""
    ours = {"PATH": str(Path(sys.executable).parent), "PYTHONPATH": str(CHECKOUT)}
    joined = {name: os.pathsep.join(filter(None, (path, os.environ.get(name)))) for name, path in ours.items()}
    return os.environ | joined


class Kernel:
    """Runs cells, each to its end."""

    def __init__(self, manager, client):
        self._manager, self._client = manager, client

    def run(self, code, interrupt_after=None):
        """The messages that the cell gives, as (type, content); interrupted once one of them holds that text."""
        messages, left = [], [interrupt_after] if interrupt_after else []

        def heard(message):
            messages.append((message["msg_type"], message["content"]))
            if left and left[0] in str(message["content"].get("data", message["content"].get("text", ""))):
                left.clear()
                self._manager.interrupt_kernel()

        self._client.execute_interactive(code, output_hook=heard)
        assert not left, f"nothing held {interrupt_after!r}: {messages}"
        return messages


@contextmanager
def kernel_in(folder):
    """A kernel at work in `folder`."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder), env=kernel_environment())
    try:
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
