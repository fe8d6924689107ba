"""What is wrong with a question, in our words, with the place in it."""

from __future__ import annotations

import re
from typing import Final

from bench.database.guard import Refused
from bench.database.views import VIEWS, columns_of
from bench.errors import Fault, InputError, nearest
from bench.support.plain_text import plain_text

__all__ = ["QuestionError", "question_error", "runaway", "too_large"]

_ONE_SELECT: Final = "a question is one SELECT of the views; `bench query --schema` lists them"
_LINE = re.compile(r"\n\nLINE (\d+): (.*)\n( *)\^", re.DOTALL)
_NEAR = re.compile(r'at or near "(.*)"', re.DOTALL)
_COLUMN = re.compile(r'Referenced (?:table )?column "([^"]+)"|does not have a column named "([^"]+)"')
_FUNCTION = re.compile(r"Function with name \"?(\w+)\"? does not exist")
_WIDE = 100


class QuestionError(InputError):
    """A question that can't be answered; `place` are the line that is wrong and a caret under it, if that is known."""

    def __init__(self, fault: Fault, place: str | None = None) -> None:
        super().__init__(fault)
        self.place = place


def question_error(sql: str, why: Refused | str) -> QuestionError:
    """Why the text can't be answered: it was refused, or what DuckDB says of it."""
    if isinstance(why, Refused):
        line, place = _shown(sql, _character(sql, why))
        return QuestionError(Fault(*_words(why), "the query", line), place)
    message = why.partition("\n")[0]
    found = _LINE.search(why)
    line = int(found[1]) if found else None
    place = None
    if found:
        text, indent = found[2], len(found[3]) - len(f"LINE {line}: ")
        place = f"{plain_text(text)}\n{' ' * max(0, indent)}^"
    return QuestionError(Fault(*_said(message, sql), "the query", line), place)


def runaway(seconds: float) -> QuestionError:
    """That a question took too long."""
    hint = "ask for less, with WHERE or a join by its keys, or let it: --timeout 10m"
    return QuestionError(Fault(f"the query was ended: it took more than {seconds:g} s", hint))


def too_large(memory: int) -> QuestionError:
    """That a question took too much memory."""
    hint = "ask for less, with WHERE or GROUP BY, or let it: --memory 4GiB"
    return QuestionError(Fault(f"the query was ended: it took more than {memory / 2**20:,.0f} MiB of memory", hint))


def _words(why: Refused) -> tuple[str, str]:
    """What is wrong, and what would be right."""
    match why.kind:
        case "syntax":
            return why.name, _ONE_SELECT
        case "nothing":
            return "there is no SELECT in it", _ONE_SELECT
        case "several":
            return "these are several statements", _ONE_SELECT
        case "table":
            return f"there is no view '{why.name}'", nearest(why.name, VIEWS)
        case "table function":
            return f"'{why.name}' can't be read from", f"only views can: {', '.join(VIEWS)}"
        case "function":
            return f"'{why.name}' can't be called", "a question reads the views and nothing else"
        case "show":
            return "this lists what DuckDB has", "`bench query --schema` lists the views and their columns"
    return "this is no SELECT", _ONE_SELECT


def _said(message: str, sql: str) -> tuple[str, str | None]:
    """The same of what DuckDB says."""
    if found := _COLUMN.search(message):
        name = found[1] or found[2]
        words = {word.lower() for word in re.findall(r"\w+", sql)}
        views = [view for view in VIEWS.values() if view.name in words] or list(VIEWS.values())
        return f"there is no column '{name}'", nearest(
            name, dict.fromkeys(c.name for v in views for c in columns_of(v))
        )
    if found := _FUNCTION.search(message):
        return (
            f"there is no function '{found[1]}'",
            "DuckDB's own are on https://duckdb.org/docs/sql/functions/overview",
        )
    return re.sub(r"^[A-Z][\w ]*Error: ", "", message), None


def _character(sql: str, why: Refused) -> int | None:
    """The place as characters are counted: some versions of DuckDB count bytes."""
    if why.position is None:
        return None
    by_byte = len(sql.encode()[: why.position].decode(errors="ignore"))
    near = _NEAR.search(why.name) if why.kind == "syntax" else None
    named = near[1] if near else why.name
    fits = [place for place in (by_byte, why.position) if named and sql[place : place + len(named)] == named]
    return fits[0] if fits else by_byte


def _shown(sql: str, character: int | None) -> tuple[int | None, str | None]:
    """The number of the line that a character is in, and the line with a caret under it."""
    if character is None:
        return None, None
    before = sql[:character]
    start = before.rfind("\n") + 1
    end = sql.find("\n", character)
    text = sql[start : end if end >= 0 else len(sql)]
    column = character - start
    if column > _WIDE // 2:
        cut = column - _WIDE // 2
        text, column = f"…{text[cut:]}", column - cut + 1
    shown = plain_text(text[:_WIDE].replace("\t", " "))
    return before.count("\n") + 1, f"{shown}\n{' ' * column}^"
