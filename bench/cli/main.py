"""The command `bench`: its verbs, and how every one of them ends."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

BAD_INPUT = 2


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
