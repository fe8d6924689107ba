"""The records of one run of a cell brought together: it was measured in several processes, each of which left one."""

from __future__ import annotations

from collections.abc import Sequence

from bench.results.record import Finding, Record

__all__ = ["joined"]


def joined(records: Sequence[Record]) -> Record:
    """The one record that stands for the processes of a cell in one run: what it says beside its windows is that of
    the first that ended well, and is whole.

    Processes that didn't end well count in no figure; where none did, the newest stands for all of them.
    """
    ok = sorted((record for record in records if record.ok), key=_order)
    if not ok:
        return records[-1]
    return ok[0] if len(ok) == 1 else ok[0].of_processes(ok, _findings(ok))


def _order(record: Record) -> tuple[bool, int, int]:
    turns = record.turns
    return not record.whole, turns.round if turns else 0, turns.group if turns else 0


def _findings(records: Sequence[Record]) -> tuple[Finding, ...]:
    """Each kind once, in as many words as its first record has for it; and how many of the processes it was found in,
    where that isn't all of them."""
    found: dict[str, list[Finding]] = {}
    for record in records:
        for one in {finding.code: finding for finding in record.findings}.values():
            found.setdefault(one.code, []).append(one)
    return tuple(_of_some(same, len(records)) for same in found.values())


def _of_some(same: Sequence[Finding], processes: int) -> Finding:
    first = same[0]
    if len(same) == processes:
        return first
    return Finding(code=first.code, message=f"{first.message} (in {len(same)} of {processes} processes)")
