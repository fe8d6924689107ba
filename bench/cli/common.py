"""What several verbs begin with."""

from __future__ import annotations

import atexit
import gc
import re
import signal
from pathlib import Path

import typer

from bench.errors import Fault, InputError

__all__ = ["duration", "end_at_once", "end_like_ctrl_c", "note", "share", "working_tree"]

_LONGEST = 30 * 86_400.0


def working_tree(root: Path) -> Path:
    """The tree's absolute path. Raises InputError where there is no such folder."""
    if not root.is_dir():
        what = "is a file" if root.exists() else "no such folder"
        raise InputError(Fault(what, "name the folder of a working tree, or make one with `bench init DIR`", root))
    return root.resolve()


def end_like_ctrl_c() -> None:
    """Let a batch system's ways of saying Ctrl-C, and a lost terminal's, raise KeyboardInterrupt as well.

    One that is ignored stays so: `nohup` is there for runs that are to outlast their terminal.
    """
    for end in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(end) is not signal.SIG_IGN:
            signal.signal(end, signal.default_int_handler)


def end_at_once() -> None:
    """Have Python's collector leave alone what is there at the very end: for verbs that read many records, of whose
    time it takes a tenth, and run nobody's code, which might count on it."""
    atexit.register(gc.freeze)


def note(text: str) -> None:
    """Something that the user should know, on the error stream."""
    typer.echo(f"note: {text}", err=True)


def share(option: str, text: str | None, most: float = 0.5) -> float | None:
    """A share of `1%` or `0.01`, as `option` was given it, up to `most`. Raises InputError."""
    if text is None:
        return None
    try:
        found = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        found = 0.0
    if not 0.001 <= found <= most:
        raise InputError(Fault(f"{option} {text} is no share", f"1% or 0.01, from 0.1% to {most:.0%}"))
    return found


def duration(option: str, text: str) -> float:
    """Seconds of `90s`, `10m` or `2h`, as `option` was given it. Raises InputError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h)?", text.strip())
    seconds = float(found[1]) * {"s": 1, "m": 60, "min": 60, "h": 3600}[found[2] or "s"] if found else 0.0
    if not 0 < seconds < _LONGEST:
        raise InputError(Fault(f"{option} {text} is no time", "90s, 10m or 2h, at most 30 days"))
    return seconds
