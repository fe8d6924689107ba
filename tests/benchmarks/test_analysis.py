"""What reading, judging and comparing 10,000 records takes, in one process and from the command line."""

import itertools
import json
import subprocess
import sys
import time

import numpy as np
import pytest

from bench.results.journal import journal_path
from bench.results.record import Window
from tests.records import SYNTHETIC, make_record

HOSTS = [f"host-{i}" for i in range(5)]
SUITES = [f"suite-{i}" for i in range(4)]
MODELS = [f"model-{i}" for i in range(10)]
VARIANTS = ["notebook", *(f"variant-{i}" for i in range(24))]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return plant(tmp_path_factory.mktemp("tree"))


def plant(root):
    """Two trees of 5,000 cells, each of one record with 40 windows, and the same in one file each."""
    generator = np.random.default_rng(0)
    templates = {
        variant: make_record(variant=variant, data=SYNTHETIC, options={"shuffle": place + 1})
        for place, variant in enumerate(VARIANTS)
    }
    for side, day in (("before", 5), ("after", 6)):
        lines = []
        for host, suite, model in itertools.product(HOSTS, SUITES, MODELS):
            for variant, template in templates.items():
                times = generator.normal(0.02 * generator.normal(1, 0.02), 0.0005, 40)
                changes = {
                    "host": host,
                    "suite": suite,
                    "model": model,
                    "cell": f"{model}/{variant}/b128",
                    "started": f"2026-01-{day:02}T10:00:00+00:00",
                    "windows": tuple(Window(5, 5 * float(time)) for time in times),
                }
                line = template.model_copy(update=changes).model_dump_json()
                lines.append(line)
                path = journal_path(root / side, host, suite)
                if variant == "notebook" and model == MODELS[0]:
                    path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("a") as file:
                    file.write(line + "\n")
        (root / f"{side}.jsonl").write_text("\n".join(lines) + "\n")
    return root


def in_one_process(code, *arguments):
    """Seconds by the name of what took them, as `code` prints them; nothing of TensorFlow may be loaded."""
    program = (
        "import json, sys, time\nfrom pathlib import Path\n"
        "seconds, began = {}, time.perf_counter()\n"
        "def lap(name):\n"
        "    global began\n"
        "    seconds[name], began = time.perf_counter() - began, time.perf_counter()\n"
        f"{code}\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
        "print(json.dumps(seconds))"
    )
    done = subprocess.run([sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


COMPARE = """
from bench.analyse.compare.join import join
from bench.analyse.compare.comparison import compare
from bench.report.compare.table import compare_table
from bench.report.core.markdown import render
from bench.results.sides import read_side
from bench.support.gc_paused import gc_paused
lap("importing")
with gc_paused():
    root = Path(sys.argv[1])
    sides = [read_side(root, str(root / name)) for name in ("before.jsonl", "after.jsonl")]
    lap("reading")
    found = compare(join(*sides), {}, {})
    lap("comparing")
    render(compare_table(found))
    lap("table")
assert len(found.cells) == 5000
"""

ROWS = """
from bench.report.as_json import rows
from bench.results.query import read_all
from bench.support.gc_paused import gc_paused
lap("importing")
with gc_paused():
    records = [r for side in ("before", "after") for r in read_all(Path(sys.argv[1]) / side).records]
    lap("reading")
    found = rows(records)
    lap("judging")
    json.dumps(found, allow_nan=False)
    lap("writing")
assert len(records) == 10000
"""


def medians(code, root, runs=3):
    found = [in_one_process(code, root) for _ in range(runs)]
    return {name: float(np.median([one[name] for one in found])) for name in found[0]}


@pytest.mark.parametrize("code", [COMPARE, ROWS], ids=["compare", "rows"])
def test_ten_thousand_records(benchmark, found, tree, code):
    """Seconds for 10,000 records: two sides of 5,000 cells compared, or all of them judged for `report --json`."""
    seconds = benchmark.pedantic(medians, (code, tree), rounds=1)
    total = sum(seconds.values()) - seconds["importing"]
    found(f"{total:.2f} s: " + ", ".join(f"{name} {value:.2f}" for name, value in seconds.items()), **seconds)


@pytest.mark.parametrize(
    "arguments",
    [("compare", "before.jsonl", "after.jsonl"), ("report", "--json", "--root", "before")],
    ids=lambda arguments: arguments[0],
)
def test_a_verb(benchmark, found, tree, arguments):
    """The same from the command line, Python's start and imports included."""

    def run():
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "bench", *arguments], cwd=tree, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began

    seconds = benchmark.pedantic(lambda: float(np.median([run() for _ in range(3)])), rounds=1)
    found(f"bench {' '.join(arguments)}: {seconds:.2f} s", seconds=seconds)
