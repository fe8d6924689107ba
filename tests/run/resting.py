"""Work for a forked process that never ends by itself."""

import signal
import subprocess


def rest_with_another(connection, _):
    """Start a process of the same group, and say its number."""
    connection.send(subprocess.Popen(["sleep", "600"]).pid)
    signal.pause()


def rest(connection, _):
    connection.send("awake")
    signal.pause()
