"""Processes that begin with everything imported: for tests of what a command does, and not of how it is started.

`python -m bench run …` takes seconds to import TensorFlow, twice. `Popen` and `run` are `subprocess`'s, but what they
give was forked from a process that has imported it all, touched no device and run nothing: a process of its own and a
child of this one, with the directory, environment, signals and open files that it would have been started with. Its
own fork server is forked from it in the same way. What depends on how Python starts (`PYTHONPATH`, `LD_PRELOAD`, what
TensorFlow reads of the environment as it is imported) is started as ever, and so is what isn't `python -m` or `-c`.

Not for tests of what is imported, or of the start itself.
"""

from __future__ import annotations

import atexit
import ctypes
import fcntl
import gc
import importlib
import inspect
import io
import os
import pickle
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import types
from contextlib import contextmanager
from multiprocessing.connection import Connection

from bench.run import forkserver

__all__ = ["Popen", "Server", "forked_servers", "run"]

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_AT_THE_START = ("PYTHON", "LD_", "LC_", "LANG", "TF_", "KERAS_", "MPL", "XLA_", "OMP_", "MALLOC_", "GLIBC_")
"""Variables, by how they begin, that are read as Python or a library starts, and never again."""
_HIGH = 200
_START = "import sys; sys.path[:0] = sys.argv[2:]; from tests.warm import _serve; _serve(int(sys.argv[1]))"
_LOCK = threading.Lock()


class Server:
    """The process that has imported everything, with `environment` beside this process's own; it starts when needed.

    It ends when this process does, or by `close`.
    """

    def __init__(self, environment=None):
        self._more, self._environment, self._process = environment or {}, None, None

    def Popen(self, args, **options):  # noqa: N802 - as it is called in subprocess
        """As `subprocess.Popen`."""
        environment = options.get("env") or os.environ
        if self._process is None:
            self._environment = {**os.environ, **self._more}
        same = not _differing(environment, self._environment)
        if not same or not _forkable(args, options):
            return subprocess.Popen(args, **options)
        return _Forked(self.fork, args, **options)

    def run(self, args, *, check=False, capture_output=False, **options):
        """As `subprocess.run`."""
        if capture_output:
            options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with self.Popen(args, **options) as process:
            try:
                out, err = process.communicate()
            except BaseException:
                process.kill()
                raise
        done = subprocess.CompletedProcess(args, process.returncode, out, err)
        if check:
            done.check_returncode()
        return done

    def close(self):
        """End the server; what was forked from it lives on."""
        if self._process is not None:
            self._connection.close()
            self._control.close()
            self._process.kill()
            self._process.wait()
            self._process = None

    def fork(self, request, files):
        """Have a new child of this process become what `_become` is told; gives its number. `files` are those that it
        is to have open, by the numbers that they have there."""
        with _LOCK:
            if self._process is None:
                self._start()
            # an orphan goes to the nearest forebear that asks for it: us, for as long as this takes
            libc = ctypes.CDLL(None)
            libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
            try:
                self._connection.send_bytes(pickle.dumps((request, list(files))))
                socket.send_fds(self._control, [b"f"], list(files.values()))
                return self._connection.recv()
            finally:
                libc.prctl(_PR_SET_CHILD_SUBREAPER, 0)

    def _start(self):
        self._control, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, str(theirs.fileno()), *filter(None, sys.path)],
            pass_fds=[theirs.fileno()],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        self._connection = Connection(os.dup(self._control.fileno()))


_SERVER = Server()
Popen, run = _SERVER.Popen, _SERVER.run


class _Forked(subprocess.Popen):
    """`fork(request, files)` gives the number of a child that becomes what is asked for."""

    def __init__(self, fork, args, **options):
        self._fork = fork
        super().__init__(args, **options)

    def _execute_child(self, *args, **options):
        given = inspect.signature(subprocess.Popen._execute_child).bind(self, *args, **options).arguments
        pipes = [given[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        files = {number: number if pipe == -1 else pipe for number, pipe in enumerate(pipes)}
        files |= {number: number for number in given["pass_fds"]}
        environment = dict(os.environ if given["env"] is None else given["env"])
        cwd = os.getcwd() if given["cwd"] is None else os.fspath(given["cwd"])
        words = [os.fspath(word) for word in given["args"]]
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = self._fork((words, cwd, environment, given["start_new_session"]), files)
        self._child_created = True
        ends = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        self._close_pipe_fds(*(given[name] for name in ends))


@contextmanager
def forked_servers():
    """Meanwhile the harness's fork servers are forked too, as children of this process."""
    before = forkserver.subprocess
    _fork_servers(_SERVER.fork)
    yield
    forkserver.subprocess = before


def _fork_servers(fork):
    """Have `fork(request, files)` make the harness's fork servers."""

    def popen(args, **options):
        changed = _differing(options.get("env") or os.environ, os.environ)
        # they are given what is on the path of the process that starts them
        if changed - {"PYTHONPATH"} or not _forkable(args, options):
            return subprocess.Popen(args, **options)
        return _Forked(fork, args, **options)

    forkserver.subprocess = types.SimpleNamespace(**{**vars(subprocess), "Popen": popen})


def _differing(environment, other):
    """The variables that matter to how a process starts, and that aren't the same in both."""
    names = {name for name in {*environment, *other} if name.startswith(_AT_THE_START)}
    return {name for name in names if environment.get(name) != other.get(name)}


def _forkable(args, options):
    words = [word for word in args[1:] if word != "-P"] if not isinstance(args, (str, bytes, os.PathLike)) else []
    known = {"cwd", "env", "stdin", "stdout", "stderr", "text", "pass_fds", "start_new_session", "encoding"}
    return (
        sys.platform == "linux" and words[:1] in (["-m"], ["-c"]) and args[0] == sys.executable and known >= {*options}
    )


def _serve(descriptor):
    """The server's life: import, then fork until the owner is gone."""
    owner = os.getppid()
    for module in ("bench.run.cell", "bench.cli.main", *_modules()):
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    control = socket.socket(fileno=descriptor)
    connection = Connection(os.dup(descriptor))
    while True:
        try:
            request, targets = pickle.loads(connection.recv_bytes())
        except (EOFError, ConnectionResetError):
            return
        _, handed, _, _ = socket.recv_fds(control, 1, len(targets))
        files = dict(zip(targets, handed, strict=True))
        told, telling = os.pipe()
        between = os.fork()
        if between == 0:  # its child is an orphan as soon as it ends
            pid = os.fork()
            if pid == 0:
                while os.getppid() != owner:
                    time.sleep(0.0005)
                _become(*request, files)
            os.write(telling, str(pid).encode())
            os._exit(0)
        os.waitpid(between, 0)
        pid = int(os.read(told, 20))
        for number in (told, telling, *handed):
            os.close(number)
        connection.send(pid)


def _modules():
    """All that commands import, by name."""
    import bench

    for one in pkgutil.walk_packages(bench.__path__, "bench."):
        if not one.name.startswith(("bench._shipped", "bench.plugin", "bench.__main__")):
            yield one.name
    yield from ("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg")


def _fork_here(request, files):
    pid = os.fork()
    if pid == 0:
        _become(*request, files)
    return pid


def _become(words, cwd, environment, new_session, files):
    """Be the process that the words ask for, to its end."""
    status = 1
    try:
        gc.freeze()  # what isn't ours any more is never cleaned up
        if new_session:
            os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        os.chdir(cwd)
        if environment.get("PYTHONPATH") != os.environ.get("PYTHONPATH"):
            sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
        os.environ.clear()
        os.environ.update(environment)
        _open_only(files)
        _streams()
        _fork_servers(_fork_here)
        status = _end_of(words)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _open_only(files):
    """Have these files open, under their numbers, and no others."""
    high = {target: fcntl.fcntl(source, fcntl.F_DUPFD_CLOEXEC, _HIGH) for target, source in files.items()}
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for number in map(int, os.listdir("/proc/self/fd")):
        if number not in (nothing, *high.values()):
            try:
                os.fstat(number)
            except OSError:  # the listing's own
                continue
            # objects may be left that will close it: to close it here could hit another file by then
            os.dup2(nothing, number, inheritable=False)
    for target, source in high.items():
        os.dup2(source, target)
        os.close(source)


def _streams():
    # those before stay as they are: what they hold unwritten is somebody else's
    _streams.before = sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__
    like = {"encoding": sys.__stdout__.encoding, "closefd": False}
    sys.stdin = sys.__stdin__ = open(0, **like)
    errors = sys.__stdout__.errors
    sys.stdout = sys.__stdout__ = open(1, "w", errors=errors, **like)
    sys.stderr = sys.__stderr__ = io.TextIOWrapper(
        open(2, "wb", closefd=False), encoding=like["encoding"], errors="backslashreplace", line_buffering=True
    )


def _end_of(words):
    """Does what Python would, and gives the exit status."""
    how, what, *rest = [word for word in words[1:] if word != "-P"]
    status = 0
    try:
        sys.argv = [how, *rest]
        if how == "-m":
            sys.path.insert(0, os.getcwd())
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            if "-P" not in words:
                sys.path.insert(0, "")
            main = sys.modules["__main__"] = types.ModuleType("__main__")
            exec(compile(what, "<string>", "exec"), main.__dict__)
    except SystemExit as end:
        status = _exit_status(end.code)
    except KeyboardInterrupt:
        traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        traceback.print_exc()
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def _exit_status(code):
    if code is None or isinstance(code, int):
        return code or 0
    sys.stderr.write(f"{code}\n")
    return 1
