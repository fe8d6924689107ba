"""What a bundle is: a ZIP archive of a manifest and of files of a working tree, each in the place that it has there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal, NamedTuple, cast

from annotated_types import MaxLen
from pydantic import Field, StringConstraints

from bench.host.profile import ID_PATTERN
from bench.results.bounded import Count, Name
from bench.results.team import TeamName, is_team
from bench.support.frozen import Frozen

__all__ = [
    "FORM",
    "MANIFEST",
    "MOST_FILES",
    "MOST_FILE_BYTES",
    "MOST_MANIFEST_BYTES",
    "MOST_UNPACKED_BYTES",
    "Entry",
    "Manifest",
    "Member",
    "member",
]

FORM: Final = "bench-bundle"
MANIFEST: Final = "manifest.json"
VERSION: Final = 1
"""Of a bundle's form: it goes up where an older version of bench couldn't read it, or would misread it."""

MOST_FILES: Final = 5_000
MOST_FILE_BYTES: Final = 2**28
MOST_UNPACKED_BYTES: Final = 2**30
MOST_MANIFEST_BYTES: Final = 2**22

Kind = Literal["records", "pairs", "calibration", "network", "weights", "profile", "suite", "figure"]

_PART = r"(?![. ])[^/\\:*?\"<>|\x00-\x1f\x7f]{1,160}(?<![. ])"
"""Part of a path: of any characters that every file system takes, and none that leads anywhere."""
_FORMS: Mapping[Kind, re.Pattern[str]] = {
    cast("Kind", kind): re.compile(form.replace("HOST", f"(?P<host>{_PART})").replace("PART", _PART))
    for kind, form in {
        "records": r"results/HOST(?:/(?P<team>PART))?/(?P<suite>PART)\.jsonl",
        "pairs": r"results/HOST(?:/(?P<team>PART))?/pairs/(?P<suite>PART)\.jsonl",
        "calibration": r"results/HOST/calibration/ai-benchmark\.jsonl",
        "network": r"results/HOST(?:/(?P<team>PART))?/networks/[0-9a-f]{32}\.json",
        "weights": r"results/HOST(?:/(?P<team>PART))?/weights/PART/PART\.keras",
        "profile": r"hosts/HOST\.yaml",
        "suite": r"suites/PART\.yaml",
        "figure": r"(?:figures(?:/PART){1,4}\.(?:png|svg)|report(?:-full)?\.md)",
    }.items()
}
_OF_NO_HOST = frozenset(("figures", "tensorboard"))
_HOST = re.compile(ID_PATTERN)


class Entry(Frozen):
    """A file of a bundle: how large it is, and the SHA-256 of its bytes."""

    bytes: Count
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Manifest(Frozen):
    """What a bundle says of itself: whose it is, by what it was packed, and its files by their paths."""

    form: Literal["bench-bundle"] = "bench-bundle"
    version: Annotated[int, Field(ge=1, le=VERSION)] = VERSION
    team: TeamName | None
    versions: Annotated[dict[Name, Name], MaxLen(20)]
    files: Annotated[dict[Name, Entry], MaxLen(MOST_FILES)]

    @property
    def digest(self) -> str:
        """Equal for bundles of one team with the same content, by whatever they were packed."""
        listed = "".join(f"{one.sha256} {name}\n" for name, one in sorted(self.files.items()))
        return hashlib.sha256(f"{self.team}\n{listed}".encode(errors="surrogatepass")).hexdigest()[:32]

    @property
    def content(self) -> bytes:
        """As it stands in the bundle."""
        ordered = self.model_copy(update={"files": dict(sorted(self.files.items()))})
        return ordered.model_dump_json(indent=1).encode() + b"\n"


class Member(NamedTuple):
    """What a path in a bundle is of; `host` and `team` where its folder is one of theirs."""

    kind: Kind
    host: str | None
    team: str | None


def member(name: str) -> Member | None:
    """What the file of that name is; None where `bench pack` puts none there."""
    for kind, form in _FORMS.items():
        if (found := form.fullmatch(name)) is None:
            continue
        groups = found.groupdict()
        host, team = groups.get("host"), groups.get("team")
        if host is not None and (host in _OF_NO_HOST or _HOST.fullmatch(host) is None):
            return None
        if team is not None and not is_team(team):
            continue  # `pairs` and others of a host's own
        return Member(kind, host, team)
    return None
