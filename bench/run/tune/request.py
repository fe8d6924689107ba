"""What `bench tune` is asked, and who is told how it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.analyse.stats.ratio import Ratio
from bench.analyse.tune.result import AccuracyCheck
from bench.analyse.tune.search import Rung, SearchPlan
from bench.host.profile import HostProfile
from bench.run.single_cell import CellObserver
from bench.run.tune.space import Space
from bench.suite.cells import Cell, Suite
from bench.suite.names import SEARCHED

__all__ = ["BaselineFailed", "TuneObserver", "TuneRequest", "tune_suite"]

_SHORTEST_TIMEOUT = 60.0


class BaselineFailed(Exception):  # noqa: N818 - an outcome, not an error
    """The baseline itself doesn't run here: there is nothing to hold candidates against."""


class TuneObserver(CellObserver, Protocol):
    """Who is told how it goes. `left` are seconds of the whole time; of so many candidates of the space something was
    `known` before."""

    def begins(self, host: HostProfile, device: str, space: Space, known: int, budget: float) -> None: ...
    def rung_begins(self, number: int, names: Sequence[str], left: float) -> None: ...
    def rung_ends(self, rung: Rung, left: float) -> None: ...
    def checking(self, candidate: str, steps: int) -> None: ...
    def checked(self, check: AccuracyCheck) -> None: ...
    def confirming(self, candidate: str, left: float) -> None: ...
    def confirmed(self, rounds: int, ratio: Ratio | None) -> None: ...


@dataclass(frozen=True)
class TuneRequest:
    """What is to be tuned: the baseline's `cell` of `suite`, within `budget` seconds, and where results go.

    `batch_sizes` are searched too, compared by examples a second; the cell's own is the baseline's. `max_bytes` is how
    much memory a candidate may take. `fresh`: begin as if nothing had been measured here before.
    """

    suite: Suite
    cell: Cell
    root: Path
    budget: float
    batch_sizes: tuple[int, ...] = ()
    check_accuracy: bool = True
    max_bytes: float | None = None
    data_dir: Path | None = None
    strict_data: bool = False
    host: str | None = None
    fresh: bool = False
    plan: SearchPlan = field(default_factory=SearchPlan)


def tune_suite(request: TuneRequest) -> Suite:
    """The suite that its records are of: `tune-MODEL`, with the baseline alone; candidates join it as they come."""
    suite, cell = request.suite, request.cell
    protocol = cell.protocol.model_copy(
        update={
            "eval_images": 0,
            # one that hangs must not take all of the time
            "timeout_seconds": min(cell.protocol.timeout_seconds, max(_SHORTEST_TIMEOUT, request.budget / 3)),
        }
    )
    return suite.model_copy(
        update={
            "name": f"{SEARCHED}{cell.model.name}",
            "title": f"Options of {cell.model.name}, searched",
            "models": (cell.model,),
            "data": cell.data,
            "variants": (cell.variant,),
            "baseline": cell.variant.name,
            "batch_sizes": (cell.batch_size, *(size for size in request.batch_sizes if size != cell.batch_size)),
            "seeds": (0,),
            "protocol": protocol,
            "train": None,
            "attribute": False,
            "table": (),
        }
    )
