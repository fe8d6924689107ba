"""A question to the database, and its answer row by row, within a time and a memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Timer
from typing import Any, NamedTuple

import bench
from bench.database.faults import question_error, runaway, too_large
from bench.database.guard import Refused
from bench.database.views import VIEWS

__all__ = ["Answer", "Limits", "asked"]

_BEHIND = str(Path(bench.__file__).parents[1])
_CODE = f"import sys; sys.path.append({_BEHIND!r}); from bench.database.child import main; main()"
"""Without the folder that it is started in on the way: a tree of others may have modules of any name."""


class Limits(NamedTuple):
    """What a question may take."""

    seconds: float = 60.0
    memory: int = 2**30


class Answer(NamedTuple):
    """The columns of an answer with DuckDB's names of their types, the names that the question itself gave, and the
    rows: values of JSON, and what isn't finite."""

    columns: tuple[tuple[str, str], ...]
    given: frozenset[str]
    rows: Iterator[list[Any]]


@contextmanager
def asked(database: Path, sql: str, limits: Limits) -> Iterator[Answer]:
    """Ask the database that lies in a file.

    Raises `bench.database.faults.QuestionError` where the text is no question to the views, and where it takes more
    than it may; then within the block, too. Who leaves the block ends the question.
    """
    question = {
        "database": str(database),
        "sql": sql,
        "views": list(VIEWS),
        "memory": limits.memory,
        "seconds": limits.seconds,
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    is_late = Event()

    def end() -> None:
        is_late.set()
        process.kill()

    timer = Timer(limits.seconds, end)
    timer.daemon = True
    timer.start()
    try:
        with process.stdin as given, process.stdout as said:  # type: ignore[union-attr]
            given.write(json.dumps(question).encode() + b"\n")
            given.flush()
            lines = _lines(said, process, sql, limits, is_late)
            first = next(lines)
            columns = tuple((name, form) for name, form in first["columns"])
            yield Answer(columns, frozenset(first["given"]), (row for one in lines for row in one["rows"]))
    finally:
        timer.cancel()
        process.kill()
        process.wait()


def _lines(
    said: Any, process: subprocess.Popen[bytes], sql: str, limits: Limits, is_late: Event
) -> Iterator[dict[str, Any]]:
    for line in said:
        if not line.endswith(b"\n"):
            break
        found = json.loads(line)
        if "refused" in found:
            raise question_error(sql, Refused(*found["refused"]))
        if "error" in found:
            if found["error"] == "OutOfMemoryException":
                raise too_large(limits.memory)
            raise question_error(sql, found["message"])
        if "end" in found:
            return
        yield found
    process.wait()
    raise runaway(limits.seconds) if is_late.is_set() else too_large(limits.memory)
