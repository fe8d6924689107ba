"""`bench tune SUITE MODEL`: the best options for one network on this machine, and the code to paste."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.common import duration, end_like_ctrl_c, working_tree
from bench.cli.options import AsJson, DataDir, HostId, Root, Settings, StrictData
from bench.errors import Fault, InputError

if TYPE_CHECKING:
    from bench.analyse.tune.result import Tuned
    from bench.run.tune.request import TuneRequest
    from bench.suite.cells import Cell, Suite

__all__ = ["tune"]

_SHORTEST = 5.0


def tune(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUITE|MODEL",
            help="A suite's YAML file; or a network, such as simple_cnn or my_models:build, on synthetic images.",
        ),
    ],
    model: Annotated[
        str | None,
        typer.Argument(metavar="[MODEL|CELL]", help="With a suite: which of its models, or the cell to start from."),
    ] = None,
    budget: Annotated[str, typer.Option(metavar="TIME", help="How long it may take, such as 90s, 3m or 1h.")] = "3m",
    batch_sizes: Annotated[
        str | None,
        typer.Option(metavar="N,N", help="Search these batch sizes too, such as 64,256, by images per second."),
    ] = None,
    max_memory: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Drop candidates whose process takes more, such as 8G or 500M."),
    ] = None,
    no_accuracy_check: Annotated[
        bool,
        typer.Option("--no-accuracy-check", help="Do not train the best candidate to see whether it learns as well."),
    ] = False,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Begin as if nothing had been measured on this host before."),
    ] = False,
    settings: Settings = None,
    data_dir: DataDir = None,
    strict_data: StrictData = False,
    host: HostId = None,
    root: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Find the fastest options of the input pipeline and execution for one network, and show the code.

    Candidates are measured interleaved with the baseline and dropped by successive halving; where results of before,
    of any suite on this host, have the same network with such options, the search begins with what they say. The best
    is trained briefly, with several seeds, to see that it learns as well, and measured again in fresh processes, with
    each of its options on and off. Records are kept in results/HOST/tune-MODEL.jsonl. Ctrl-C shows the best so far.
    """
    from bench.run.tune.request import TuneRequest

    suite, cell = _asked(subject, model, settings or [])
    request = TuneRequest(
        suite,
        cell,
        working_tree(root),
        _budget(budget),
        _sizes(batch_sizes),
        not no_accuracy_check,
        _bytes(max_memory),
        data_dir,
        strict_data,
        host,
        fresh,
    )
    raise typer.Exit(_run(request, as_json))


def _asked(subject: str, model: str | None, settings: list[str]) -> tuple[Suite, Cell]:
    """The suite, and the cell that is the baseline. Raises InputError."""
    from bench.suite import load

    if model is None and Path(subject).suffix not in (".yaml", ".yml"):
        suite = load_network(subject, settings)
        return suite, suite.cells()[0]
    suite = load(Path(subject), settings)
    cells = suite.cells()
    names = list(dict.fromkeys(cell.model.name for cell in cells))
    if model is None and len(names) > 1:
        raise InputError(Fault(f"{subject} has {len(names)} models", f"name one of {', '.join(names)}"))
    return suite, _cell(cells, model or names[0], names, suite.baseline)


def load_network(name: str, settings: list[str]) -> Suite:
    """A suite of that network alone, on synthetic images of 32×32×3 of 100 classes, with the notebook's pipeline."""
    import tempfile

    from bench.suite import load
    from bench.suite.names import NETWORKS, is_import_path, network_hint

    if name not in NETWORKS and not is_import_path(name):
        raise InputError(
            Fault(f"unknown network '{name}'", f"{network_hint(name)}; or name a suite's .yaml file first")
        )
    label = name.rpartition(":")[2]
    text = (
        "data: {name: synthetic, shape: [32, 32, 3], classes: 100}\n"
        f"models: {{{label}: {{network: '{name}'}}}}\nvariants: {{notebook: {{}}}}\n"
    )
    here = Path.cwd() / "suites"  # where a suite's own code lies
    folder = here if here.is_dir() else Path.cwd()
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, f"{label}.yaml")
        path.write_text(text)
        return load(path, settings).model_copy(update={"folder": str(folder)})


def _cell(cells: tuple[Cell, ...], wanted: str, names: list[str], baseline: str) -> Cell:
    """The cell to start from: the model's baseline, or one that is named."""
    from bench.suite import select

    if wanted in names:
        wanted = f"{wanted}/{baseline}"
    found = select(cells, [wanted], "MODEL")
    if len({cell.model.name for cell in found}) > 1:
        raise InputError(Fault(f"'{wanted}' means several models", f"name one of {', '.join(names)}"))
    return next((cell for cell in found if cell.variant.name == baseline), found[0])


def _budget(text: str) -> float:
    found = duration("--budget", text)
    if found < _SHORTEST:
        raise InputError(Fault(f"--budget {text} is too short", f"{_SHORTEST:g}s at least; 3m suits a small network"))
    return found


def _sizes(text: str | None) -> tuple[int, ...]:
    """The batch sizes of `64,256`. Raises InputError."""
    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"[1-9]\d{0,6}", part) for part in parts):
        raise InputError(Fault(f"--batch-sizes {text} are no sizes", "whole numbers with commas between: 64,256"))
    return tuple(dict.fromkeys(map(int, parts)))


def _bytes(text: str | None) -> float | None:
    """Bytes of `8G`, `500M`. Raises InputError."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT])(?:i?B)?", text.strip(), re.IGNORECASE)
    if found is None or float(found[1]) <= 0:
        raise InputError(Fault(f"--max-memory {text} is no size", "8G or 500M"))
    return float(found[1]) * 1024.0 ** ("KMGT".index(found[2].upper()) + 1)


def _run(request: TuneRequest, as_json: bool) -> int:
    from bench.cli.tune_progress import TuneDisplay
    from bench.results.journal import JournalError
    from bench.run.process.executors import LocalExecutor
    from bench.run.tune.request import BaselineFailed
    from bench.run.tune.tune import tune as search

    end_like_ctrl_c()
    try:
        with TuneDisplay(sys.stderr) as display:
            found = search(request, LocalExecutor(), display)
    except KeyboardInterrupt:
        typer.echo("interrupted before any candidate was measured", err=True)
        return 130
    except (BaselineFailed, JournalError) as error:
        what = "the baseline doesn't run here: " if isinstance(error, BaselineFailed) else ""
        typer.echo(f"bench: {what}{error}", err=True)
        return 1
    _show(found, as_json)
    if found.state == "interrupted":
        typer.echo("interrupted: this is what was known by then", err=True)
        return 130
    return 0


def _show(found: Tuned, as_json: bool) -> None:
    from bench.report.tune.as_json import tuned_json
    from bench.report.tune.shown import shown

    if as_json:
        typer.echo(json.dumps(tuned_json(found), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        typer.echo(str(shown(found)))
