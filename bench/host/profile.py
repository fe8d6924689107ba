"""A machine as results know it: `hosts/<id>.yaml`, with the times published for it, what it is, or both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import Field, PositiveFloat, PositiveInt, ValidationError

from bench.errors import Fault, InputError, nearest
from bench.host.costs import CostName, Grid, Price, Quota
from bench.host.hardware import Hardware
from bench.host.measured import AiBenchmark, DataType, Noise, Peak, Roof, RoofName, SelfTest
from bench.results.ai_benchmark import TestSet
from bench.suite.yamldata import Keys
from bench.suite.yamlfile import Document, read
from bench.support.files import write_whole
from bench.support.frozen import Frozen
from bench.support.plain_text import plain_values

__all__ = [
    "ID_PATTERN",
    "PROFILE_VERSION",
    "HostProfile",
    "Price",
    "Published",
    "PublishedTime",
    "load",
    "profile_path",
    "save",
]

PROFILE_VERSION: Final = 5
"""Version of a profile's form. Its history:

1. the first: published times and hardware
2. adds `noise`, `self_test`, `peaks` and `price`; profiles of version 1 are read as they are
3. adds `ai_benchmark`, `roofs`, `roofs_absent` and `formerly`; profiles of versions 1 and 2 are read as they are
4. adds to `published` what `bench import` takes: the processor, versions, both parts of the AI-Score and its tests'
   times; older profiles are read as they are
5. adds `grid`, `quota`, `costs_absent`, and source and date of a price; older profiles are read as they are
"""

_LEAST, _MOST = 1e-30, 1e18
"""Of a profile's numbers, but for 0: seconds, shares, and what is counted in a second."""
_MOST_FAULTS = 100
"""Of a profile, that are told at once."""

_EXAMPLES = {
    "price": "{per_hour: 0.35, currency: USD}",
    "grid": "{kg_co2_per_kwh: 0.38, source: …}",
    "quota": "{hours: 30, per: week, source: …}",
}
ID_PATTERN = r"[a-z0-9][a-z0-9._-]{0,79}"
"""What an id may be: it names files and folders."""


class PublishedTime(Frozen):
    """What others measured with one network: milliseconds a step."""

    model: str
    variant: str = "notebook"
    batch_size: PositiveInt
    step_ms: PositiveFloat
    trainable_params: PositiveInt


class Published(Frozen):
    """What others published for such a machine, with its source."""

    source: str
    date: str | None = None
    gpu_name: str | None = None
    cpu: str | None = Field(None, description="the processor's model")
    cores: PositiveInt | None = None
    software: dict[str, str] = Field(default_factory=dict, description="versions that the figures depend on")
    ai_score: PositiveInt | None = Field(None, description="AI Benchmark's score, device and system together")
    inference_score: PositiveInt | None = None
    training_score: PositiveInt | None = None
    milliseconds: dict[str, PositiveFloat] = Field(
        default_factory=dict, description="mean pass of AI Benchmark's tests, by a test's name"
    )
    times: tuple[PublishedTime, ...] = ()


class HostProfile(Frozen):
    """One machine. `published` makes it a reference to stand beside, `hardware` one that results were measured on."""

    schema_version: Literal[1, 2, 3, 4, 5] = PROFILE_VERSION
    id: Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]
    label: Annotated[str, Field(min_length=1)]
    formerly: tuple[str, ...] = Field((), description="ids that it had, or that were merged into it")
    published: Published | None = None
    hardware: Hardware | None = None
    price: Price | None = None
    grid: Grid | None = None
    quota: Quota | None = None
    costs_absent: dict[CostName, str] = Field(
        default_factory=dict, description="why there is no price, factor of the grid or quota; what there is counts"
    )
    noise: Noise | None = None
    self_test: SelfTest | None = None
    ai_benchmark: dict[TestSet, AiBenchmark] = Field(default_factory=dict)
    peaks: dict[DataType, Peak] = Field(default_factory=dict)
    roofs: dict[RoofName, Roof] = Field(default_factory=dict)
    roofs_absent: dict[RoofName, str] = Field(default_factory=dict, description="why a roof was not measured")

    @property
    def ai_score(self) -> int | None:
        """Its AI-Score: measured on it, else published for it."""
        measured = self.ai_benchmark.get("full")
        if measured is not None and measured.ai_score is not None:
            return measured.ai_score
        return self.published.ai_score if self.published else None

    @property
    def device(self) -> str:
        """What computes: the GPU's name, or the processor's."""
        if self.hardware:
            return self.hardware.gpu_name or self.hardware.cpu
        return (self.published and (self.published.gpu_name or self.published.cpu)) or "unknown"


def profile_path(root: Path, host: str) -> Path:
    """Where a host's profile is kept."""
    return root / "hosts" / f"{host}.yaml"


def load(path: Path) -> HostProfile:
    """Read a profile. Raises InputError with every fault in it, each with its line."""
    document = read(path, follow=False)
    version = document.data.get("schema_version")
    if isinstance(version, int) and version > PROFILE_VERSION:
        what = f"is a host profile of version {version}, and this bench knows up to {PROFILE_VERSION}"
        raise InputError(Fault(what, "install a newer bench", path, document.lines[("schema_version",)]))
    faults = list(document.faults)
    try:
        profile = HostProfile.model_validate(document.data)
    except ValidationError as error:
        faults += [_fault(document, detail) for detail in error.errors()[:_MOST_FAULTS]]
        raise InputError(*faults) from None
    faults += _beyond_any_machine(document, (), profile.model_dump())
    if profile.id != path.stem:
        where = document.lines[("id",)]
        faults.append(Fault(f"id: '{profile.id}' is not the file's name", f"'{path.stem}'", path, where))
    if faults:
        raise InputError(*faults)
    return profile


def save(profile: HostProfile, path: Path) -> None:
    """Write a profile, whole or not at all. Raises InputError where the folder can't be written."""
    data = profile.model_dump(mode="json", exclude_none=True) | {"schema_version": PROFILE_VERSION}
    data = {key: value for key, value in data.items() if value not in ({}, [])}
    if published := data.get("published"):
        data["published"] = {key: value for key, value in published.items() if value not in ({}, [])}
    text = yaml.dump(plain_values(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    try:
        write_whole(path, text)
    except OSError as error:
        what = f"the host profile can't be written ({error.strerror or error})"
        hint = "make room, make the folder writable, or name another with --root"
        raise InputError(Fault(what, hint, path)) from error


class _Dumper(yaml.SafeDumper):
    """Quotes text that the reader's rules, which differ from PyYAML's, could take for a number, or that has breaks."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = text.isprintable() and not re.match(r"[-+.\d<]", text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _quoted)


def _beyond_any_machine(document: Document, keys: Keys, value: object) -> Iterator[Fault]:
    """Numbers that no machine has, and with which no arithmetic would go well."""
    if isinstance(value, dict | list | tuple):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _beyond_any_machine(document, (*keys, key), inner)
    elif isinstance(value, int | float) and value and not _LEAST <= abs(value) <= _MOST:
        what = f"{'.'.join(map(str, keys))}: the number is beyond what any machine has"
        yield Fault(what, "correct it, or measure it anew", document.file, document.lines.get(keys))


def _fault(document: Document, detail: Any) -> Fault:
    keys = tuple(detail["loc"])
    name = ".".join(map(str, keys))
    line = next((document.lines[keys[:n]] for n in range(len(keys), -1, -1) if keys[:n] in document.lines), None)
    match detail["type"]:
        case "extra_forbidden":
            return Fault(f"{name}: no such key", nearest(str(keys[-1]), _known(keys)), document.file, line)
        case "model_type" if keys[-1] in _known(()) or keys[-1] in _known(keys):
            example = _EXAMPLES.get(str(keys[-1]), "{key: value, …}")
            return Fault(f"{name}: must be a mapping", f"write {name}: {example}", document.file, line)
        case "missing":
            return Fault(f"{name} is missing", None, document.file, line)
        case "string_pattern_mismatch" if keys[-1] == "date":
            return Fault(f"{name}: is no day", "write it as 2026-01-31, in quotes", document.file, line)
        case "less_than_equal" if keys[-1] == "kg_co2_per_kwh":
            return Fault(f"{name}: no grid emits so much", "kilograms, such as 0.38 for 380 g", document.file, line)
        case _:
            return Fault(f"{name}: {detail['msg'][0].lower()}{detail['msg'][1:]}", None, document.file, line)


def _known(keys: tuple[str | int, ...]) -> list[str]:
    places: dict[str | int, type[Frozen]] = {
        "published": Published,
        "hardware": Hardware,
        "times": PublishedTime,
        "price": Price,
        "grid": Grid,
        "quota": Quota,
        "noise": Noise,
        "self_test": SelfTest,
        "ai_benchmark": AiBenchmark,
        "peaks": Peak,
        "roofs": Roof,
    }
    place = next((places[key] for key in reversed(keys[:-1]) if key in places), HostProfile)
    return list(place.model_fields)
