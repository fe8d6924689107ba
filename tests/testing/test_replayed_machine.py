"""A replayed record tells of the machine that it was measured on, whatever machine replays it."""

import pytest

from bench.host import detect
from bench.results.recorded_setup import RecordedDevice
from bench.run.prepare import Request
from bench.run.run_suite import run_suite
from bench.suite import load
from bench.testing import Listener, ReplayExecutor
from tests.records import T4, make_failed, make_record

SUITE = """\
data: {name: synthetic, shape: [8, 8, 3], classes: 4, images: 400, test_images: 10}
models: [simple_cnn]
variants: {notebook: {}, bf16: {precision: mixed_bfloat16}, never: {xla: on}}
protocol: {max_seconds: 2}
"""
EPYC = {
    "kind": "cpu",
    "name": "AMD EPYC",
    "gpu_name": None,
    "gpu_unused": None,
    "unsuited": {"bfloat16": "mixed bfloat16 needs a CPU with avx512_bf16 or amx_bf16; AMD EPYC has neither"},
    "compute_capability": None,
    "cores": 2,
    "platform": "local",
}


@pytest.fixture(
    params=[("Some Xeon", ("avx512_bf16", "amx_bf16"), 64), ("Some Arm", ("asimd",), 1)], ids=["big", "small"]
)
def other_machine(request, monkeypatch):
    """This machine is another than it is."""
    name, flags, cores = request.param
    monkeypatch.setattr(detect, "cpu_name", lambda root: name)
    monkeypatch.setattr(detect, "cpu_flags", lambda root: flags)
    monkeypatch.setattr(detect, "usable_cores", lambda root: cores)


@pytest.fixture
def replay(tmp_path):
    def run(*records):
        path = tmp_path / "tiny.yaml"
        path.write_text(SUITE)
        suite, listener = load(path), Listener()
        summary = run_suite(Request(suite, suite.cells(), tmp_path), ReplayExecutor(records), listener)
        return summary, listener

    return run


def recorded(variant, **changes):
    return make_record(variant=variant, suite="tiny", host="elsewhere", **changes)


@pytest.mark.usefixtures("other_machine")
def test_a_cpus_records_stay_its_own(replay):
    skipped = make_failed(variant="bf16", status="skipped", message="no", suite="tiny", host="elsewhere", device=EPYC)
    summary, listener = replay(recorded("notebook", device=EPYC), skipped)
    good, not_run, unknown = summary.records
    assert (good.status, not_run.status, unknown.status) == ("ok", "skipped", "failed")
    assert good.device == not_run.device == unknown.device == RecordedDevice(**EPYC)
    assert listener.device == "AMD EPYC"
    assert listener.notices == [ReplayExecutor.caveat]


@pytest.mark.usefixtures("other_machine")
def test_what_a_cpu_is_not_suited_for_is_judged_by_what_was_recorded(replay):
    record = recorded("bf16", device=EPYC, options={"precision": "mixed_bfloat16"})
    codes = {one.code for one in replay(record)[0].records[1].findings}
    assert "precision-unsuited" in codes
    suited = record.model_copy(update={"device": RecordedDevice(**EPYC | {"unsuited": {}})})
    codes = {one.code for one in replay(suited)[0].records[1].findings}
    assert "precision-unsuited" not in codes


@pytest.mark.usefixtures("other_machine")
def test_a_cards_records_are_replayed_with_no_word_of_this_machines_devices(replay):
    card = T4 | {"compute_capability": "7.5", "unsuited": {}, "cores": 4, "platform": "colab"}
    summary, listener = replay(recorded("notebook", device=card, software={"tensorflow": "2", "keras": "3"}))
    assert summary.records[0].device == RecordedDevice(**card)
    assert listener.device == "Tesla T4"
    assert listener.notices == [ReplayExecutor.caveat]


def test_each_record_keeps_its_own_device(replay):
    """A host's records may have been made under another number of usable cores."""
    summary, _ = replay(recorded("notebook", device=EPYC), recorded("bf16", device=EPYC | {"cores": 1}))
    assert [record.device.cores for record in summary.records[:2]] == [2, 1]


def test_a_host_that_is_known_by_its_records_alone_is_not_said_to_be_this_machine(replay, tmp_path):
    summary, _ = replay(recorded("notebook", device=EPYC))
    assert summary.host.hardware is None
    assert "hardware" not in (tmp_path / "hosts" / "elsewhere.yaml").read_text()
