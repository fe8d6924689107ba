"""The command `bench`: its verbs, and how every one of them ends."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence

__all__ = ["main"]

FAILED, BAD_INPUT = 1, 2
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one verb and exit: 0 all well, 1 a cell failed or a file can't be written, 2 bad input and nothing run, 130
    interrupted."""
    from bench.errors import InputError

    _readable_anywhere()
    try:
        try:
            from bench.cli.app import app

            app(args=None if arguments is None else list(arguments))
        finally:
            sys.stdout.flush()  # at the very end Python would say itself, and not plainly, that this failed
    except InputError as error:
        for fault in error.faults:
            sys.stderr.write(f"bench: {fault}\n")
        sys.exit(BAD_INPUT)
    except ModuleNotFoundError as error:
        from bench.host.doctor.installer import package_of, this_installer

        module = error.name or "bench"
        if module.partition(".")[0] == "bench":
            raise
        mend = this_installer().install(package_of(module))
        sys.stderr.write(f"bench: {error}: not all that bench needs is installed; {mend}\n")
        sys.exit(BAD_INPUT)
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # whoever reads has had enough
            sys.stderr.write(f"bench: {_refused(error)}\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left to be printed can't be
        sys.exit(FAILED)


def _refused(error: OSError) -> str:
    """What the system refuses, in one line."""
    if error.strerror is None:
        return str(error)
    where = f"{error.filename}: " if error.filename else "what is printed can't be written: "
    hint = "; make room, or let TMPDIR or --root name a folder elsewhere" if error.errno in _FULL else ""
    return f"{where}{error.strerror}{hint}"


def _readable_anywhere() -> None:
    """Let what the terminal's or file's encoding doesn't have (Latin-1, Windows' own) become `?`, and end no verb."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
