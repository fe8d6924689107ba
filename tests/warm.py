"""Processes that begin with everything imported: for tests of what a command does, and not of how it is started.

`python -m bench run …` takes seconds to import TensorFlow, twice. `Popen` and `run` are `subprocess`'s, but what they
give was forked from a process that has imported it all, touched no device and run nothing: a process of its own and a
child of this one, with the directory, environment, signals and open files that it would have been started with. Its
own fork server is forked from it in the same way. What depends on how Python starts (`PYTHONPATH`, `LD_PRELOAD`, what
TensorFlow reads of the environment as it is imported) is started as ever, and so is what isn't `python -m` or `-c`.
`plain.Popen` and `plain.run` do the same for what needs no TensorFlow.

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
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types
import warnings
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

import bench
from bench.run.process import forkserver

__all__ = ["Popen", "Server", "forked_servers", "plain", "run"]

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_AT_THE_START = ("PYTHON", "LD_", "LC_", "LANG", "TF_", "KERAS_", "MPL", "XLA_", "OMP_", "MALLOC_")
"""Variables, by how they begin, that are read as Python or a library starts, and never again. GLIBC_TUNABLES is one
too, and left out: how a fork server takes its memory is no test's affair but one's, which starts a real one."""
_KNOWN = frozenset({"cwd", "env", "stdin", "stdout", "stderr", "text", "pass_fds", "start_new_session"})
_HIGH = 200
_START = """
import sys
sys.path[:0] = sys.argv[3:]
from tests.warm import _serve
_serve(*map(int, sys.argv[1:3]))
"""
_CHECKOUT = str(Path(__file__).parents[1])
_LOCK = threading.Lock()


class Server:
    """The process that has imported everything, with `environment` beside this process's own; it starts when needed.

    Without `frameworks` it has imported no TensorFlow. It ends when this process does, or by `close`.
    """

    def __init__(self, environment=None, *, frameworks=True):
        self._more, self._environment, self._process = environment or {}, None, None
        self._frameworks = frameworks

    def Popen(self, args, **options):  # noqa: N802 - as it is called in subprocess
        """As `subprocess.Popen`."""
        if self._process is None:
            self._environment = {**os.environ, **self._more}
        given = os.environ if options.get("env") is None else options["env"]
        if _differing(given, self._environment) or not _forkable(args, options):
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
            [sys.executable, "-c", _START, str(theirs.fileno()), str(int(self._frameworks)), _CHECKOUT],
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
plain = Server(frameworks=False)


@contextmanager
def forked_servers():
    """Meanwhile the harness's fork servers are forked too, as children of this process."""
    before = forkserver.subprocess
    _fork_servers(_SERVER)
    yield
    forkserver.subprocess = before


def _fork_servers(by=None):
    """Have the harness's fork servers forked from the server `by`, or from this very process."""

    def popen(args, **options):
        environment = dict(os.environ if options.get("env") is None else options["env"])
        # its path is that of the process that starts it, and the server and this process have that already
        options["env"] = {k: v for k, v in environment.items() if k != "PYTHONPATH" or k in os.environ}
        if "PYTHONPATH" in os.environ:
            options["env"]["PYTHONPATH"] = os.environ["PYTHONPATH"]
        if _differing(options["env"], os.environ) or not _forkable(args, options):
            return subprocess.Popen(args, **options | {"env": environment})
        return by.Popen(args, **options) if by else _Forked(_fork_here, args, **options)

    forkserver.subprocess = types.SimpleNamespace(**{**vars(subprocess), "Popen": popen})


def _differing(environment, other):
    """The variables that matter to how a process starts, and that aren't the same in both."""
    names = {name for name in {*environment, *other} if name.startswith(_AT_THE_START)}
    return {name for name in names if environment.get(name) != other.get(name)}


def _forkable(args, options):
    return sys.platform == "linux" and args[0] == sys.executable and _parts(args) is not None and {*options} <= _KNOWN


def _parts(words):
    """The options of a command of Python's, and from `-m` or `-c` on; None where it is no such command."""
    for place, word in enumerate(words):
        if word in ("-m", "-c"):
            before = tuple(words[1:place])
            return (before, words[place:]) if before in ((), ("-P",), ("-W", "error")) else None
    return None


class _Forked(subprocess.Popen):
    """`fork(request, files)` gives the number of a child that becomes what is asked for."""

    def __init__(self, fork, args, **options):
        self.fork = fork
        super().__init__(args, **options)

    def _execute_child(self, *args, **options):
        given = inspect.signature(subprocess.Popen._execute_child).bind(self, *args, **options).arguments
        pipes = [given[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        files = {number: number if pipe == -1 else pipe for number, pipe in enumerate(pipes)}
        files |= {number: number for number in given["pass_fds"]}
        environment = dict(os.environ if given["env"] is None else given["env"])
        words = [os.fspath(word) for word in given["args"]]
        sys.audit("subprocess.Popen", words[0], words, given["cwd"], environment)
        sys.stdout.flush()
        sys.stderr.flush()
        cwd = os.fspath(given["cwd"] or Path.cwd())
        self.pid = self.fork((words, cwd, environment, given["start_new_session"]), files)
        self._child_created = True
        ends = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        self._close_pipe_fds(*(given[name] for name in ends))


def _serve(descriptor, frameworks):
    """The server's life: import, then fork until the owner is gone."""
    owner = os.getppid()
    _import_all(frameworks)
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


def _import_all(frameworks):
    """All that commands import, with or without what needs TensorFlow."""
    package = Path(bench.__file__).parent
    files = [path.relative_to(package.parent).with_suffix("") for path in sorted(package.rglob("*.py"))]
    names = [".".join(file.parts) for file in files if "plugin" not in file.parts and not file.name.startswith("__")]
    names += ["matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"]
    names.append("tests.records")
    if frameworks:
        for name in names:
            importlib.import_module(name)
        return
    sys.meta_path.insert(0, finder := _NoFrameworks())
    for name in names:
        before, finder.asked = {*sys.modules}, False
        with suppress(ImportError):
            importlib.import_module(name)
        for late in {*sys.modules} - before if finder.asked else ():
            if late.startswith("bench."):  # to be imported by whoever needs it
                parent, _, last = late.rpartition(".")
                vars(sys.modules[parent]).pop(last, None) if parent in sys.modules else None
                del sys.modules[late]
    sys.meta_path.remove(finder)


class _NoFrameworks:
    """Finds no TensorFlow, and remembers that it was `asked`."""

    asked = False

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras", "tf_keras"):
            self.asked = True
            raise ImportError(name)


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
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environment)
        tempfile.tempdir = None  # TMPDIR is read anew
        _open_only(files)
        _streams()
        _fork_servers()
        status = _end_of(words)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _open_only(files):
    """Have these files open, under their numbers, and no others."""
    high = {target: fcntl.fcntl(source, fcntl.F_DUPFD_CLOEXEC, _HIGH) for target, source in files.items()}
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for number in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
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
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(
            open(number, mode, closefd=False),  # noqa: SIM115
            was.encoding,
            was.errors,
            line_buffering=was.line_buffering or os.isatty(number),
            write_through=was.write_through,
        )
        for number, mode, was in ((0, "rb", sys.__stdin__), (1, "wb", sys.__stdout__), (2, "wb", sys.__stderr__))
    )
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr


def _end_of(words):
    """Does what Python would, and gives the exit status."""
    before, (how, what, *rest) = _parts(words)
    if "-W" in before:
        warnings.simplefilter("error")
    status = 0
    try:
        sys.argv = [how, *rest]
        if how == "-m":
            sys.path.insert(0, str(Path.cwd()))
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            if "-P" not in before:
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
