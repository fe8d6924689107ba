"""A working tree for pytest to run in: a suite, stored records of a host whose noise is known, and a recording."""

import os
from pathlib import Path

import numpy as np
import pytest

# imported here so that runs of pytest within this one find them loaded
import bench.plugin.cells
import bench.testing  # noqa: F401
from bench.host.hardware import Hardware
from bench.host.measured import Noise
from bench.host.profile import HostProfile, save
from bench.results.record import Window
from bench.run.prepare import Request
from bench.run.run_suite import run_suite
from bench.suite import load
from bench.testing import Listener, ReplayExecutor
from tests.records import make_failed, make_record

SUITE = """\
data: {name: synthetic, shape: [8, 8, 3], classes: 4, images: 400, test_images: 10}
models: [simple_cnn, vgg16]
variants: {notebook: {}, xla: {xla: on}}
protocol: {precision: 0.02, max_seconds: 2}
"""
HARDWARE = Hardware(kind="cpu", cpu="Some CPU", cores=2, memory_bytes=2**33, system="linux")
PROTOCOL = {"precision": 0.02, "max_seconds": 2.0, "min_windows": 5, "window_seconds": 0.1}
QUIET = ["-W", "default", *(word for name in ("cacheprovider", "hypothesispytest") for word in ("-p", f"no:{name}"))]
"""The outer pytest's warnings are errors, and those of a run within it are not. Hypothesis would be imported anew, for
1.5 s, by each."""


@pytest.fixture(scope="session")
def measured(tmp_path_factory):
    """A record of each cell as the host measured it, fingerprints and all."""
    root = tmp_path_factory.mktemp("measured")
    suite = root / "tiny.yaml"
    suite.write_text(SUITE)
    loaded = load(suite)
    recorded = [
        make_record(cell.model.name, cell.variant.name, suite="tiny", host="here", protocol=PROTOCOL)
        for cell in loaded.cells()
    ]
    summary = run_suite(Request(loaded, loaded.cells(), root), ReplayExecutor(recorded), Listener())
    return {record.cell: record.model_copy(update={"executor": "local", "findings": ()}) for record in summary.records}


class Tree:
    """`here` is the host; its self-test found a spread of 1 % unless told otherwise."""

    def __init__(self, pytester, measured):
        self.pytester, self.measured, self.root = pytester, measured, Path(pytester.path)
        self.journal = self.root / "results" / "here" / "tiny.jsonl"
        self.recording = self.root / "recording.jsonl"
        (self.root / "suites").mkdir()
        (self.root / "suites" / "tiny.yaml").write_text(SUITE)
        self.profile(0.01)

    def profile(self, spread):
        """What the self-test found; None: there was none."""
        noise = None if spread is None else Noise(date="2026-01-01", in_turns=spread / 2, apart=spread, rounds=10)
        save(HostProfile(id="here", label="Here", hardware=HARDWARE, noise=noise), self.root / "hosts" / "here.yaml")

    def stored(self, *factors):
        """Stored records of each cell, one for each factor that its steps take of 16 ms."""
        self.journal.parent.mkdir(parents=True, exist_ok=True)
        self._write(self.journal, [self.process(cell, f, i) for cell in self.measured for i, f in enumerate(factors)])

    def recorded(self, *factors, more=()):
        """What is measured next: the first factor first."""
        records = [self.process(cell, factor, 27 - i) for cell in self.measured for i, factor in enumerate(factors)]
        self._write(self.recording, [*records, *more])

    def process(self, cell, factor, day):
        spread = 1 + 0.001 * np.array([1, -1, -1, 1, 1, -1, 0, 0, 1, -1, -1, 1, 1, -1, 0, 0, 0, 0, 0, 0])
        windows = tuple(Window(7, float(0.112 * factor * one)) for one in spread)
        changes = {"windows": windows, "started": f"2026-01-{day + 1:02}T10:00:00+00:00"}
        return self.measured[cell].model_copy(update=changes)

    def failed(self, cell, status, message):
        """The recording of a cell that ended badly."""
        model, variant, _ = cell.split("/")
        return make_failed(model, variant, status=status, message=message, suite="tiny", host="here")

    def run(self, *arguments, suite=True, replay=True):
        """pytest, within this one."""
        given = ["--bench-suite", "suites/tiny.yaml"] if suite else []
        given += ["--bench-replay", "recording.jsonl"] if replay else []
        return self.pytester.runpytest_inprocess(*given, *QUIET, *map(str, arguments))

    def files(self):
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_dir())

    def _write(self, path, records):
        path.write_text("".join(record.model_dump_json() + "\n" for record in records))


@pytest.fixture
def tree(pytester, measured, monkeypatch):
    # of the pytest around this one, and its workers
    for name in [name for name in os.environ if name.startswith(("PYTEST_ADDOPTS", "PYTEST_XDIST"))]:
        monkeypatch.delenv(name)
    tree = Tree(pytester, measured)
    tree.stored(*[1.0] * 10)
    tree.recorded(1.0)
    return tree
