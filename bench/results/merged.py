"""Two journals made one: lines of a host that goes by another's name from now on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from bench.results.rehosted import rehosted
from bench.results.seal import resealed

__all__ = ["Merged", "lines_of", "merged"]

_NO_MOMENT = datetime.min.replace(tzinfo=UTC)


class Merged(NamedTuple):
    """What a journal holds after another was merged into it, None where nothing is new to it.

    Of the other's lines `moved` are new to it and `duplicates` are not; `unchanged` of the new ones name another host,
    or are damaged, and stand there as they were.
    """

    content: bytes | None
    moved: int
    duplicates: int
    unchanged: int


def merged(ours: bytes, theirs: bytes, old: str, new: str) -> Merged:
    """The journal `ours` with the lines of `theirs`, whose host `old` is `new` now.

    No line is lost, and none is there twice: equal content counts, not equal bytes or seals. Where both have lines, all
    are in the order of their beginnings; a line without one keeps its place behind the one before it.
    """
    kept = lines_of(ours)
    known = Counter(map(_content, kept))
    fresh: list[bytes] = []
    duplicates = unchanged = 0
    digests: dict[str, str] = {}
    for line in lines_of(theirs):
        renamed = rehosted(line, old, new)
        if old != new:
            renamed = renamed._replace(text=resealed(line, renamed.text, digests))
        if known and known[key := _content(renamed.text)] > 0:
            known[key] -= 1
            duplicates += 1
            continue
        fresh.append(renamed.text)
        unchanged += renamed.state != "renamed"
    if not fresh:
        return Merged(None, 0, duplicates, 0)
    if kept:
        dated = [*_dated(kept), *_dated(fresh)]
        together = [line for _, line in sorted(dated, key=lambda one: one[0])]
    else:
        together = fresh
    return Merged(b"".join(line + b"\n" for line in together), len(fresh), duplicates, unchanged)


def lines_of(content: bytes) -> list[bytes]:
    """The lines of a file, without their newlines."""
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _content(line: bytes) -> object:
    try:
        fields = json.loads(line)
        if isinstance(fields, dict):
            fields.pop("seal", None)
        return json.dumps(fields, sort_keys=True)
    except (ValueError, RecursionError):
        return line


def _dated(lines: Iterable[bytes]) -> Iterator[tuple[datetime, bytes]]:
    moment = _NO_MOMENT
    for line in lines:
        moment = _moment(line) or moment
        yield moment, line


def _moment(line: bytes) -> datetime | None:
    """When what the line tells of began: a record or a pair, or the run of AI Benchmark that it is of."""
    try:
        fields = json.loads(line)
        moment = datetime.fromisoformat(fields["started"] if "started" in fields else fields["run"])
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
