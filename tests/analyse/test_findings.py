import pytest

from bench.analyse.findings.budget import budget
from bench.analyse.findings.cpu_only import cpu_only
from bench.analyse.findings.drifting import drifting
from bench.analyse.findings.few_windows import few_windows
from bench.analyse.findings.inline import inline
from bench.analyse.findings.noisy import noisy
from bench.analyse.findings.retraced import retraced
from bench.analyse.findings.synthetic import synthetic_data
from bench.analyse.findings.throttled import throttled
from bench.analyse.findings.two_speeds import two_speeds
from bench.analyse.judge import ANALYSERS, CODES, judge
from bench.results.record import Finding, Window
from tests.records import CPU, SYNTHETIC, T4, make_data, make_failed, make_gpu_values, make_record, make_windows


def with_windows(*step_ms):
    return make_record(windows=tuple(Window(5, 5 * ms / 1e3) for ms in step_ms))


def alternating(slow):
    return with_windows(*([16.0, 16.1, slow, 16.05] * 5))


FIRING = {
    "inline": [make_record(executor="inline")],
    "replay": [make_record(executor="replay")],
    "synthetic-data": [make_record(data=SYNTHETIC), make_record(data=make_data(requested="synthetic", synthetic=True))],
    "cpu-only": [make_record(device=CPU | {"gpu_unused": "Tesla T4"})],
    "throttled": [
        make_record(device=T4, values=make_gpu_values(gpu_throttle_reasons=bit))
        for bit in (0x8, 0x20, 0x40, 0x80, 0x84)
    ],
    "power-cap": [make_record(device=T4, values=make_gpu_values(gpu_throttle_reasons=bit)) for bit in (0x4, 0x84)],
    "retraced": [make_record(values=make_gpu_values(retraces=1))],
    "few-windows": [make_record(count=4), make_record(count=1), make_record(count=7, protocol={"min_windows": 8})],
    "budget": [make_record(noise=0.08, count=6, stopped_by="budget")],
    "noisy": [make_record(noise=0.2, count=30), with_windows(16, 16, 16, 16, 24)],
    "two-speeds": [alternating(24.0), with_windows(*[16.0] * 10, *[20.0] * 10)],
    "drifting": [
        with_windows(*(16 + 0.1 * i for i in range(20))),
        with_windows(*(16 - 0.1 * i for i in range(20))),
    ],
}
SILENT = {
    "inline": [make_record(), make_record(executor="replay"), make_failed(executor="inline")],
    "replay": [make_record(), make_record(executor="inline"), make_failed(executor="replay")],
    "synthetic-data": [make_record(), make_failed()],
    "cpu-only": [
        make_record(),
        make_record(device=T4),
        make_record(device={"kind": "cpu", "gpu_name": "Tesla T4"}),
        make_failed(device=CPU | {"gpu_unused": "Tesla T4"}),
    ],
    "throttled": [
        make_record(),
        make_record(device=T4, values=make_gpu_values(gpu_throttle_reasons=0x1)),
        make_record(device=T4, values=make_gpu_values(gpu_throttle_reasons=0x4)),
    ],
    "power-cap": [make_record(device=T4, values=make_gpu_values(gpu_throttle_reasons=0x40))],
    "retraced": [make_record(), make_record(values={})],
    "few-windows": [make_record(count=5), make_failed(status="skipped")],
    "budget": [
        make_record(),
        make_record(noise=0.001, stopped_by="budget"),
        make_record(noise=0.08, count=4, stopped_by="budget"),  # few-windows says it
        make_failed(),
    ],
    "noisy": [make_record(noise=0.05, count=30), make_record(windows=(Window(1, 1.0), Window(1, 2.0))), make_failed()],
    "two-speeds": [with_windows(*[16.0] * 5, *[20.0] * 5), with_windows(*[16.0] * 20, 24.0), alternating(16.5)],
    "drifting": [with_windows(*(16 + 0.005 * i for i in range(20))), with_windows(16, 16, 18, 18), make_failed()],
}


@pytest.mark.parametrize(("code", "record"), [(code, r) for code, records in FIRING.items() for r in records])
def test_it_fires(code, record):
    (found,) = [finding for finding in judge(record) if finding.code == code]
    assert len(found.message) > 20


@pytest.mark.parametrize(("code", "record"), [(code, r) for code, records in SILENT.items() for r in records])
def test_it_is_silent(code, record):
    assert code not in [finding.code for finding in judge(record)]


def test_every_analyser_is_tried_both_ways():
    produced = {f.code for analyse in ANALYSERS for records in FIRING.values() for r in records for f in analyse(r)}
    assert produced == set(FIRING) == set(SILENT) == CODES
    assert set(ANALYSERS) == {
        inline,
        synthetic_data,
        cpu_only,
        throttled,
        retraced,
        few_windows,
        budget,
        noisy,
        two_speeds,
        drifting,
    }


@pytest.mark.parametrize("seed", range(40))
def test_steady_windows_give_rise_to_nothing(seed):
    record = make_record(windows=make_windows(noise=0.02, count=30, seed=seed))
    assert judge(record) == ()


def message(record):
    (found,) = judge(record)
    return found.message


def test_messages_are_short_and_the_same_for_every_row():
    noisy, noisier = make_record(noise=0.2, count=30), make_record(variant="b", noise=0.3, count=30)
    assert message(noisy) == message(noisier)
    assert message(make_record(noise=0.08, count=6, stopped_by="budget")) == "its time was up before ±2 % was reached"
    slower = with_windows(*[16.0, 16.1] * 4, *[16.5, 16.6] * 4, *[17.0, 17.1] * 4)
    assert message(slower) == "its steps grew slower while they were measured"


def test_messages_say_what_it_was():
    assert message(make_record(data=SYNTHETIC)) == (
        "synthetic images stand in for cifar100: times hold, accuracies don't; "
        "no archive in the Keras cache, and no network"
    )
    unused = message(make_record(device=CPU | {"gpu_unused": "Tesla T4"}))
    assert "Tesla T4" in unused
    assert "pip install '.[gpu]'" in unused
    assert "software thermal slowdown" in message(
        make_record(device=T4, values=make_gpu_values(gpu_throttle_reasons=0x20))
    )


def test_what_an_analyser_once_found_and_no_longer_finds_is_gone():
    assert judge(make_record(findings=(Finding(code="budget", message="an older rule"),))) == ()


def test_what_the_record_already_carries_stays():
    carried = Finding(code="xla-fallback", message="XLA left the step to TensorFlow")
    stale = Finding(code="synthetic-data", message="an older wording")
    found = judge(make_record(data=SYNTHETIC, findings=(stale, carried)))
    assert [finding.code for finding in found] == ["synthetic-data", "xla-fallback"]
    assert found[0].message != stale.message


def test_judging_twice_adds_nothing():
    record = make_record(data=SYNTHETIC, noise=0.2, count=30)
    judged = record.model_copy(update={"findings": judge(record)})
    assert judge(judged) == judge(record)
