"""Files of others made into profiles: all are read and checked before any is written, and none is written over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.errors import Fault, InputError, gathered
from bench.host.imported.ai_text import is_ai_text, read_ai_text
from bench.host.imported.found import Found, short
from bench.host.imported.pytest_benchmark import PublishedKey, read_pytest_benchmark
from bench.host.profile import HostProfile, profile_path, save
from bench.host.registry import check_id, known, references
from bench.support.files import read_regular
from bench.support.foreign_format import describe_file

__all__ = ["Import", "import_hosts"]

_MOST_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Import:
    """A host made of a file; `unchanged`: it was there, just so."""

    found: Found
    profile: HostProfile
    path: Path
    unchanged: bool = False


def import_hosts(root: Path, files: Sequence[Path], name: str | None = None, *, dry_run: bool = False) -> list[Import]:
    """Make a host's profile under `root` of each file; `name` is the id that the only one gets.

    Raises InputError with every fault in all files, and nothing is written: where a file can't be read or is neither of
    pytest-benchmark nor AI Benchmark's text, where its host is there already with other figures or two files are of
    one, and where an id is wanted that can't be one. Raises it too where the disk refuses.
    """
    if name is not None:
        check_id(name)
        if len(files) > 1:
            raise InputError(
                Fault(f"--as {name} is the id of one host, and these are {len(files)} files", "one a time")
            )
    published = _published_keys()
    found = gathered(partial(_read, file, published) for file in dict.fromkeys(files))
    planned = gathered(partial(_planned, root, one, name) for one in found)
    _need_apart(planned)
    if not dry_run:
        for one in planned:
            if not one.unchanged:
                save(one.profile, one.path)
    return planned


def _published_keys() -> frozenset[PublishedKey]:
    """The cells that something is published for by the hosts that ship with the harness."""
    return frozenset(
        (time.model, time.batch_size, time.trainable_params)
        for profile in references().values()
        for time in (profile.published.times if profile.published else ())
        if time.variant == "notebook"
    )


def _read(file: Path, published: Collection[PublishedKey]) -> Found:
    try:
        content = read_regular(file, _MOST_BYTES, follow=True)
    except OSError as error:
        raise InputError(Fault(f"can't be read: {error.strerror or error}", None, file)) from None
    if (what := describe_file(content)) is not None:
        raise InputError(Fault(what, None, file))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(Fault("is not UTF-8", "save it in UTF-8", file, line)) from None
    if text.lstrip()[:1] in ("{", "["):
        return read_pytest_benchmark(text, file, published)
    if not text.strip():
        raise InputError(Fault("is empty", None, file))
    if is_ai_text(text):
        return read_ai_text(text, file)
    hint = "JSON of pytest --benchmark-json=FILE, or all that AIBenchmark().run() printed, is what can be imported"
    raise InputError(Fault("is neither of pytest-benchmark nor of AI Benchmark", hint, file))


def _planned(root: Path, found: Found, name: str | None) -> Import:
    identifier = name or found.id
    if identifier is None:
        raise InputError(Fault("names no device to call its host by", "--as ID names it", found.file))
    check_id(identifier)
    hosts = known(root)
    hosts.need(identifier)
    profile = HostProfile(id=identifier, label=found.label(identifier), published=found.published)
    path = profile_path(root, identifier)
    there = next((one for one in hosts.profiles if one.id == identifier), None)
    if there is None and not path.exists():
        return Import(found, profile, path)
    differences = list(_differences(there, profile)) if there is not None else ["it can't be read"]
    if not differences:
        return Import(found, profile, path, unchanged=True)
    what = f"there is a host '{identifier}' already, and it is not written over"
    hint = "--as ID imports it under another id"
    more = (Fault(f"  {one}", None, found.file) for one in differences)
    raise InputError(Fault(what, hint, found.file), *more)


def _need_apart(planned: Sequence[Import]) -> None:
    """Raise InputError where two files make one host."""
    first: dict[str, Import] = {}
    faults = []
    for one in planned:
        other = first.setdefault(one.profile.id, one)
        if other is not one:
            what = f"is of a host '{one.profile.id}', as {short(str(other.found.file))} is"
            faults.append(Fault(what, "import them one by one, and this one with --as ID", one.found.file))
    if faults:
        raise InputError(*faults)


def _differences(there: HostProfile, wanted: HostProfile) -> Iterator[str]:
    """What the two say otherwise, in words."""
    before, after = _flat(there), _flat(wanted)
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield f"{key}: {_shown(before.get(key))} there, {_shown(after.get(key))} in the file"


def _flat(profile: HostProfile) -> dict[str, Any]:
    data = profile.model_dump(mode="json", exclude={"schema_version", "id", "formerly"}, exclude_none=True)
    published = data.pop("published", {})
    fields = {**data, **{f"published.{key}": value for key, value in published.items()}}
    return {key: value for key, value in fields.items() if value not in ({}, [])}


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return f"{len(value)} of them" if isinstance(value, list | dict) else short(str(value))
