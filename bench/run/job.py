"""What a cell's process is given, what it says while it works, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bench.results.architecture import Architecture
from bench.results.record import Accuracy, Attribution, Epoch, Judged, Status, Training
from bench.results.replication import Replication
from bench.suite.cells import Cell
from bench.suite.options import Options
from bench.suite.spec import DataSpec

__all__ = ["DataRequest", "Job", "Outcome", "Progress", "Yielded"]


@dataclass(frozen=True)
class DataRequest:
    """A data set to be made ready at the folder `to`. `data_dir` is where archives may lie, import paths and CSV files
    are looked up in `folder`; `batch_size` is one of those that it will be fed in."""

    spec: DataSpec
    data_dir: Path | None
    strict: bool
    folder: Path
    to: Path
    batch_size: int


@dataclass(frozen=True)
class Job:
    """One cell to measure, with its options settled.

    `device_kind` is what it is to compute on (`gpu` or `cpu`), `data` is the folder of the stored data set, `scratch`
    one of the cell's own, `log` where its output goes (None: left where it is); `asked` is `time.perf_counter()` as the
    job was handed over. `checkpoint` is the folder that a training under way is kept in, and gone on from; `weights`
    the file for what was trained. None: neither is kept. `whole`: once its windows are over it is judged and, where the
    suite wants that, attributed; `beside`: others start at the same time, so that what its first step took isn't known.
    """

    cell: Cell
    options: Options
    device_kind: str
    data: Path
    scratch: Path
    log: Path | None
    asked: float
    checkpoint: Path | None = None
    weights: Path | None = None
    whole: bool = True
    beside: bool = False

    @property
    def gpus(self) -> int:
        """How many GPUs are to be watched; where it computes on none, there is the reason of the first to be had."""
        return int(self.options.devices) if self.device_kind == "gpu" else 1


@dataclass(frozen=True)
class Progress:
    """A word from the cell: the stage it entered, or the newest window or epoch of the stage it is in.

    `step_seconds` and `margin` (a share of it) are of all windows so far. `epoch_steps` are the number of the epoch
    under way, the steps of it that are done, and how many it has; `notice` is something that the user should know.
    `so_far` is the outcome if the cell's process doesn't live to send another.
    """

    stage: str
    step_seconds: float | None = None
    margin: float | None = None
    epoch: Epoch | None = None
    epoch_steps: tuple[int, int, int] | None = None
    notice: str | None = None
    so_far: Outcome | None = None


@dataclass(frozen=True)
class Yielded:
    """A cell that takes turns has measured `windows` in its turn, and waits for another; none: it has taken its first
    step, or is warm."""

    windows: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How a cell ended. `message` and `stage` say why and where it didn't end well.

    `recorded` are fields of the record that a replay takes from the one that it replays: they tell of another machine
    than this.
    """

    status: Status
    stage: str
    message: str | None = None
    windows: tuple[tuple[int, float], ...] = ()
    stopped_by: Literal["precision", "budget"] | None = None
    stages: dict[str, float] = field(default_factory=dict)
    values: dict[str, float | None] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    accuracy: Accuracy | None = None
    judged: Judged | None = None
    training: Training | None = None
    history: tuple[Epoch, ...] = ()
    attribution: Attribution | None = None
    network: Architecture | None = None
    replication: Replication | None = None
    recorded: dict[str, Any] = field(default_factory=dict)
