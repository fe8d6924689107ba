"""A verb of the command line, run in this process on a tree with damaged files."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from tests.fuzz.campaign import within


def ask(verb: str, root: Path, limit: float | None = None) -> tuple[int, str]:
    """Run it on the tree at `root`; gives its exit status, and what it said on standard error.

    Raises AssertionError where it ends otherwise than a verb ends, with a traceback, or after more than `limit` seconds
    of a processor.
    """
    from bench.cli.main import main

    out, told = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    status = None
    try:
        with within(limit), redirect_stdout(out), redirect_stderr(told):
            try:
                main([*verb.split(), "--root", str(root)])
            except SystemExit as end:
                status = end.code or 0
    except Exception as error:
        raise AssertionError(f"bench {verb}: {type(error).__name__}: {error}") from error
    assert status in (0, 1, 2), (verb, status, told.getvalue())
    assert "Traceback" not in told.getvalue(), (verb, told.getvalue())
    return status, told.getvalue()
