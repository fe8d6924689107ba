"""The command `bench`: its verbs, and how every one of them ends."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

__all__ = ["main"]

BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one verb and exit: 0 all well, 1 a cell failed, 2 bad input and nothing run, 130 interrupted."""
    from bench.errors import InputError

    _readable_anywhere()
    try:
        from bench.cli.app import app

        app(args=None if arguments is None else list(arguments))
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


def _readable_anywhere() -> None:
    """Let what the terminal's or file's encoding doesn't have (Latin-1, Windows' own) become `?`, and end no verb."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
