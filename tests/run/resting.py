"""Work for a forked process: some never ends by itself, some leaves others behind."""

import os
import signal
import subprocess
import tempfile
from pathlib import Path


def rest_with_another(connection, _):
    """Start a process of the same group, and say its number."""
    connection.send(subprocess.Popen(["sleep", "600"]).pid)
    signal.pause()


def rest(connection, _):
    connection.send("awake")
    signal.pause()


def say_and_rest(connection, word):
    connection.send(word)
    signal.pause()


def leave_daemons(connection, then):
    """Start two that have left session and parent, and say their numbers: one runs a program, one is a mere fork. Then
    end (`exit`), or stay (`rest`)."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(writer, b"%d " % os.getpid())
            program = subprocess.Popen(["sleep", "600"], start_new_session=True)
            os.write(writer, b"%d\n" % program.pid)
            signal.pause()
        os._exit(0)
    said = b""
    while not said.endswith(b"\n"):
        said += os.read(reader, 100)
    connection.send([int(word) for word in said.split()])
    if then == "rest":
        signal.pause()


def end_but_for_a_fork(connection, status):
    """End while another process still holds the connection."""
    if os.fork() == 0:
        signal.pause()
    os._exit(status)


def hang_up(connection, _):
    """Go on without a connection."""
    connection.close()
    signal.pause()


def leave_file(connection, _):
    """As TensorFlow does where it isn't ended in order; say in which folder."""
    file, path = tempfile.mkstemp()
    os.close(file)
    connection.send(str(Path(path).parent))


def kill_server_and_answer(connection, wanted):
    """Kill the server, as often as wanted by `(file that counts, times)`; then answer."""
    killed, times = wanted
    if not killed.exists() or len(killed.read_text()) < times:
        with killed.open("a") as file:
            file.write("x")
        if times:
            os.kill(os.getppid(), signal.SIGKILL)
            signal.pause()
    connection.send("answer")
