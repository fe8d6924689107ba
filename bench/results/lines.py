"""Records read from their lines, each kind of setup once."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError, create_model

from bench.results.record import Record
from bench.support.frozen import Frozen

__all__ = ["RecordLines"]

_SETUP = ("workload", "options", "protocol", "software", "environment", "device", "data")
_BEGIN, _END = b',"workload":', b',"windows":'
"""What stands before and after these in a line as the journal writes it. In a text it would have its quotes escaped."""

_fields: dict[str, Any] = {
    name: (field.annotation, field) for name, field in Record.model_fields.items() if name not in _SETUP
}
_Rest = create_model("_Rest", __base__=Frozen, **_fields)
_validate = _Rest.__pydantic_validator__.validate_json
_put = object.__setattr__
"""Past the guard of frozen models, for one that is being made."""


class RecordLines:
    """Reads lines of JSON as `Record`s.

    How a cell was set up is a third of its line, and the same in each of its records: it is read where it first
    appears, and in later lines told by its bytes. That takes a third off the time that many records take, and most of
    the memory of their setups.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, _Alike] = {}

    def read(self, line: bytes) -> Record:
        """The record of a line. Raises `pydantic.ValidationError`."""
        begin = line.find(_BEGIN)
        end = line.find(_END, begin)
        if begin < 0 or end < 0:  # written by hand, or by another program
            return Record.model_validate_json(line)
        setup = line[begin:end]
        alike = self._known.get(setup)
        if alike is None:
            record = Record.model_validate_json(line)
            self._known[setup] = _Alike(record)
            return record
        try:
            rest = _validate(line[:begin] + line[end:])
        except ValidationError:
            return Record.model_validate_json(line)  # and its faults
        if "schema_version" not in rest.model_fields_set:
            return Record.model_validate_json(line)
        return alike.record(rest.__dict__)


class _Alike:
    """A setup, and how a record of it is made: as pydantic's `model_copy` makes one, in a third of the time."""

    def __init__(self, record: Record) -> None:
        self._fields = dict(record.__dict__)  # all of them: what is written of a record has their order
        self._given = record.model_fields_set | _fields.keys()

    def record(self, rest: dict[str, Any]) -> Record:
        made = Record.__new__(Record)
        _put(made, "__dict__", self._fields | rest)
        _put(made, "__pydantic_fields_set__", set(self._given))
        _put(made, "__pydantic_extra__", None)
        _put(made, "__pydantic_private__", {"_processes": ()})
        return made
