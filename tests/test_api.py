"""What programs call: the same as the command line, from Python."""

import subprocess
import sys

import pytest

import bench
from bench.errors import InputError
from bench.results.journal import Journal, journal_path
from bench.results.record import Record
from tests.records import make_record

SUITE = """\
data: {name: synthetic, shape: [8, 8, 3], classes: 4, images: 400, test_images: 10}
models: {tiny: {network: "tiny_models:dense"}}
batch_sizes: [16]
variants: {notebook: {}, uint8: {pixels: uint8}}
protocol: {max_seconds: 1, min_seconds: 0.1, warmup_seconds: 0.1, window_seconds: 0.02}
"""


def test_what_is_public_is_little_and_all_there():
    assert bench.__all__ == [
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
    assert all(callable(getattr(bench, name)) for name in bench.__all__[1:] if name != "options")
    assert all(callable(getattr(bench.options, name)) for name in bench.options.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'measured'"):
        _ = bench.measured


def test_importing_it_imports_nothing_of_weight():
    code = "import sys, bench; assert not {'numpy', 'pydantic', 'tensorflow', 'bench.api'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_suite_is_loaded_with_overrides_or_refused_with_every_fault(checkout):
    suite = bench.load_suite(checkout / "suites" / "cnn.yaml", ["protocol.max_seconds=7"])
    assert suite.protocol.max_seconds == 7
    assert "vgg16/notebook/b128" in [cell.id for cell in suite.cells()]
    with pytest.raises(InputError, match="max_secods"):
        bench.load_suite(checkout / "suites" / "cnn.yaml", ["protocol.max_secods=7"])


def test_stored_records_are_read_and_compared(tmp_path):
    old = [make_record(started=f"2026-01-0{day}T10:00:00+00:00") for day in (1, 2)]
    new = [make_record(step_ms=8, started=f"2026-02-0{day}T10:00:00+00:00") for day in (1, 2)]
    for record in (*old, *new):
        Journal(journal_path(tmp_path, record.host, record.suite), Record).append(record)
    (newest,) = bench.read_records(tmp_path)
    assert newest == new[-1]
    assert bench.read_records(tmp_path, hosts=["nobody"]) == ()
    (cell,) = bench.compare_records(old, new, root=tmp_path).cells
    assert cell.ratio.verdict == "faster"
    assert cell.ratio.low < 2 < cell.ratio.high
    with pytest.raises(InputError, match="no cell is on both sides"):
        bench.compare_records(old, [make_record("vgg16")], root=tmp_path)


def test_stored_records_as_a_frame(tmp_path):
    for record in (make_record(), make_record(variant="xla", step_ms=8)):
        Journal(journal_path(tmp_path, record.host, record.suite), Record).append(record)
    frame = bench.read(tmp_path)
    assert list(frame["variant"]) == ["notebook", "xla"]
    assert frame["step_seconds"].iloc[1] == pytest.approx(8e-3, rel=0.01)
    assert frame.attrs["units"]["step_seconds"] == "s"


def test_a_suite_is_measured_and_kept(tmp_path, checkout):
    (tmp_path / "mine.yaml").write_text(SUITE)
    (tmp_path / "tiny_models.py").write_text((checkout / "tests" / "run" / "tiny_models.py").read_text())
    code = (
        "import bench, sys\n"
        "found = bench.run_suite('mine.yaml', only=['*/uint8/*'])\n"
        "assert [record.cell for record in found] == ['tiny/uint8/b16'], found\n"
        "assert found[0].ok and 'tensorflow' not in sys.modules\n"
        "assert bench.read_records() == found\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "1/1  tiny/uint8/b16" in done.stderr
