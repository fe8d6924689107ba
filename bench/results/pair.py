"""Two cells measured interleaved: one JSON line under `results/<host>/pairs/<suite>.jsonl`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bench.results.bounded import Band, Items, Moment, Name, Number, Positive, Seconds, Text
from bench.results.journal_line import JournalLine
from bench.results.record import DataInfo, Failure, Seed, Status, Windows
from bench.results.recorded_setup import RecordedDevice, RecordedOptions, Workload
from bench.results.team import TeamName
from bench.support.frozen import Frozen

__all__ = ["PAIR_VERSION", "Pair", "Round", "Side"]

PAIR_VERSION = 4
"""Version of a pair's form. Its history:

1. the first
2. adds `same_within`
3. adds `data.pipeline`: a user's own has no images' shape
4. adds `team`, and the executor `ray`; lines end in a seal: see `bench.results.seal`
"""


class Side(Frozen):
    """One of the two: which cell it is, and all that its step's time depends on."""

    cell: Name
    model: Name
    variant: Name
    batch_size: Positive
    seed: Seed
    fingerprint: Name
    workload: Workload
    options: RecordedOptions = Field(description="the variant's options, `auto` settled")
    environment: Annotated[dict[str, Text], Items] = Field(default_factory=dict)
    compile_seconds: Seconds | None = Field(
        None, description="of its first process: what the first execution cost more"
    )


class Round(Frozen):
    """Two live processes, one a side, that took turns: windows `a[i]` and `b[i]` were measured next to each other.

    `values` are what the instruments saw of others meanwhile, by metric name; null where they couldn't.
    """

    a: Windows
    b: Windows
    values: Annotated[dict[str, Number | None], Items] = Field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """What the windows of both took together."""
        return sum(window.seconds for window in (*self.a, *self.b))


class Pair(JournalLine):
    """What two cells gave that were measured interleaved, in several rounds of two fresh processes each.

    `purpose`: `ab`, asked for by the user; `option`, one option on (a) against off (b); `noise`, a cell against
    itself. A pair that didn't end well holds the rounds that were whole before, and `failure` names the side's cell.
    """

    readable: ClassVar = (1, 2, 3, PAIR_VERSION)
    sealed: ClassVar = True

    schema_version: int = PAIR_VERSION
    suite: Name
    purpose: Literal["ab", "option", "noise"]
    option: Name | None = Field(None, description="the option that is on in `a` and off in `b`")
    host: Name
    team: TeamName | None = Field(None, description="whose it is; null: the working tree had no owner")
    executor: Literal["local", "ray", "replay"] = "local"
    started: Moment = Field(description="UTC, ISO 8601")
    status: Status
    failure: Failure | None = None
    a: Side
    b: Side
    rounds: tuple[Round, ...] = ()
    software: Annotated[dict[str, Name], Items]
    device: RecordedDevice
    data: DataInfo | None = None
    same_within: Band = Field(0.05, description="the share within which both count as the same")

    @property
    def ok(self) -> bool:
        return self.status == "ok"

    @property
    def label(self) -> str:
        return f"{self.a.cell} and {self.b.cell}"
