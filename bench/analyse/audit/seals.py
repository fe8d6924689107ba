"""Doubts about a journal's lines: digests that aren't theirs, and lines that are missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.analyse.audit.declaration import AuditKind, Doubt
from bench.results.record import Record
from bench.results.seal import Seal, digest_of, seal_of

__all__ = ["SEAL", "SealCheck"]

SEAL = AuditKind("seal", "its line was changed since it was written, or a line before it is gone or was changed")
_SINCE = 7
"""Version of records that are sealed."""


class SealCheck:
    """The lines of one journal, all of which are known before any is judged: they may stand in any order."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._seals = [seal_of(line) for line in lines]
        self._known = {
            seal.digest if seal is not None else digest_of(line)
            for line, seal in zip(lines, self._seals, strict=True)
            if line.strip()
        }

    def doubts(self, number: int, record: Record) -> Iterator[Doubt]:
        """Those about the line of that number, from 1, which holds the record."""
        seal = self._seals[number - 1]
        if seal is None:
            if record.schema_version >= _SINCE:
                yield SEAL.odd(
                    "its line bears no seal, as those of its version do: another program wrote it", "certain"
                )
            return
        yield from self._broken(seal)

    def _broken(self, seal: Seal) -> Iterator[Doubt]:
        if not seal.holds:
            yield SEAL.odd("its line was changed since it was written: its digest isn't that of its bytes", "certain")
        if seal.after is not None and seal.after not in self._known:
            yield SEAL.odd("the line that stood before it when it was written is gone, or was changed", "certain")
