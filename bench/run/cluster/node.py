"""The process on a node that runs its part of a suite, as `bench run` does on one machine, and tells the driver.

It is a child of Ray's worker, in a session of its own, with its node's environment and priority. It ends, with all that
it started, where the worker or the raylet has gone.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from bench.errors import Fault, InputError
from bench.host.detect import Hardware
from bench.host.names import host_id, host_label
from bench.host.profile import HostProfile
from bench.host.registry import Recognised
from bench.instruments.load import carried_by
from bench.results.journal import Journal, JournalError, journal_path, pairs_path
from bench.results.pair import Pair
from bench.results.record import Record
from bench.run.cluster.archive import Archive, unpack
from bench.run.cluster.code import BESIDE, HERE, missing_code
from bench.run.cluster.process_setting import carrier_of, like_a_local_run
from bench.run.cluster.relay import Relay, RelayPairs, Sent
from bench.run.cluster.verb import answer
from bench.run.cluster.words import Ended, Errand, Go, Previewed, Ready, Refused, Task
from bench.run.prepare import Prepared, Request, prepared, preview
from bench.run.process.executors import LocalExecutor
from bench.run.process.scratch import scratch_folder
from bench.run.run_suite import Interrupted, run_prepared

if TYPE_CHECKING:
    from bench.suite.cells import Cell, Suite

__all__ = ["NodeExecutor", "main"]

_GRACE_SECONDS = 10.0


class NodeExecutor(LocalExecutor):
    """Runs cells on this node; the driver says what it is called."""

    def host(self, root: Path, hardware: Hardware, wanted: str | None) -> Recognised:  # noqa: ARG002
        """One that isn't known yet: the driver knows the hosts."""
        return Recognised(HostProfile(id=host_id(hardware), label=host_label(hardware), hardware=hardware), True)


def main(descriptor: int, worker: int, raylet: int) -> NoReturn:
    """The life of the process: `descriptor` reaches Ray's worker of this number, whose raylet is that one."""
    like_a_local_run(raylet)
    carried_by(carrier_of(raylet))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    connection = Connection(descriptor)
    threading.Thread(target=_watch, args=(worker, raylet), daemon=True).start()
    status = 0
    try:
        with scratch_folder() as scratch:
            _run(connection, scratch)
    except (KeyboardInterrupt, EOFError, BrokenPipeError):
        status = 1
    os._exit(status)


def _run(connection: Connection, scratch: Path) -> None:
    sent = Sent(connection, scratch)
    relay = Relay(sent)
    try:
        word = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our driver
        _lay_out(word.code, scratch)
        if isinstance(word, Errand):
            sent.say(answer(word, sent, scratch))
            return
        request, options = _request(word, scratch)
        if word.preview:
            sent.say(Previewed(preview(request, NodeExecutor())))
            return
        with prepared(request, NodeExecutor(), relay.notice) as ready:
            _ = ready.setting.software  # computed here: it tells of this machine
            sent.say(Ready(ready.setting, ready.planned))
            go = pickle.loads(connection.recv_bytes())  # noqa: S301
            assert isinstance(go, Go)
            ready, request = _settled(ready, request, go)
            run_prepared(request, ready, relay, RelayPairs(sent) if options else None)
    except InputError as error:
        sent.say(Refused(error.faults))
        return
    except Interrupted:
        sent.files(checkpoints=True)
        sent.say(Ended(interrupted=True))
        return
    except JournalError as error:
        sent.say(Ended(why=str(error)))
        return
    sent.files()
    sent.say(Ended())


def _lay_out(code: Archive, scratch: Path) -> None:
    """Unpack what came with the suite. Raises InputError."""
    for name in (BESIDE, HERE):
        (scratch / name).mkdir()
    try:
        unpack(code, scratch)
    except OSError as error:
        raise InputError(Fault(f"{error.filename}: {error.strerror or error}")) from error


def _request(task: Task, scratch: Path) -> tuple[Request, bool]:
    """The run of this node. Raises InputError."""
    os.chdir(scratch / HERE)  # what the user's code looks up beside itself, as in the folder of the command
    folder = scratch / BESIDE
    suite, cells = _moved(task.suite, task.cells, folder)
    faults = tuple(missing_code(cells, folder))
    if faults:
        raise InputError(*faults)
    data_dir = Path(task.data_dir) if task.data_dir is not None else None
    until, precision = task.until, task.precision
    return Request(suite, cells, scratch, data_dir, task.strict_data, until=until, precision=precision), task.options


def _moved(suite: Suite, cells: Sequence[Cell], folder: Path) -> tuple[Suite, tuple[Cell, ...]]:
    """The same, with the suite's folder where it lies on this node."""
    update: Mapping[str, Any] = {"folder": str(folder)}
    return suite.model_copy(update=update), tuple(cell.model_copy(update=update) for cell in cells)


def _settled(ready: Prepared, request: Request, go: Go) -> tuple[Prepared, Request]:
    """The same, under the driver's name for this machine, beside what was measured on it before."""
    for path, content in go.files.items():
        (request.root / path).parent.mkdir(parents=True, exist_ok=True)
        (request.root / path).write_bytes(content)
    host, suite = go.host.id, request.suite.name
    records = Journal(journal_path(request.root, host, suite, go.team), Record)
    for record in go.records:
        records.append(record)
    pairs = Journal(pairs_path(request.root, host, suite, go.team), Pair)
    for pair in go.pairs:
        pairs.append(pair)
    software = ready.setting.software
    setting = replace(ready.setting, host=go.host, team=go.team)
    setting.__dict__["software"] = software
    planned = tuple(one for one in ready.planned if one.cell.id in go.only)
    return replace(ready, setting=setting, planned=planned), replace(request, resume=go.resume)


def _watch(*pids: int) -> None:
    """End this process where one of these has ended."""
    gone = select.poll()
    for pid in pids:
        try:
            gone.register(os.pidfd_open(pid), select.POLLIN)
        except ProcessLookupError:
            break
        except OSError:  # an old kernel: the connection's end has to tell
            continue
    else:
        gone.poll()
    with suppress(ProcessLookupError):
        os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait(_GRACE_SECONDS)
    os._exit(1)
