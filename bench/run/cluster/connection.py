"""The Ray cluster that a run is carried by: one that is there, or one of its own on this machine."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

from bench.errors import Fault, InputError
from bench.host.doctor.installer import this_installer
from bench.run.process.scratch import scratch_folder

__all__ = ["connected"]

PROBE_SECONDS = 5.0
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOCAL: Mapping[str, str] = {
    # no other user's program can reach it, and with authentication Ray writes a token into the home folder
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",
}
_ALWAYS: Mapping[str, str] = {"RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}  # else Ray warns of a change to come
_PARTING_SECONDS, _LOOK_SECONDS = 5.0, 0.05
_QUESTION = "/ray.rpc.NodeInfoGcsService/GetClusterId"
"""Ray's drivers ask it first, with an empty message."""
_LONGEST_FOLDER = 40
"""A socket's path has 107 bytes, and what Ray puts below the folder takes up to 65 of them."""
_OBJECT_STORE_BYTES = 80 << 20
"""The least that Ray takes is 75 MiB; words are small."""


@contextmanager
def connected(address: str | None) -> Iterator[None]:
    """Be the driver of the cluster at `address` (`HOST:PORT`); None: of one on this machine, which lasts as long as the
    block and leaves nothing.

    Raises InputError where there is none.
    """
    if find_spec("ray") is None:
        what = "the executor ray needs the extra `ray`, and Ray is not installed"
        raise InputError(Fault(what, this_installer().install("ray>=2.60")))
    if address is not None:
        _probe(address)
    before = {name: os.environ.get(name) for name in (*_LOCAL, *_ALWAYS)}
    handlers = {number: signal.getsignal(number) for number in _INTERRUPTS}
    os.environ.update({**_ALWAYS, **(_LOCAL if address is None else {})})
    try:
        with _attached(address):
            for number, handler in handlers.items():  # Ray puts its own there, which ends without a word
                signal.signal(number, handler)
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def _attached(address: str | None) -> Iterator[None]:
    import ray

    if ray.is_initialized():
        raise InputError(Fault("this program is connected to a Ray cluster already", "call ray.shutdown() first"))
    try:
        if address is None:
            with _short_folder() as folder:
                try:
                    with _whole():
                        ray.init(
                            address="local",  # without it RAY_ADDRESS, or a cluster that runs here, would be joined
                            include_dashboard=False,
                            object_store_memory=_OBJECT_STORE_BYTES,
                            _temp_dir=str(folder),
                            **_quiet(),
                        )
                    yield
                finally:
                    ray.shutdown()
            return
        try:
            with _whole():
                ray.init(address=address, **_quiet())
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise InputError(_refusal(address, error)) from error
        yield
    finally:
        ray.shutdown()


@contextmanager
def _whole() -> Iterator[None]:
    """Put Ctrl-C off to the end of the block: of a start that is broken off Ray leaves processes, which write on into a
    folder that goes, and threads, which may end this process with a fault. A second one doesn't wait."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = False
    handlers = {number: signal.getsignal(number) for number in _INTERRUPTS}

    def put_off(_number: int, _frame: FrameType | None) -> None:
        nonlocal came
        if came:
            raise KeyboardInterrupt
        came = True

    for number, handler in handlers.items():
        if callable(handler):
            signal.signal(number, put_off)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def _quiet() -> dict[str, object]:
    return {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}


@contextmanager
def _short_folder() -> Iterator[Path]:
    """A folder that goes, whose path leaves room for Ray's sockets."""
    within = Path(tempfile.gettempdir())
    if len(os.fsencode(within)) + len("/bench-01234567-01234567") > _LONGEST_FOLDER:
        within = Path("/tmp")  # noqa: S108 - a folder of its own in it
    with scratch_folder(within) as folder:
        _FOLDERS.append(folder)
        try:
            yield folder
        finally:
            _end_all_of(folder)


_FOLDERS: list[Path] = []


@atexit.register
def _remove_folders() -> None:
    """Once more, after what Ray itself does as the program ends: that handler is registered later, and runs before."""
    for folder in _FOLDERS:
        shutil.rmtree(folder, ignore_errors=True)


def _end_all_of(folder: Path) -> None:
    """Wait until nothing works in the folder any more, and end what does so for long: Ray doesn't wait for its own, and
    who is still starting makes the folder anew once it is gone."""
    wait_until = time.monotonic() + _PARTING_SECONDS
    while found := _at_work_in(folder):
        if time.monotonic() > wait_until:
            for pid in found:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            return
        time.sleep(_LOOK_SECONDS)


def _at_work_in(folder: Path) -> list[int]:
    """The processes whose command lines name the folder."""
    name, found = os.fsencode(folder), []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if name in one.read_bytes():
                found.append(int(one.parent.name))
    return found


def _probe(address: str) -> None:
    """Raise InputError where nothing that could be a cluster listens at `address`: Ray itself tries for ten minutes."""
    found = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^:\[\]/\s]+):(\d{1,5})", address)
    if found is None or not 0 < int(found[2]) < 65536:
        hint = "write ray:HOST:PORT, such as ray:10.0.0.1:6379, or ray alone for a cluster of its own on this machine"
        raise InputError(Fault(f"--executor ray:{address} names no address", hint))
    host, port = found[1].strip("[]"), int(found[2])
    what = f"no Ray cluster at {address}"
    try:
        socket.create_connection((host, port), timeout=PROBE_SECONDS).close()
    except OSError as error:
        why = "no answer in 5 s" if isinstance(error, TimeoutError) else str(error.strerror or error)
        hint = "start one with `ray start --head`, or write ray alone for one of its own on this machine"
        raise InputError(Fault(f"{what}: {why}", hint)) from error
    if os.environ.get("RAY_USE_TLS", "0") not in ("", "0"):
        return  # what listens there talks to those with certificates only
    if (fault := _no_cluster(address)) is not None:
        raise InputError(fault)


def _no_cluster(address: str) -> Fault | None:
    """What is wrong with what listens at `address`; None where Ray answers, and to us."""
    import grpc

    with grpc.insecure_channel(address) as channel:
        try:
            channel.unary_unary(_QUESTION)(b"", timeout=PROBE_SECONDS, metadata=_token())
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                hint = "set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN, or RAY_AUTH_TOKEN_PATH, as on its nodes"
                return Fault(f"the Ray cluster at {address} wants a token, and not what is set here", hint)
            hint = "the port of `ray start --head` is 6379, unless it was given another"
            return Fault(f"no Ray cluster at {address}: something else listens there", hint)
    return None


def _token() -> Any:
    """What Ray would send with a question of its own to say who asks; None where it has nothing to say."""
    try:
        from ray._private.authentication.grpc_authentication_client_interceptor import (
            _get_authentication_metadata_tuple as ours,
        )

        return ours() or None
    except Exception:  # where a newer Ray has it elsewhere, or it finds no token: the answer tells
        return None


def _refusal(address: str, error: Exception) -> Fault:
    said = " ".join(str(error).split())
    if "node" in said and ("raylet" in said or "IP" in said):
        hint = f"this machine must be one of its nodes: ray start --address={address}"
        return Fault(f"the Ray cluster at {address} can't be joined from here: {said[:300]}", hint)
    return Fault(f"the Ray cluster at {address} can't be joined: {said[:300]}")
