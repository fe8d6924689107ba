"""The command `bench`: its verbs, and how every one of them ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["main"]

OK, BAD_INPUT, INTERRUPTED = 0, 2, 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one verb and exit: 0 all well, 1 a cell failed, 2 bad input and nothing run, 130 interrupted."""
    from bench.cli.app import app
    from bench.errors import InputError

    try:
        app(args=None if arguments is None else list(arguments))
    except InputError as error:
        for fault in error.faults:
            sys.stderr.write(f"bench: {fault}\n")
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        sys.stderr.write("bench: interrupted\n")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `bench report | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
