"""A verb as a node runs it: its own command line, in the process that is there for it.

Not a process of the verb's own: this one knows what Ray takes beside it, has a local run's priority, and ends with its
worker and raylet.
"""

from __future__ import annotations

import os
import runpy
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from bench.host.profile import HostProfile, load, profile_path
from bench.host.registry import remember
from bench.results.ai_benchmark import AiLine, ai_benchmark_path
from bench.results.journal import Journal
from bench.results.owner import TEAM_VARIABLE
from bench.results.pair import Pair
from bench.run.cluster.code import BESIDE, HERE
from bench.run.cluster.relay import Sent
from bench.run.cluster.words import Answered, Errand, Line

__all__ = ["answer"]

_PARTING_SECONDS = 5.0
"""A process that the verb left behind may hold its standard error open."""


def answer(errand: Errand, sent: Sent, scratch: Path) -> Answered:
    """Run the verb in the tree `scratch`, with the lines that it says sent as they come."""
    if errand.host is not None:
        remember(scratch, errand.host)
        ai = Journal(ai_benchmark_path(scratch, errand.host.id), AiLine)
        for line in errand.ai_lines:
            ai.append(line)
    if errand.team is not None:
        os.environ[TEAM_VARIABLE] = errand.team
    verb, *rest = errand.arguments
    if errand.suite is not None:
        name, content = errand.suite
        path = scratch / BESIDE / name
        path.write_bytes(content)
        rest.insert(0, str(path))
    os.chdir(scratch / HERE)
    status, text = _run([verb, *rest, "--root", str(scratch)], lambda line: sent.say(Line(line)), scratch)
    pairs = _pairs(scratch)
    for pair in pairs:
        sent.log(pair.failure)
    host = _filed_under(errand, scratch)
    return Answered(status, text, host, pairs, _ai_lines(errand, host, scratch))


def _run(arguments: list[str], says: Callable[[str], object], scratch: Path) -> tuple[int, str]:
    """The exit status of the command line, and what it printed."""
    with tempfile.TemporaryFile(dir=scratch) as printed, _standard("stdout", printed.fileno()), _lines(says):
        sys.argv = ["bench", *arguments]
        try:
            runpy.run_module("bench", run_name="__main__")
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        except KeyboardInterrupt:
            status = 130
        sys.stdout.flush()
        printed.seek(0)
        return status, printed.read().decode(errors="replace")


@contextmanager
def _standard(name: Literal["stdout", "stderr"], to: int) -> Iterator[None]:
    """Let standard output or error go there for the block, of children too."""
    stream = getattr(sys, name)
    before = os.dup(descriptor := stream.fileno())
    os.dup2(to, descriptor)
    try:
        # a new stream: that of before knows whether its file could be sought in
        with open(descriptor, "w", errors="backslashreplace", buffering=1, closefd=False) as own:
            setattr(sys, name, own)
            yield
    finally:
        setattr(sys, name, stream)
        os.dup2(before, descriptor)
        os.close(before)


@contextmanager
def _lines(says: Callable[[str], object]) -> Iterator[None]:
    """Give the lines of standard error to `says`, from a thread of their own."""
    reads, writes = os.pipe()

    def relay() -> None:
        with os.fdopen(reads, errors="replace") as said:
            for line in said:
                says(line.rstrip("\n"))

    thread = threading.Thread(target=relay, daemon=True)
    thread.start()
    try:
        with _standard("stderr", writes):
            os.close(writes)
            yield
    finally:
        thread.join(_PARTING_SECONDS)


def _filed_under(errand: Errand, scratch: Path) -> HostProfile | None:
    """Whose the results are: another host than the errand says where TensorFlow doesn't compute on the node's card."""
    if errand.host is None:
        return None
    others = [path for path in (scratch / "hosts").glob("*.yaml") if path.stem != errand.host.id]
    return load(others[0] if others else profile_path(scratch, errand.host.id))


def _pairs(scratch: Path) -> tuple[Pair, ...]:
    paths = sorted((scratch / "results").glob("**/pairs/*.jsonl"))
    return tuple(pair for path in paths for pair in Journal(path, Pair).read().records)


def _ai_lines(errand: Errand, host: HostProfile | None, scratch: Path) -> tuple[AiLine, ...]:
    if host is None:
        return ()
    lines = Journal(ai_benchmark_path(scratch, host.id), AiLine).read().records
    return tuple(line for line in lines if line not in errand.ai_lines)
