"""A user's own network is known by its source: an edited one is another workload."""

import pytest

from bench.host.hardware import Hardware
from bench.results.record import DataInfo
from bench.run.plan import plan, workload
from bench.suite.cells import Cell
from bench.suite.options import Options
from bench.suite.spec import DataSpec, ModelSpec, Protocol, Variant

CPU = Hardware(kind="cpu", cpu="A Processor", cores=2, memory_bytes=2**34, system="linux")
DATA = DataInfo(
    name="digits",
    requested="digits",
    synthetic=False,
    shape=(32, 32, 3),
    classes=10,
    train_images=1527,
    held_out_images=270,
    test_images=0,
    digest="a",
)


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "edited_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise SystemExit('imported')\n")
    (folder / "nets.py").write_text("def build(input_shape, classes): ...\n")
    return folder


def source(folder, module):
    cell = Cell(
        id="m/v/b8",
        suite="s",
        model=ModelSpec(name="m", network=f"{module}:build"),
        variant=Variant(name="v", options=Options()),
        batch_size=8,
        seed=0,
        data=DataSpec(name="digits"),
        protocol=Protocol(),
        train=None,
        folder=str(folder),
    )
    return workload(plan(cell, CPU), DATA, {"tensorflow": "2", "keras": "3"})["model"]["source"]


def test_a_module_in_a_package_is_known_by_its_own_file(package, tmp_path):
    before = source(tmp_path, "edited_package.nets")
    (package / "__init__.py").write_text("raise SystemExit('still not imported')\n")
    assert source(tmp_path, "edited_package.nets") == before
    (package / "nets.py").write_text("def build(input_shape, classes): return None\n")
    assert source(tmp_path, "edited_package.nets") != before


def test_what_lies_in_no_file_has_no_source(tmp_path):
    assert source(tmp_path, "absent_package.nets") is None
