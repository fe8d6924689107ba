"""The few things that programs need, in place of the command line. `import bench` has them all.

Everything else of the package is private, whatever its name: it changes without notice.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from bench.analyse.compare.comparison import compare as compare_sides
from bench.analyse.compare.join import join
from bench.analyse.stats.spread import spreads
from bench.bundle.pack import Packed
from bench.bundle.pack import pack as _pack
from bench.cli.common import working_tree
from bench.cli.progress import Display
from bench.errors import Fault, InputError, nearest
from bench.host.profile import HostProfile
from bench.host.registry import profiles
from bench.report.compare.shown import ShownComparison, shown
from bench.report.results import Results
from bench.report.tune.shown import ShownTuned
from bench.report.tune.shown import shown as shown_tuned
from bench.results.index.newest import read_newest
from bench.results.journal import Journal, journal_path
from bench.results.owner import owner
from bench.results.query import latest, read_all, runs
from bench.results.record import Record
from bench.results.sides import StoredSide
from bench.run.given_suite import Code, Data, Given, given_suite
from bench.suite import load, select
from bench.suite.cells import Suite
from bench.support.gc_paused import gc_paused
from bench.support.notebooks import in_kernel

if TYPE_CHECKING:
    from bench.cli.live_display import LiveObserver
    from bench.cli.notebook_progress import NotebookDisplay
    from bench.run.estimate import Estimator
    from bench.run.live_model import Measurement

__all__ = ["compare", "compare_records", "load_suite", "measure", "pack", "read", "read_records", "run_suite", "tune"]


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
    live: bool = False,
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
        live: Show the page of results as the run goes: in a notebook in the cell's output, elsewhere in a browser, at
            an address on 127.0.0.1 that standard error tells.

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
        return Estimator(
            Journal(journal_path(tree, profile.id, chosen.name, owner(tree)), Record).read().records, profile
        )

    with ExitStack() as stack:
        display = _display(before, stack)
        observer = _live(display, tree, chosen.name, stack) if live else display
        summary = run(request, LocalExecutor(), observer)
    return Results(latest(summary.records), [summary.host])


def _display(before: Callable[[HostProfile], Estimator], stack: ExitStack) -> Display | NotebookDisplay:
    if not in_kernel():
        return stack.enter_context(Display(sys.stderr, before))
    from bench.cli.notebook_progress import NotebookDisplay

    return stack.enter_context(NotebookDisplay(before))


def _live(display: Display | NotebookDisplay, root: Path, suite: str, stack: ExitStack) -> LiveObserver:
    """The display, with a page that is told of the run too, until the stack ends."""
    from bench.cli.live_display import LiveObserver

    if in_kernel():
        from bench.cli.framed_page import FramedPage

        return LiveObserver(display, stack.enter_context(FramedPage(root, suite, display.notice)).part())
    from bench.cli.live import LOCAL, LivePage

    page = LivePage(root, LOCAL, display.notice)
    display.notice(f"the page of results is at {page.url}")
    return LiveObserver(display, stack.enter_context(page).part())


@overload
def measure(
    model: str | Callable[..., Any],
    dataset: Data,
    *,
    seconds: float = ...,
    precision: float = ...,
    unit: str | Mapping[str, float] = ...,
    validation: Code | None = ...,
    batch_size: int = ...,
    options: Mapping[str, Any] | None = ...,
    args: Mapping[str, Any] | None = ...,
    root: Path | str = ...,
    name: str = ...,
    live: bool = ...,
) -> Results: ...
@overload
def measure(
    model: Any, dataset: Any, *, seconds: float = ..., precision: float = ..., unit: str | Mapping[str, float] = ...
) -> Measurement: ...
def measure(
    model: Any,
    dataset: Any,
    *,
    seconds: float = 10.0,
    precision: float = 0.02,
    unit: str | Mapping[str, float] = "examples",
    validation: Code | None = None,
    batch_size: int = 32,
    options: Mapping[str, Any] | None = None,
    args: Mapping[str, Any] | None = None,
    root: Path | str = ".",
    name: str = "notebook",
    live: bool = False,
) -> Measurement | Results:
    """Time the training step of a model on a data set, by the model's own `fit`.

    A live model and a live data set are timed here and now; what else this process does falsifies the figure. Functions
    that give them are called in a process of its own, as a cell is, which leaves a record. Whatever the model does in
    its step, and the data set for a batch, is in the time; tracing, compiling and warm-up are not. A live model has its
    weights and its optimizer's state back afterwards.

    Args:
        model: A compiled `keras.Model` of any kind; or a function that returns one, or a network's name as in a suite.
        dataset: A `tf.data.Dataset` of batches, of any structure, which is repeated where it ends; with a function for
            the model, a function that gives the data set, of batches or of single examples, or a suite's `data`.
        seconds: Seconds of windows at most.
        precision: Stop once the 95 % interval is within this share of the step time, to either side.
        unit: What an example is called in rates; `{"tokens": 128}`: what they count, and how many an example has.
        validation: A function like `dataset`, of examples to judge on. This and what follows go with functions.
        batch_size: Examples in a batch, where the function doesn't make batches itself.
        options: Options of a suite's variant, such as `{"xla": True}`.
        args: Arguments of the function that builds the model.
        root: The working tree whose `results/` the record goes to.
        name: The suite's name in it.
        live: Show the page of results as it goes, as `run_suite` does.

    Returns:
        Of live objects the step time with its interval, windows, and examples a second; of functions the records, one.
        Both show themselves in a notebook.

    Raises:
        bench.errors.InputError: Where the model isn't compiled, the data set has no batch, the two don't go together,
            or a function can't travel to another process: nothing was run then.
    """
    unit_name, per_example = (unit, 1.0) if isinstance(unit, str) else next(iter(unit.items()))
    if isinstance(model, str) or (callable(model) and not hasattr(model, "fit")):
        given = Given(
            model,
            dataset,
            {"measured": options} if options else ["notebook"],
            plain=False,
            validation=validation,
            batch_sizes=(batch_size,),
            args=args,
            unit=None if unit == "examples" else {unit_name: per_example},
            protocol={"max_seconds": seconds, "precision": precision},
            name=name,
        )
        return _run_given(given, root, None, live=live)
    from bench.run.live_model import measure_live

    if not in_kernel():
        return measure_live(model, dataset, seconds, precision, unit_name, per_example)
    from bench.cli.in_place import StepsInPlace

    progress = StepsInPlace(getattr(model, "name", type(model).__name__))
    try:
        return measure_live(model, dataset, seconds, precision, unit_name, per_example, progress.heard)
    finally:
        progress.flush()


def compare(
    build: Code,
    data: Data,
    variants: Sequence[str] | Mapping[str, Mapping[str, Any]],
    *,
    validation: Code | None = None,
    batch_sizes: Sequence[int] = (32,),
    args: Mapping[str, Any] | None = None,
    unit: Mapping[str, float] | None = None,
    protocol: Mapping[str, Any] | None = None,
    until_seconds: float | None = None,
    root: Path | str = ".",
    name: str = "notebook",
    live: bool = False,
) -> Results:
    """Compare variants of the options that a model is trained with, each in processes of its own, interleaved.

    Args:
        build: A function that returns a compiled model, or what a suite may name as network. Functions and classes that
            a notebook's cell defines travel to the processes.
        data: A function that returns a `tf.data.Dataset`, of any elements, or what a suite may name as data.
        variants: Names of those that come with the package, such as `["xla", "bfloat16"]`; or options by a name of your
            own: `{"fast": {"xla": True, "cache": "memory"}}`. All are compared with the plain `notebook`.
        validation: A function like `data`, of examples to judge on.
        batch_sizes: Examples in a batch, where the function doesn't make batches itself.
        args: Arguments of `build`.
        unit: What rates count, and how many an example has: `{"tokens": 128}`.
        protocol: What of a suite's `protocol` is otherwise, such as `{"max_seconds": 5}`.
        until_seconds: How long it may take; None: as long as measuring each variant once would.
        root: The working tree whose `results/` the records go to.
        name: The suite's name in it.
        live: Show the page of results as it goes, as `run_suite` does.

    Returns:
        The newest record of each cell; in a notebook they show themselves as a table with intervals and verdicts.

    Raises:
        bench.errors.InputError: Where the input can't be run; nothing was run then.
        bench.run.run_suite.Interrupted: On Ctrl-C; what was measured by then is kept.
    """
    given = Given(
        build,
        data,
        variants,
        validation=validation,
        batch_sizes=batch_sizes,
        args=args,
        unit=unit,
        protocol=protocol,
        name=name,
    )
    return _run_given(given, root, until_seconds, live=live)


def tune(
    build: Code,
    data: Data,
    *,
    budget_seconds: float = 180.0,
    validation: Code | None = None,
    batch_size: int = 32,
    batch_sizes: Sequence[int] = (),
    args: Mapping[str, Any] | None = None,
    unit: Mapping[str, float] | None = None,
    check_accuracy: bool = True,
    max_bytes: float | None = None,
    fresh: bool = False,
    root: Path | str = ".",
) -> ShownTuned:
    """Find the options that a model trains fastest with on this machine, as `bench tune` does.

    Args:
        build: A function that returns a compiled model, or what a suite may name as network.
        data: A function that returns a `tf.data.Dataset`, of any elements, or what a suite may name as data.
        budget_seconds: How long it may take, preparing included.
        validation: A function like `data`, of examples to judge on: without it, what is learnt can't be checked.
        batch_size: Examples in a batch of the baseline.
        batch_sizes: Others to search too, compared by examples a second.
        args: Arguments of `build`.
        unit: What rates count, and how many an example has: `{"tokens": 128}`.
        check_accuracy: Train the best briefly, with several seeds, to see that it learns as well.
        max_bytes: Memory that a candidate's process may take at most.
        fresh: Begin as if nothing had been measured on this host before: else results of the same model, options and
            form of data say where to look.
        root: The working tree whose `results/` the records go to.

    Returns:
        The best candidate, its speed-up with 95 % interval, what each of its options adds, and `code` to paste.

    Raises:
        bench.errors.InputError: Where the input can't be run; nothing was run then.
        bench.run.tune.request.BaselineFailed: Where the plain training doesn't run here.
    """
    from bench.cli.tune_progress import TuneDisplay
    from bench.run.process.executors import LocalExecutor
    from bench.run.tune.request import TuneRequest
    from bench.run.tune.tune import tune as search

    given = Given(
        build, data, ["notebook"], validation=validation, batch_sizes=(batch_size,), args=args, unit=unit, name="given"
    )
    with given_suite(given) as suite, TuneDisplay(sys.stderr) as display:
        request = TuneRequest(
            suite,
            suite.cells()[0],
            working_tree(Path(root)),
            budget_seconds,
            tuple(batch_sizes),
            check_accuracy,
            max_bytes,
            fresh=fresh,
        )
        return shown_tuned(search(request, LocalExecutor(), display))


def _run_given(given: Given, root: Path | str, until_seconds: float | None, *, live: bool) -> Results:
    with given_suite(given) as suite:
        return run_suite(suite, root=root, until_seconds=until_seconds, live=live)


def read(
    root: Path | str = ".",
    rows: Literal["records", "windows", "epochs"] = "records",
    *,
    hosts: Collection[str] | None = None,
    suites: Collection[str] | None = None,
    teams: Collection[str] | None = None,
    history: bool = False,
) -> Any:
    """Stored records as a tidy pandas DataFrame: the newest of each cell on each host, or their windows or epochs.

    Args:
        root: The working tree, with `results/` in it.
        rows: What a row is: a record, all processes that one run measured its cell in together; a window of one of
            these; or an epoch of a cell that was trained.
        hosts: Ids of hosts; None: all.
        suites: Names of suites; None: all.
        teams: Teams whose folders of results are read; None: all, and hosts' own.
        history: Also what was measured before the newest run of each cell.

    Returns:
        A frame with `host`, `team`, `suite`, `model`, `variant`, `batch_size`, `seed`, `status`, `started`, and a
        column for each metric, unrounded; or with what `bench query --schema` says of windows and epochs.
        `attrs["units"]` gives a column's unit by its name.

    Raises:
        bench.errors.InputError: Where a file can't be read, or pandas isn't installed.
    """
    from bench.run.frames import record_frame, row_frame

    if rows not in ("records", "windows", "epochs"):
        raise InputError(Fault(f"there are no rows '{rows}'", nearest(rows, ("records", "windows", "epochs"))))
    tree = Path(root)
    with gc_paused():
        stored = (read_all if history else read_newest)(tree, hosts, suites, teams)
        records = runs(stored.records)
        return record_frame(records) if rows == "records" else row_frame(records, rows)


def read_records(
    root: Path | str = ".",
    *,
    hosts: Collection[str] | None = None,
    suites: Collection[str] | None = None,
    teams: Collection[str] | None = None,
) -> Results:
    """Read what is stored: the newest record of each cell on each host. Damaged lines are passed over.

    Args:
        root: The working tree, with `results/` in it.
        hosts: Ids of hosts; None: all.
        suites: Names of suites; None: all.
        teams: Teams whose folders of results are read; None: all, and hosts' own.

    Returns:
        Records whose `windows` are (steps, seconds), unrounded. A cell that one run measured in several processes is
        one record, with all of them in `processes`. Shows its tables in a notebook; `plot()` draws the speed-ups.

    Raises:
        bench.errors.InputError: Where a file can't be read.
    """
    return Results(latest(read_newest(Path(root), hosts, suites, teams).records), profiles(Path(root)))


def pack(root: Path | str = ".", *, weights: bool = False, figures: bool = False, unowned: bool = False) -> Packed:
    """Make one file of the results of the tree's owner, for whoever collects them, as `bench pack` does.

    In a notebook it shows itself as a link that saves the file; the notebook then holds it too, and may be handed in
    itself: `bench collect` finds it there.

    Args:
        root: The working tree, with `results/` in it; its owner is the team of `team.txt` or `BENCH_TEAM`.
        weights: Take along what was trained and kept.
        figures: Take reports and their figures along.
        unowned: Take along records of no team, measured before the tree had an owner.

    Returns:
        The bundle: `content` are its bytes, `name` is what its file is called, `manifest` lists its files.

    Raises:
        bench.errors.InputError: Where the tree has no owner, its owner no records, or one of them is another team's.
    """
    return _pack(Path(root), weights=weights, figures=figures, unowned=unowned)


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
    return shown(compare_sides(join(ours, theirs), known, known, same_within))
