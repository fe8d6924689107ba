"""Networks' layers, kept once for all records of a host that have them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import ValidationError

from bench.errors import InputError
from bench.results.architecture import Architecture
from bench.results.journal import results_of
from bench.results.record import Record
from bench.results.safe_paths import is_plain, regular_below
from bench.support.files import read_regular, write_whole

__all__ = ["MOST_NETWORKS", "StoredNetworks", "keep_network", "read_networks"]

MOST_NETWORKS: Final = 100
"""Distinct networks that are read at a time, those of the newest records."""

_FOLDER = "networks"
_MOST_BYTES = 2**21
_DIGEST = re.compile(r"[0-9a-f]{32}")


class StoredNetworks(NamedTuple):
    """Networks by their digest, and notices on files that couldn't be read."""

    networks: dict[str, Architecture]
    notices: tuple[str, ...] = ()


def keep_network(results: Path, architecture: Architecture) -> None:
    """Keep it in a host's folder of results, under its digest; one that lies there whole stays. Raises OSError."""
    path, content = results / _FOLDER / f"{architecture.digest}.json", architecture.content
    try:
        if read_regular(path, _MOST_BYTES) == content:
            return
    except OSError:
        pass
    write_whole(path, content, sync=False)


def read_networks(root: Path, records: Iterable[Record]) -> StoredNetworks:
    """What the `records`, whose results lie in the tree `root`, name and is there.

    A file that is no network, or another one than its name says, costs itself and a notice.
    """
    newest = sorted((one for one in records if one.network is not None), key=lambda one: one.started, reverse=True)
    wanted = dict.fromkeys((str(record.network), record.host, record.team) for record in newest)
    found: dict[str, Architecture] = {}
    notices: list[str] = []
    for digest, host, team in wanted:
        if digest in found or not _DIGEST.fullmatch(digest) or not is_plain(host):
            continue
        if len(found) == MOST_NETWORKS:
            break
        named = f"{_FOLDER}/{digest}.json"
        folder = results_of(root, host, team)
        try:
            path = regular_below(folder, named, _FOLDER)
            if path is None and team is not None:  # the line was measured before its tree had an owner
                folder = results_of(root, host)
                path = regular_below(folder, named, _FOLDER)
            if path is not None:
                found[digest] = _read(path, digest)
        except (InputError, OSError, ValueError) as error:
            notices.append(f"{folder / named}: this network was passed over ({_why(error)})")
    return StoredNetworks(found, tuple(notices))


def _read(path: Path, digest: str) -> Architecture:
    content = read_regular(path, _MOST_BYTES)
    architecture = Architecture.model_validate_json(content)
    if architecture.digest != digest:
        raise ValueError("it is another one than its name says")
    return architecture


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".lstrip(": ")
    if isinstance(error, InputError):
        return str(error.faults[0].what)
    return str(getattr(error, "strerror", None) or error)
