"""The few things that programs need, in place of the command line. `import bench` has them all.

Everything else of the package is private, whatever its name: it changes without notice.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.analyse.compare.comparison import compare
from bench.analyse.compare.join import join
from bench.analyse.stats.spread import spreads
from bench.cli.common import working_tree
from bench.cli.progress import Display
from bench.host.profile import HostProfile
from bench.host.registry import profiles
from bench.report.compare.shown import ShownComparison, shown
from bench.report.results import Results
from bench.results.journal import Journal, journal_path
from bench.results.query import latest, read_all
from bench.results.record import Record
from bench.results.sides import StoredSide
from bench.suite import load, select
from bench.suite.cells import Suite
from bench.support.notebooks import in_kernel

if TYPE_CHECKING:
    from bench.cli.notebook_progress import NotebookDisplay
    from bench.run.estimate import Estimator
    from bench.run.live_model import Measurement

__all__ = ["compare_records", "load_suite", "measure", "read", "read_records", "run_suite"]


def load_suite(path: Path | str, overrides: Sequence[str] = ()) -> Suite:
    """Read a suite's YAML file. Imports nothing, reads no data, runs nothing.

    Args:
        path: The file, such as `suites/cnn.yaml`.
        overrides: Values laid over it, as `--set` takes them: `["protocol.max_seconds=10"]`.

    Returns:
        The suite as a frozen value; `suite.cells()` are all of its cells.

    Raises:
        bench.errors.InputError: With every fault in the file and the overrides, each with its line.
    """
    return load(Path(path), overrides)


def run_suite(
    suite: Suite | Path | str,
    *,
    only: Sequence[str] = (),
    root: Path | str = ".",
    until_seconds: float | None = None,
    precision: float | None = None,
    resume: bool = False,
    data_dir: Path | str | None = None,
    strict_data: bool = False,
    host: str | None = None,
) -> Results:
    """Measure the cells of a suite on this machine, as `bench run` does.

    Progress goes to standard error; in a notebook it is one output of the cell, updated in place. Cells run in
    processes of their own, so this may be called from a notebook in which TensorFlow is at work, though whatever that
    keeps busy falsifies what is measured. Records are kept under `root`, each as soon as it is there.

    Args:
        suite: A suite, or the path of its file.
        only: Patterns of cells' ids, such as `["vgg16/*"]`; none: all.
        root: The working tree, whose `results/` and `hosts/` are written to.
        until_seconds: How long it may take, in seconds; None: as long as measuring each cell once would.
        precision: Half the width of every speed-up's interval to go on for, as a share, if time allows.
        resume: Measure only cells without a good record.
        data_dir: A folder or archive of the data sets; None: `BENCH_DATA_DIR`, else Keras's cache.
        strict_data: Fail where real data can't be had, in place of synthetic images.
        host: The id of the host to keep the results under; None: the one that this machine is known by.

    Returns:
        The newest record of each cell that was measured, its processes joined; failed ones are among them. Shows its
        tables in a notebook; `plot()` draws the speed-ups.

    Raises:
        bench.errors.InputError: Where the input can't be run; nothing was run then.
        bench.run.run_suite.Interrupted: On Ctrl-C, or where a notebook's kernel is interrupted; what was measured by
            then is kept, and `read_records` gives it.
    """
    from bench.run.estimate import Estimator
    from bench.run.prepare import Request
    from bench.run.process.executors import LocalExecutor
    from bench.run.run_suite import run_suite as run

    chosen = suite if isinstance(suite, Suite) else load(Path(suite))
    tree = working_tree(Path(root))
    request = Request(
        chosen,
        select(chosen.cells(), only),
        tree,
        Path(data_dir) if data_dir is not None else None,
        strict_data,
        resume,
        host,
        until=until_seconds,
        precision=precision,
    )

    def before(profile: HostProfile) -> Estimator:
        return Estimator(Journal(journal_path(tree, profile.id, chosen.name), Record).read().records, profile)

    with _display(before) as display:
        summary = run(request, LocalExecutor(), display)
    return Results(latest(summary.records), [summary.host])


def _display(before: Callable[[HostProfile], Estimator]) -> Display | NotebookDisplay:
    if not in_kernel():
        return Display(sys.stderr, before)
    from bench.cli.notebook_progress import NotebookDisplay

    return NotebookDisplay(before)


def measure(
    model: Any, dataset: Any, *, seconds: float = 10.0, precision: float = 0.02, unit: str = "examples"
) -> Measurement:
    """Time the training step of a live model on a live data set, here and now, by the model's own `fit`.

    Whatever the model does in its step, and whatever the data set does for a batch, is in the time; tracing, compiling
    and warm-up are not. The model has its weights and its optimizer's state back afterwards. What else this process
    and machine are doing falsifies the figure: to compare variants, measure them in processes of their own with
    `run_suite`.

    Args:
        model: A compiled `keras.Model` of any kind.
        dataset: A `tf.data.Dataset` of batches, of any structure; it is repeated where it ends.
        seconds: Seconds of windows at most.
        precision: Stop once the 95 % interval is within this share of the step time, to either side.
        unit: What an example is called in rates: images, tokens …

    Returns:
        The step time with its interval, windows, and examples a second. Shows itself in a notebook; `frame()` gives the
        windows as a pandas DataFrame.

    Raises:
        bench.errors.InputError: Where the model isn't compiled, the data set has no batch, or the two don't go
            together.
    """
    from bench.run.live_model import measure_live

    if not in_kernel():
        return measure_live(model, dataset, seconds, precision, unit)
    from bench.cli.in_place import StepsInPlace

    progress = StepsInPlace(getattr(model, "name", type(model).__name__))
    try:
        return measure_live(model, dataset, seconds, precision, unit, progress.heard)
    finally:
        progress.flush()


def read(root: Path | str = ".") -> Any:
    """All stored records as a tidy pandas DataFrame: the newest of each cell on each host, a row each.

    Args:
        root: The working tree, with `results/` in it.

    Returns:
        A frame with `host`, `suite`, `model`, `variant`, `batch_size`, `seed`, `status`, `started`, and a column for
        each metric, unrounded; `attrs["units"]` gives a metric's unit by its name.

    Raises:
        bench.errors.InputError: Where a file can't be read, or pandas isn't installed.
    """
    from bench.results.metrics import METRICS
    from bench.run.frames import frames

    keys = ("host", "suite", "model", "variant", "batch_size", "seed", "status", "started")
    records = read_records(root)
    frame = frames().DataFrame(
        [
            {key: getattr(record, key) for key in keys} | {name: one.read(record) for name, one in METRICS.items()}
            for record in records
        ],
        columns=[*keys, *METRICS],
    )
    frame.attrs["units"] = {name: one.stored_unit for name, one in METRICS.items() if one.stored_unit}
    return frame


def read_records(
    root: Path | str = ".", *, hosts: Collection[str] | None = None, suites: Collection[str] | None = None
) -> Results:
    """Read what is stored: the newest record of each cell on each host. Damaged lines are passed over.

    Args:
        root: The working tree, with `results/` in it.
        hosts: Ids of hosts; None: all.
        suites: Names of suites; None: all.

    Returns:
        Records whose `windows` are (steps, seconds), unrounded. A cell that one run measured in several processes is
        one record, with all of them in `processes`. Shows its tables in a notebook; `plot()` draws the speed-ups.

    Raises:
        bench.errors.InputError: Where a file can't be read.
    """
    return Results(latest(read_all(Path(root), hosts, suites).records), profiles(Path(root)))


def compare_records(
    before: Iterable[Record], after: Iterable[Record], *, root: Path | str = ".", same_within: float | None = None
) -> ShownComparison:
    """Set stored records beside each other, cell by cell, as `bench compare` does.

    Args:
        before: Records of the one side, any number of runs of each cell.
        after: Those of the other.
        root: The working tree whose host profiles tell what equal processes differ by there.
        same_within: Step times that surely differ by no more than this share are the same; None: as the suite says.

    Returns:
        A comparison whose `cells` hold the two records and their `ratio`: above 1 where `after` takes less time, with
        `low` and `high` of its 95 % interval and a `verdict`, or a refusal with its reasons. The interval joins the
        windows' noise with what processes differ by (Kalibera & Jones, ISMM 2013). Shows its table in a notebook.

    Raises:
        bench.errors.InputError: Where the two have no cell in common.
    """
    known = spreads(profiles(Path(root)))
    ours = StoredSide("before", Path(root), None, None, tuple(before), ())
    theirs = StoredSide("after", Path(root), None, None, tuple(after), ())
    return shown(compare(join(ours, theirs), known, known, same_within))
