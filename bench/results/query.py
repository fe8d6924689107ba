"""Questions to the stored records."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path

from bench.errors import Fault, InputError
from bench.results.reading import Read, read
from bench.results.record import Record

__all__ = ["good", "latest", "read_all", "when"]


def read_all(root: Path, hosts: Collection[str] | None = None, suites: Collection[str] | None = None) -> Read:
    """Every record under `<root>/results`, by host and suite; of some hosts' folders or suites' files where given.

    Raises what `read` raises, the faults of all files together.
    """
    records: list[Record] = []
    notices: list[str] = []
    faults: list[Fault] = []
    for path in sorted((root / "results").glob("*/*.jsonl")):
        if (hosts is not None and path.parent.name not in hosts) or (suites is not None and path.stem not in suites):
            continue
        try:
            found = read(path)
        except InputError as error:
            faults += error.faults
            continue
        records += found.records
        notices += found.notices
    if faults:
        raise InputError(*faults)
    return Read(tuple(records), tuple(notices))


def latest(records: Iterable[Record]) -> tuple[Record, ...]:
    """The newest record of each host, suite and cell, in the order in which cells first appear.

    The newest wins whatever its status: a cell that fails today is shown as failed, though it did well last week.
    """
    newest: dict[tuple[str, str, str], Record] = {}
    for record in records:
        key = (record.host, record.suite, record.cell)
        if key not in newest or when(record) >= when(newest[key]):
            newest[key] = record
    return tuple(newest.values())


def good(records: Iterable[Record]) -> frozenset[tuple[str, str, str]]:
    """(host, cell, accuracy fingerprint) of every record that `--resume` need not measure again: ok, or skipped.

    The cell is named beside its fingerprint: two variants of one suite can settle to the same options on a machine, and
    each wants its own record.
    """
    return frozenset(
        (record.host, record.cell, record.accuracy_fingerprint)
        for record in records
        if record.status in ("ok", "skipped")
    )


def when(record: Record) -> datetime:
    """When the record's cell was started; the beginning of time where the record doesn't say so legibly."""
    try:
        moment = datetime.fromisoformat(record.started)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
