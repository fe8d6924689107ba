"""Where a cell's output goes, how much of it, when it stays, and the removal of what killed runs have left."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bench.results.journal import JournalError
from bench.results.locked import Lock, locked
from bench.run.job import Outcome
from bench.suite.cells import Cell

__all__ = ["bound", "drop", "held", "log_path", "sweep_logs", "tidy"]

MOST_BYTES = 64 << 20
_KEPT_BYTES = 1 << 20
_OURS = re.compile(r"-\d{8}T\d{6}\.log$")


def log_path(results: Path, cell: Cell, started: str) -> Path:
    """Where, in a folder of `results`, the output of `cell`, begun at `started` (ISO 8601), is kept if it doesn't end
    well."""
    name = f"{cell.id.replace('/', '_')}-{re.sub(r'[^0-9T]', '', started.partition('+')[0])}.log"
    return results / "logs" / cell.suite / name


@contextmanager
def held(log: Path) -> Iterator[None]:
    """Make the log, and hold it while its cell runs and until its record is kept: no other run takes it for left.

    Raises JournalError where it can't be written.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(log, os.O_RDONLY | os.O_CREAT, Lock.SHARED))
        except OSError as error:
            hint = "make room or make the folder writable, and run again with --resume"
            raise JournalError(f"{log}: can't be written ({error.strerror or error}); {hint}") from error
        yield


def tidy(log: Path, outcome: Outcome, root: Path) -> str | None:
    """Keep the log of a cell that failed; gives its path relative to the root."""
    if outcome.status != "ok":
        return log.relative_to(root).as_posix() if log.exists() else None
    drop(log)
    return None


def drop(log: Path) -> None:
    """Remove it, and its folders where they are empty then."""
    log.unlink(missing_ok=True)
    for folder in (log.parent, log.parent.parent):
        with suppress(OSError):  # another log lies there
            folder.rmdir()


def bound(log: Path | None) -> None:
    """Cut a log that has grown beyond `MOST_BYTES`, by a cell that prints without end, down to its beginning.

    What is written later follows there. Costs a look at the file's size.
    """
    if log is None:
        return
    with suppress(OSError):
        size = log.stat().st_size
        if size <= MOST_BYTES:
            return
        with log.open("ab") as file:
            file.truncate(_KEPT_BYTES)
            file.write(f"\n[bench: {size - _KEPT_BYTES:,} bytes were left out here]\n".encode())


def sweep_logs(folder: Path) -> int:
    """Remove the logs under a `folder` of results that no run holds and none of its records names; gives how many.

    A name counts wherever it stands in a file of records, be the line whole or torn.
    """
    with ExitStack() as stack:
        logs = (log for log in (folder / "logs").glob("*/*.log") if not log.parent.is_symlink())
        left = [log for log in logs if _OURS.search(log.name) and _locked(stack, log)]
        if not left:
            return 0
        # looked for once they are locked: a run that has let go of one has kept its record by then
        try:
            known = b"".join(file.read_bytes() for file in folder.rglob("*.jsonl*") if file.is_file())
        except OSError:
            return 0
        orphans = [log for log in left if not any(name in known for name in _in_json(log.name))]
        for log in orphans:
            with suppress(OSError):
                drop(log)
    return len(orphans)


def _in_json(name: str) -> tuple[bytes, ...]:
    """The ways in which JSON may write a name."""
    return tuple(json.dumps(name, ensure_ascii=ascii_only)[1:-1].encode() for ascii_only in (True, False))


def _locked(stack: ExitStack, log: Path) -> bool:
    """Lock a log for as long as `stack` lasts; False where somebody holds it, and where it isn't ours alone."""
    try:
        fd = os.open(log, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    stack.callback(os.close, fd)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return os.fstat(fd).st_uid == os.geteuid()
