"""Records kept as they are read, because they may be the newest of their cells."""

from __future__ import annotations

from bench.results.record import Record

__all__ = ["Kept"]


class Kept:
    """Of each cell the records of the newest run so far, by file and line: what is wanted after all needn't be read
    twice, and what isn't takes no room."""

    def __init__(self) -> None:
        self._best: dict[int, tuple[int, int]] = {}
        self._records: dict[int, dict[tuple[int, int], Record]] = {}

    def offer(self, cell: int, attempt: int, rank: int, place: tuple[int, int], record: Record) -> None:
        """Keep a record of a cell and an attempt, unless another attempt is newer."""
        best = self._best.get(cell)
        if best is not None and attempt == best[1] != 0:
            self._records[cell][place] = record
            self._best[cell] = max(rank, best[0]), attempt
        elif best is None or rank >= best[0]:
            self._best[cell] = rank, attempt
            self._records[cell] = {place: record}

    def take(self) -> dict[tuple[int, int], Record]:
        """All that were kept, by file and line."""
        return {place: record for found in self._records.values() for place, record in found.items()}
