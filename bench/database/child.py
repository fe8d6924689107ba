"""Asks one question, in a process of its own that can be ended at any moment.

It reads one line of JSON (the database's file, the SQL, the views' names, memory in bytes, seconds), and writes lines
of JSON: the columns with their types, then the rows; or what is wrong.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from typing import Any

from bench.database.guard import look

__all__ = ["main"]

_ROWS = 1_000
_BESIDE_BYTES = 2**30
"""What Python and DuckDB take beside the memory that a question may."""
_LATER_SECONDS = 5


def main() -> None:
    """Ask what standard input says."""
    import duckdb

    asked = json.loads(sys.stdin.readline())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this hears it too, and ends this
    signal.alarm(int(asked["seconds"]) + _LATER_SECONDS)  # should that one be no more
    most = asked["memory"] + _BESIDE_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    try:
        with duckdb.connect(asked["database"], read_only=True, config=_config(asked["memory"])) as connection:
            looked = look(connection, asked["sql"], asked["views"])
            if looked.refused is not None:
                _say({"refused": looked.refused})
                return
            answer = connection.execute(asked["sql"])
            columns = [[name, str(form)] for name, form, *_ in answer.description or ()]
            _say({"columns": columns, "given": looked.given})
            while rows := answer.fetchmany(_ROWS):
                _say({"rows": [list(map(_plain, row)) for row in rows]})
            _say({"end": True})
    except duckdb.Error as error:
        _say({"error": type(error).__name__, "message": str(error)})
    except MemoryError:
        _say({"error": "OutOfMemoryException", "message": ""})


def _config(memory: int) -> dict[str, Any]:
    """Nothing but the database's file can be read, and nothing written; more can't be asked for."""
    return {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "allow_persistent_secrets": False,
        "temp_directory": "",
        "memory_limit": f"{memory // 2**20}MiB",
        "threads": 2,
        "lock_configuration": True,
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it: numbers and texts stay, and a moment becomes a text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value)


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
