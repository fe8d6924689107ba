"""A YAML file read into plain data, with the line of every value, for faults to point at."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import Fault, InputError
from bench.suite.wording import describe, quoted
from bench.suite.yamldata import Keys, Plain
from bench.suite.yamltree import compose
from bench.support.files import RefusedError, read_regular
from bench.support.foreign_format import describe_file, describe_line

__all__ = ["MAX_BYTES", "Document", "is_file", "parse_value", "read"]

MAX_BYTES = 2**20


@dataclass(frozen=True)
class Document:
    """What a file holds, and `lines`: 1-based, by the way to a value (`("variants", "xla", "xla")`, `("models", 1)`).

    `faults` are those that reading could go on after (duplicate keys, keys that aren't text, tags): a reader adds its
    own and raises them together. `broken` are the ways to the values concerned.
    """

    file: Path
    data: dict[str, Any]
    lines: dict[Keys, int]
    faults: tuple[Fault, ...] = ()
    broken: frozenset[Keys] = frozenset()


def read(path: Path, *, follow: bool = True) -> Document:
    """The one mapping in a YAML file of at most 1 MiB.

    Without `follow` a link that leads out of its tree isn't followed: see `bench.support.files`. Raises InputError for
    a file that is absent, a folder, no regular file, unreadable, too large, not UTF-8, not YAML, empty, no mapping, or
    past the bounds of `yamltree`. Faults that don't hinder reading are in the document.
    """
    content = _content(path, follow)
    text = _text(content, path)
    try:
        node = compose(text, path)
    except InputError:
        for number, line in enumerate(content.splitlines(), start=1):
            if (what := describe_line(line)) is not None:
                raise InputError(Fault(f"this line is {what}", None, path, number)) from None
        raise
    if node is None:
        raise InputError(Fault("is empty", "a mapping of keys and values is wanted", path))
    plain = Plain(path)
    data = plain.build(node)
    if not isinstance(data, dict):
        what = f"must hold a mapping of keys and values, is {describe(data)}"
        raise InputError(*plain.faults, Fault(what, "write `key: value` lines", path, plain.lines[()]))
    return Document(path, data, plain.lines, tuple(plain.faults), frozenset(plain.broken))


def parse_value(text: str, origin: str) -> Any:
    """One value written as YAML, as on a command line; `origin` is what faults name instead of a file.

    Raises InputError with every fault in it.
    """
    try:
        node = compose(text, origin)
        plain = Plain(origin)
        value = None if node is None else plain.build(node)
        faults: tuple[Fault, ...] = tuple(plain.faults)
    except InputError as error:
        faults = error.faults
    if faults:
        raise InputError(*(Fault(fault.what, fault.hint, origin) for fault in faults))
    return value


def is_file(path: Path) -> bool:
    """Whether `path` leads to a file; False too where the system refuses to look."""
    try:
        return path.is_file()
    except OSError:  # a name too long for the file system, or a folder closed to the user
        return False


def _content(path: Path, follow: bool) -> bytes:
    try:
        return read_regular(path, MAX_BYTES, follow=follow)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise InputError(_unreadable(path, error)) from error


def _text(content: bytes, path: Path) -> str:
    if (what := describe_file(content)) is not None:
        raise InputError(Fault(what, None, path))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(Fault("is not UTF-8", "save it in UTF-8", path, line)) from None


def _unreadable(path: Path, error: OSError | ValueError) -> Fault:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return Fault("no such file", "name a YAML file", path)
        case OSError(errno=errno.EFBIG):
            return Fault("is larger than 1 MiB", "such files hold a few KB", path)
        case RefusedError():
            return Fault(str(error.strerror), "name a YAML file", path)
        case PermissionError():
            return Fault("can't be read: permission denied", "make it readable (chmod u+r)", path)
        case OSError():
            return Fault(f"can't be read: {error.strerror or error}", "name a YAML file", path)
        case _:
            return Fault(f"{quoted(str(path))} is no file name: {error}", "name a YAML file")
