"""What pytest-benchmark has saved: a machine, and times that are figures where the harness's own plugin or export says
which published cell they are of."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from bench.errors import Fault, InputError
from bench.host.imported.found import Found, origin, short
from bench.host.imported.json_lines import line_of
from bench.host.profile import Published, PublishedTime

__all__ = ["PublishedKey", "read_pytest_benchmark"]

PublishedKey = tuple[str, int, int]
"""A published cell: network, batch size, trainable parameters."""

_MOST_FAULTS = 20
_MOST_BENCHMARKS = 10_000


class _Loose(BaseModel):
    """A part of a foreign file: what isn't asked for is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class _Cpu(_Loose):
    brand_raw: str | None = None
    brand: str | None = None
    count: Annotated[int, Field(ge=1, le=10**6)] | None = None


class _Machine(_Loose):
    host: str | None = None
    device: str | None = None
    cpu: _Cpu = _Cpu()
    processor: str | None = None
    system: str | None = None
    python_version: str | None = None
    python_implementation: str | None = None
    software: dict[str, str | None] = Field(default_factory=dict)


class _Cell(_Loose):
    model: str
    batch_size: PositiveInt
    trainable_params: PositiveInt

    @property
    def key(self) -> PublishedKey:
        return self.model, self.batch_size, self.trainable_params


class _Extra(_Loose):
    """Of the harness's own: what its plugin or export keeps of a cell."""

    suite: str | None = None
    cell: str | None = None
    host: str | None = None
    device: str | None = None
    device_kind: str | None = None
    executor: str | None = None
    status: str | None = None
    step_seconds: Annotated[float, Field(gt=1e-9, lt=1e6)] | None = None
    published_cell: _Cell | None = None


class _Stats(_Loose):
    min: float | None = None
    max: float | None = None


class _Benchmark(_Loose):
    name: str
    extra_info: _Extra = _Extra()
    stats: _Stats = _Stats()

    @property
    def is_ours(self) -> bool:
        extra = self.extra_info
        return None not in (extra.cell, extra.host, extra.suite) and extra.status is not None


class _File(_Loose):
    machine_info: _Machine
    benchmarks: list[_Benchmark] = Field(max_length=_MOST_BENCHMARKS)
    datetime: str | None = None


def read_pytest_benchmark(text: str, file: Path, published: Collection[PublishedKey]) -> Found:
    """The machine, with the times of those cells that are among `published`.

    Raises InputError with every fault in the file, where it isn't one of pytest-benchmark's, and where nothing in it
    tells a machine.
    """
    found = _parsed(text, file)
    ours = [one for one in found.benchmarks if one.is_ours]
    hosts = list(dict.fromkeys(one.extra_info.host for one in ours))
    if len(hosts) > 1:
        what = f"its cells were measured on several hosts: {', '.join(short(host or '') for host in hosts)}"
        raise InputError(Fault(what, "a file of pytest-benchmark is of one machine", file))
    sorted_out = _Sorted.of(found.benchmarks, published)
    _need_possible(sorted_out.times, text, file, found.benchmarks)
    machine = found.machine_info
    about = Published(
        source=origin(file),
        date=found.datetime[:10] if re.match(r"\d{4}-\d\d-\d\d", found.datetime or "") and found.datetime else None,
        **_device(machine, ours),
        software=dict(_software(machine)),
        times=tuple(_time(one) for one in sorted_out.times.values()),
    )
    if about.gpu_name is None and about.cpu is None:
        what = "says of no machine what it is: machine_info has neither a device nor a processor"
        raise InputError(
            Fault(what, "pytest-benchmark keeps it where py-cpuinfo works", file, line_of(text, "machine_info"))
        )
    taken = [_device_text(about)]
    taken += [f"{one.model}, batch {one.batch_size}: {one.step_ms:.4g} ms a step" for one in about.times]
    return Found(file, about, tuple(taken), tuple(sorted_out.left), machine.host or (hosts[0] if hosts else None))


@dataclass(frozen=True)
class _Sorted:
    """Which benchmarks are times of published cells, and why the others are none."""

    times: Mapping[PublishedKey, _Benchmark]
    left: tuple[str, ...]

    @classmethod
    def of(cls, benchmarks: Collection[_Benchmark], published: Collection[PublishedKey]) -> _Sorted:
        times: dict[PublishedKey, _Benchmark] = {}
        reasons: dict[str, list[str]] = {}
        for one in benchmarks:
            why = _why_not(one, published, times)
            if why is None and one.extra_info.published_cell is not None:
                times[one.extra_info.published_cell.key] = one
            elif why is not None:
                reasons.setdefault(why, []).append(short(one.name))
        return cls(times, tuple(_reason(why, names) for why, names in reasons.items()))


def _why_not(one: _Benchmark, published: Collection[PublishedKey], times: Collection[PublishedKey]) -> str | None:
    extra = one.extra_info
    if not one.is_ours:
        return "no cell of this harness, and nobody knows what work its seconds are of"
    if extra.status != "ok" or extra.step_seconds is None:
        return "it gave no time"
    if extra.executor != "local":
        return "replayed or debugged, and so no measurement"
    if extra.published_cell is None:
        return "other options, input or model than the published cells have, or an older file that doesn't say"
    if extra.published_cell.key not in published:
        return "nothing is published that it could stand beside"
    return "measured twice; the first one counts" if extra.published_cell.key in times else None


def _reason(why: str, names: list[str]) -> str:
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{shown}: {why}"


def _parsed(text: str, file: Path) -> _File:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        what = f"is no JSON: {error.msg[0].lower()}{error.msg[1:]}, at column {error.colno}"
        raise InputError(Fault(what, "it may be cut off: copy it anew", file, error.lineno)) from None
    except (ValueError, RecursionError):  # numbers of thousands of digits, thousands of brackets
        raise InputError(Fault("is no JSON that anyone meant: too deep, or a number too long", None, file)) from None
    if not isinstance(data, dict) or "benchmarks" not in data or "machine_info" not in data:
        hint = "it has `machine_info` and `benchmarks`, as pytest --benchmark-json=FILE writes them"
        raise InputError(Fault("is JSON, and no file of pytest-benchmark", hint, file))
    try:
        return _File.model_validate(data, strict=False)
    except ValidationError as error:
        details = error.errors()[:_MOST_FAULTS]
        raise InputError(*(_fault(text, file, detail) for detail in details)) from None


def _fault(text: str, file: Path, detail: Any) -> Fault:
    keys = tuple(detail["loc"])
    what = f"{'.'.join(map(str, keys))}: {detail['msg'][0].lower()}{detail['msg'][1:]}"
    return Fault(short(what), None, file, line_of(text, *keys))


def _need_possible(
    times: Mapping[PublishedKey, _Benchmark], text: str, file: Path, benchmarks: list[_Benchmark]
) -> None:
    """Raise InputError where a time doesn't lie within what it is a mean of."""
    faults = []
    for one in times.values():
        seconds, stats = one.extra_info.step_seconds, one.stats
        if seconds is None or stats.min is None or stats.max is None:
            continue
        if not stats.min * (1 - 1e-9) <= seconds <= stats.max * (1 + 1e-9):
            place = next(place for place, each in enumerate(benchmarks) if each is one)
            rounds = f"{stats.min:g} to {stats.max:g} s"
            what = f"{short(one.name)}: {seconds:g} s a step lies outside of its own rounds, {rounds}"
            where = line_of(text, "benchmarks", place, "extra_info", "step_seconds")
            faults.append(Fault(what, "the file was changed after it was saved", file, where))
    if faults:
        raise InputError(*faults)


def _device(machine: _Machine, ours: list[_Benchmark]) -> dict[str, Any]:
    """What computed: a GPU by its name, or the processor."""
    cpu = machine.cpu.brand_raw or machine.cpu.brand or machine.processor
    extra = ours[0].extra_info if ours else _Extra()
    device = extra.device or machine.device
    is_gpu = extra.device_kind == "gpu" or (extra.device_kind is None and device is not None and device != cpu)
    fields = {"gpu_name": device if is_gpu else None, "cpu": cpu or (None if is_gpu else device)}
    found: dict[str, Any] = {name: short(text) for name, text in fields.items() if text}
    return found | ({"cores": machine.cpu.count} if machine.cpu.count else {})


def _software(machine: _Machine) -> Iterator[tuple[str, str]]:
    if machine.python_version:
        yield "python", short(f"{machine.python_implementation or ''} {machine.python_version}")
    if machine.system and machine.system != "unknown":
        yield "system", short(machine.system)
    for name, number in list(machine.software.items())[:20]:
        if number:
            yield short(name), short(number)


def _device_text(about: Published) -> str:
    cores = f", {about.cores} cores" if about.cores else ""
    return f"{about.gpu_name or about.cpu}{'' if about.gpu_name else cores}"


def _time(one: _Benchmark) -> PublishedTime:
    cell, seconds = one.extra_info.published_cell, one.extra_info.step_seconds
    assert cell is not None
    assert seconds is not None
    return PublishedTime(
        model=cell.model, batch_size=cell.batch_size, step_ms=seconds * 1e3, trainable_params=cell.trainable_params
    )
