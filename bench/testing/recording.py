"""Records of one host, to be replayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.errors import Fault, InputError, nearest
from bench.results.query import when
from bench.results.reading import read
from bench.results.record import Record
from bench.suite.cells import Cell

__all__ = ["Recording"]


class Recording:
    """What one host recorded: a file such as `results/colab-t4/cnn.jsonl`, or its records.

    Asked for a cell, it gives the newest record; asked again, the one before it, as another process's, and so on,
    and round. Raises InputError where there are no records, and where they are of several hosts and `host` names none
    of them.
    """

    def __init__(self, source: Path | str | Iterable[Record], host: str | None = None) -> None:
        file = Path(source) if isinstance(source, Path | str) else None
        if file is not None and not file.is_file():
            hint = "a recording is a file of records, such as results/colab-t4/cnn.jsonl"
            raise InputError(Fault("no such recording", hint, file))
        records: tuple[Record, ...] = ()
        if file is not None:
            records = read(file).records
        elif not isinstance(source, Path | str):
            records = tuple(source)
        hosts = sorted({record.host for record in records})
        if not records:
            raise InputError(Fault("the recording holds no record", None, file))
        if host is None and len(hosts) > 1:
            raise InputError(Fault(f"the recording is of several hosts: {', '.join(hosts)}", "name one of them", file))
        if host is not None and host not in hosts:
            raise InputError(Fault(f"the recording is not of the host '{host}'", nearest(host, hosts), file))
        chosen = [record for record in records if host is None or record.host == host]
        # one that took turns may hold its windows alone: those that hold it all come first
        self.records = tuple(sorted(chosen, key=lambda one: (one.whole, when(one)), reverse=True))
        self._asked: Counter[str] = Counter()

    @property
    def newest(self) -> Record:
        """The newest of all."""
        return self.records[0]

    def find(self, cell: Cell, fingerprint: str) -> Record | None:
        """The next record of `cell`; None where there is none.

        Of records of its model, variant, batch size and seed those with its fingerprint are preferred, and after them
        those of other cells that amount to the same (two variants can settle to equal options).
        """
        named = [one for one in self.records if _names(one, cell)]
        same = [one for one in self.records if one.fingerprint == fingerprint]
        found = [one for one in named if one in same] or same or named
        if not found:
            return None
        key = f"{cell.suite}/{cell.id}"
        self._asked[key] += 1
        return found[(self._asked[key] - 1) % len(found)]

    def settled(self, cell: Cell) -> Mapping[str, object]:
        """The options that `cell` had when it was recorded, `auto` settled; none where it wasn't."""
        return next((one.options.plain for one in self.records if _names(one, cell)), {})


def _names(record: Record, cell: Cell) -> bool:
    of_cell = (cell.model.name, cell.variant.name, cell.batch_size, cell.seed)
    return (record.model, record.variant, record.batch_size, record.seed) == of_cell
