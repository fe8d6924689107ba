import sqlite3
import sys

import pytest

from bench.errors import InputError
from bench.report.export.mlflow import log_runs
from bench.report.export.mlflow_store import Store, store_at
from bench.results.metrics import METRICS
from tests.records import make_failed, make_record, make_trained


def test_stores_are_local_unless_another_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere")
    for named in ("runs.db", f"sqlite:///{tmp_path}/runs.db", "sqlite:///runs.db"):
        assert store_at(named) == Store(f"sqlite:///{tmp_path}/runs.db", tmp_path / "runs.db")
        assert store_at(named).artifacts == (tmp_path / "runs-artifacts").as_uri()
    for named in ("runs", f"file://{tmp_path}/runs"):
        assert store_at(named) == Store(f"file://{tmp_path}/runs", None, is_folder=True)
    assert store_at("https://mine:5000") == Store("https://mine:5000")


def test_what_is_of_others_is_refused_and_stays(tmp_path):
    base = tmp_path / "theirs.db"
    with sqlite3.connect(base) as connection:
        connection.execute("CREATE TABLE runs (a)")
    connection.close()
    (tmp_path / "text.db").write_text("no database, and long enough that SQLite looks")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.tex").write_text("x")
    (tmp_path / "file.txt").write_text("x")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for named, what in (
        (base, "is no database of MLflow's"),
        (tmp_path / "text.db", "is no database of MLflow's"),
        (tmp_path / "folder", "holds something that isn't MLflow's"),
        (tmp_path / "file.txt", "neither a folder nor called as a database"),
        ("sqlite://", "names no file"),
    ):
        with pytest.raises(InputError, match=what):
            store_at(str(named))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_without_mlflow_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(InputError, match="needs the extra `mlflow`, and mlflow is not installed"):
        log_runs([make_record()], Store("sqlite:///x.db"))


@pytest.fixture
def mlflow():
    return pytest.importorskip("mlflow", reason="the extra `mlflow` is not installed: sixty packages")


@pytest.mark.filterwarnings("ignore")  # its own
@pytest.mark.parametrize("named", ["runs.db", "runs"])
def test_a_run_a_record_and_each_once(tmp_path, mlflow, named):
    store = store_at(str(tmp_path / named))
    records = [make_trained(), make_failed(variant="broken")]
    assert log_runs(records, store) == (2, 0)
    assert log_runs([*records, make_record(variant="new")], store_at(str(tmp_path / named))) == (1, 2)
    client = mlflow.MlflowClient(store.uri)
    runs = [
        run
        for suite in {record.suite for record in records} | {"cnn"}
        for run in client.search_runs([client.get_experiment_by_name(f"bench/{suite}").experiment_id])
    ]
    assert sorted(run.info.status for run in runs) == ["FAILED", "FINISHED", "FINISHED"]
    (run,) = [run for run in runs if run.data.tags["bench.cell"] == records[0].cell]
    assert run.data.params["precision"] == "float32"
    assert run.data.metrics["step_seconds"] == METRICS["step_seconds"].read(records[0])
    history = client.get_metric_history(run.info.run_id, "training/loss")
    assert [(one.step, one.value) for one in history] == [(epoch.epoch, epoch.loss) for epoch in records[0].history]
    assert run.data.tags["bench.software.tensorflow"] == "2.21.0"


@pytest.mark.filterwarnings("ignore")
def test_a_run_that_was_cut_off_is_logged_anew(tmp_path, mlflow, monkeypatch):
    store = store_at(str(tmp_path / "runs.db"))
    logged = mlflow.MlflowClient.log_batch

    def cut_off(self, run, metrics=(), params=(), tags=()):
        if metrics:
            raise KeyboardInterrupt
        return logged(self, run, metrics, params, tags)

    with monkeypatch.context() as patch:
        patch.setattr(mlflow.MlflowClient, "log_batch", cut_off)
        with pytest.raises(KeyboardInterrupt):
            log_runs([make_record()], store)
    assert log_runs([make_record()], store) == (1, 0)
    client = mlflow.MlflowClient(store.uri)
    (run,) = client.search_runs([client.get_experiment_by_name("bench/cnn").experiment_id])
    assert run.data.metrics["step_seconds"] > 0
