"""A benchmark harness for training throughput and efficiency with TensorFlow and Keras.

One way leads through the house:

    suite -> run -> workload + instruments -> results -> analyse -> report

| room          | holds                                                                           |
|---------------|---------------------------------------------------------------------------------|
| `suite`       | YAML files turned into frozen values: data, models, variants, protocol, cells   |
| `host`        | what machine this is, and the published machines that it stands beside          |
| `workload`    | data sets, `tf.data` pipelines, models, training: alone in importing TensorFlow |
| `instruments` | the step clock, its statistics, and the instruments that watch from outside     |
| `run`         | one cell in one process, and what becomes of it                                 |
| `results`     | records, the journal that keeps them, and the metrics that read them            |
| `analyse`     | judgements on records: pure functions                                           |
| `database`    | the same as SQL: an index, filled with records as they are read                 |
| `bundle`      | a team's results in one file, and many of these taken from strangers            |
| `report`      | one neutral table, and thin renderers                                           |
| `testing`     | recorded windows, replayed through all of it: for tests without the machine     |
| `plugin`      | cells as benchmarks of pytest, judged by what this host has stored              |
| `cli`         | one verb a file                                                                 |
| `api`         | the same for programs; nothing else is public but `options`                     |
| `options`     | the seams of a user's own input pipeline                                        |
| `system`      | the machine as its kernel and driver tell of it: /proc, NVML                    |
| `support`     | small helpers that know nothing of benchmarks                                   |

Imports go from `cli` and `plugin` down to `suite` and `results`, then `system`, `errors` and `support`, never up or
across.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench import options
    from bench.api import compare, compare_records, load_suite, measure, pack, read, read_records, run_suite, tune

try:
    __version__ = version("bench-harness")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"

__all__ = [
    "__version__",
    "compare",
    "compare_records",
    "load_suite",
    "measure",
    "options",
    "pack",
    "read",
    "read_records",
    "run_suite",
    "tune",
]


def __getattr__(name: str) -> Any:
    # not before it is asked for: pytest's plugin is loaded by every pytest of the environment, and imports this
    if name == "options":
        return import_module("bench.options")
    if name in __all__:
        return getattr(import_module("bench.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
