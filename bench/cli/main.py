"""The command `bench`: its verbs, and how every one of them ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["main"]

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one verb and exit: 0 all well, 1 a cell failed, 2 bad input and nothing run, 130 interrupted."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    # imported here and not above: cells' processes import the main module too, and have no use for a command line
    import click

    from bench.cli.app import app
    from bench.errors import InputError

    try:
        status = app(args=None if arguments is None else list(arguments), standalone_mode=False)
    except InputError as error:
        for fault in error.faults:
            sys.stderr.write(f"bench: {fault}\n")
        return BAD_INPUT
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("bench: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:  # `bench report | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return status if isinstance(status, int) else OK
