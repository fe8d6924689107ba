"""The notebook runs as it is, but for its installation, in a real kernel and without a network."""

import shutil
import tarfile

import nbformat
import pytest
from nbclient import NotebookClient

from tests.notebooks.kernels import CHECKOUT, kernel_environment

NOTEBOOK = CHECKOUT / "notebooks" / "colab.ipynb"
SUITE = """\
data: digits
models: {tiny: {network: "tiny_models:dense"}}
batch_sizes: [16]
variants: {notebook: {}, uint8: {pixels: uint8}}
protocol: {precision: 0.9, max_seconds: 0.5, min_windows: 3, min_seconds: 0, warmup_seconds: 0, window_seconds: 0.02}
train: {epochs: 1, steps_per_epoch: 5}  # such cells are measured once, however busy the machine is
"""


@pytest.fixture
def notebook():
    return nbformat.read(NOTEBOOK, as_version=4)


def tagged(notebook, tag):
    (found,) = (cell for cell in notebook.cells if tag in cell.metadata.get("tags", ()))
    return found


def test_it_is_kept_as_nobody_has_run_it(notebook):
    nbformat.validate(notebook)
    assert not any(cell.outputs or cell.execution_count for cell in notebook.cells if cell.cell_type == "code")


def test_it_runs_from_the_doctor_to_the_archive(notebook, tmp_path, monkeypatch):
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "mine.yaml").write_text(SUITE)
    shutil.copy(CHECKOUT / "tests" / "run" / "tiny_models.py", tmp_path / "suites")
    parameters = tagged(notebook, "parameters")
    parameters.source += "\nsuite, until = 'suites/mine.yaml', '90s'"
    notebook.cells.remove(tagged(notebook, "install"))
    client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=kernel_environment())

    shown = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    examined = "".join(output.text for output in shown["doctor"])
    assert examined.count("asking TensorFlow") == 1
    written = "".join(output.text for output in shown["run"])
    assert "\x1b" not in written
    (begins,) = (line for line in written.splitlines() if line.startswith("2 cells on "))
    ended = [line.split()[1] for line in written.splitlines() if line.startswith(("1/2 ", "2/2 "))]
    assert ended == ["tiny/notebook/b16", "tiny/uint8/b16"]
    table = written.partition("times as fast")[2]
    assert "held-out accuracy" in table
    assert "tiny/uint8/b16  " in table
    report, _, _ = written.partition("bench: wrote ")  # what to change follows, where something is surely faster
    assert len(report.splitlines()) < 16, written
    assert " ± " in shown["table"][-1].data["text/html"]
    assert "<table" in shown["frame"][-1].data["text/html"]
    assert shown["figure"][-1].data["image/png"]
    (archive,) = tmp_path.glob("*.tar.gz")
    host = archive.name.removesuffix(".tar.gz")
    assert f"results under {host}" in begins
    with tarfile.open(archive) as packed:
        assert {f"results/{host}/mine.jsonl", f"hosts/{host}.yaml"} <= set(packed.getnames())
