import sys
import types

import pytest

from bench.errors import InputError
from bench.report.export.tensorboard import write_events
from bench.results.metrics import METRICS
from tests.records import make_failed, make_record, make_trained


@pytest.fixture
def read(monkeypatch):
    """What TensorBoard reads of a folder, a reader a run; without the TensorFlow that it would import for that."""
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", types.ModuleType("notf"))
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

    def runs(folder):
        read = EventMultiplexer().AddRunsFromDirectory(str(folder))
        read.Reload()
        return {run: read.GetAccumulator(run) for run in read.Runs()}

    return runs


def test_epochs_windows_and_metrics_are_scalars(tmp_path, read):
    record = make_trained()
    write_events([record], tmp_path / "tb")
    found = read(tmp_path / "tb")
    (run,) = [name for name in found if name != "."]
    losses = found[run].Scalars("training/loss")
    assert [(one.step, one.value) for one in losses] == [
        (epoch.epoch, pytest.approx(epoch.loss)) for epoch in record.history
    ]
    took = [epoch.seconds + (epoch.val_seconds or 0) for epoch in record.history]
    assert losses[1].wall_time - losses[0].wall_time == pytest.approx(took[1], abs=1e-3)
    windows = found[run].Scalars("windows/step_seconds_of_process_1")
    assert [one.value for one in windows] == pytest.approx([window.step_seconds for window in record.windows])
    assert windows[1].step == sum(window.steps for window in record.windows[:2])
    (step,) = found[run].Scalars("metrics/step_seconds")
    assert step.value == pytest.approx(METRICS["step_seconds"].read(record))


def test_options_are_hyperparameters_of_one_type_beside_metrics_with_units(tmp_path, read):
    from tensorboard.plugins.hparams import metadata
    from tensorboard.plugins.hparams.api_pb2 import DataType, Status

    records = [make_record(options={"prefetch": 2}), make_record(variant="plain"), make_failed(variant="broken")]
    write_events(records, tmp_path)
    found = read(tmp_path)
    about = found["."].SummaryMetadata(metadata.EXPERIMENT_TAG).plugin_data.content
    experiment = metadata.parse_experiment_plugin_data(about)
    kinds = {info.name: info.type for info in experiment.hparam_infos}
    assert kinds["prefetch"] == DataType.DATA_TYPE_STRING
    assert kinds["batch_size"] == DataType.DATA_TYPE_FLOAT64
    assert kinds["xla"] == DataType.DATA_TYPE_BOOL
    titles = {info.name.tag: info.display_name for info in experiment.metric_infos}
    assert titles["metrics/peak_resident_bytes"].endswith(", bytes")
    ends = {}
    for name, run in found.items():
        if name != ".":
            start = run.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
            values = metadata.parse_session_start_info_plugin_data(start).hparams
            end = run.SummaryMetadata(metadata.SESSION_END_INFO_TAG).plugin_data.content
            ends[values["variant"].string_value] = metadata.parse_session_end_info_plugin_data(end).status
            assert values["prefetch"].string_value in ("2", "autotune")
    good, bad = Status.STATUS_SUCCESS, Status.STATUS_FAILURE
    assert ends == {"notebook": good, "plain": good, "broken": bad}


def test_a_second_export_replaces_the_first_and_nothing_else(tmp_path):
    folder = tmp_path / "tb"
    first = write_events([make_record(), make_record(variant="xla")], folder)
    (folder / "notes.txt").write_text("mine")
    second = write_events([make_record()], folder)
    assert len(first) == 2
    assert [path.relative_to(folder).parts[3] for path in second] == ["notebook"]
    events = sorted(
        path.relative_to(folder).parts[-3]
        for path in folder.rglob("events*")
        if len(path.relative_to(folder).parts) > 1
    )
    assert events == ["notebook"]
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_folder_of_others_is_left_alone(tmp_path):
    (tmp_path / "events.out.tfevents.1.host").write_bytes(b"theirs")
    with pytest.raises(InputError, match="no export to TensorBoard has written"):
        write_events([make_record()], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["events.out.tfevents.1.host"]


def test_names_lead_nowhere_else(tmp_path):
    (run,) = write_events([make_record(variant="../../../x", host="..")], tmp_path / "tb")
    assert run.resolve().is_relative_to(tmp_path / "tb")
    assert [path.name for path in tmp_path.iterdir()] == ["tb"]
    assert len(run.relative_to(tmp_path / "tb").parts) == 5


def test_names_that_are_one_as_parts_of_a_path_are_two_runs(tmp_path):
    runs = write_events([make_record(variant="a/b"), make_record(variant="a-b")], tmp_path)
    assert len(set(runs)) == 2
    assert all(list(run.glob("events*")) for run in runs)


def test_a_link_in_the_folder_leads_nowhere_else(tmp_path):
    folder, elsewhere = tmp_path / "tb", tmp_path / "elsewhere"
    write_events([make_record()], folder)
    elsewhere.mkdir()
    (folder / "colab-t4").symlink_to(elsewhere)
    with pytest.raises(OSError, match="outside"):
        write_events([make_record(host="colab-t4")], folder)
    assert list(elsewhere.iterdir()) == []


def test_without_tensorboard_the_extra_is_named_and_nothing_is_written(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(InputError, match="needs the extra `tensorboard`, and tensorboard is not installed"):
        write_events([make_record()], tmp_path / "tb")
    assert list(tmp_path.iterdir()) == []
