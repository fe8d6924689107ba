from pathlib import Path

import numpy as np
import pytest

from bench.analyse import findings
from bench.analyse.bottleneck.breakdown import attribute
from bench.analyse.findings.drifting import drifting
from bench.analyse.findings.registry import analysers, judge, kinds
from bench.analyse.stats.spread import UNMEASURED, Spread
from bench.results.record import Finding, Window
from tests.records import (
    CPU,
    SYNTHETIC,
    T4,
    make_attributed,
    make_data,
    make_failed,
    make_gpu_values,
    make_record,
    make_replication,
    make_windows,
)


def with_windows(*step_ms):
    return make_record(windows=tuple(Window(5, 5 * ms / 1e3) for ms in step_ms))


def alternating(slow):
    return with_windows(*([16.0, 16.1, slow, 16.05] * 5))


def with_values(**values):
    return make_record(device=T4, values=make_gpu_values(**values))


def on_t4(step_ms, *, macs=40e6, **changes):
    device = T4 | {"gpu_name": "Tesla T4"}
    return make_record(step_ms=step_ms, device=device, values=make_gpu_values(training_macs_per_image=macs), **changes)


def with_xla(**values):
    return make_record(options={"xla": True}, values=make_gpu_values(**values))


def drawn(kind, count=60, seed=0):
    """Windows of a shape that is not two speeds, or with a gap `kind` (in shares) between two of them."""
    generator = np.random.default_rng(seed)
    noise = generator.standard_normal(count)
    match kind:
        case "skewed":
            return with_windows(*(16 + 1.5 * generator.exponential(size=count)))
        case "wide":
            return with_windows(*(16 + 1.5 * noise))
        case "outliers":
            return with_windows(*(16 + 0.3 * noise + 8 * (np.arange(count) % 10 == 3)))
        case "wandering":
            return with_windows(*(16 + 0.4 * np.convolve(noise, np.ones(6), "same")))
        case gap:
            outliers = 12 * (np.arange(count) % 20 == 7)
            return with_windows(*(16 * (1 + gap * (generator.random(count) < 0.4)) + 0.3 * noise + outliers))


UNSUITED = T4 | {"unsuited": {"float16": "no tensor cores", "float64": "a 32nd of the speed"}}

FIRING = {
    "precision-contradicted": [
        with_values(bfloat16_layers=3, float32_layers=1),
        make_record(options={"precision": "mixed_float16"}, values=make_gpu_values(float32_layers=4)),
        make_record(
            options={"precision": "mixed_float16"}, values=make_gpu_values(float16_layers=4, bfloat16_layers=1)
        ),
    ],
    "biases-in-bfloat16": [make_record(notes={"bfloat16_layers": "biases of dense are summed over up to 512 terms"})],
    "xla-fell-back": [with_xla(xla_ran=0.0), with_xla(xla_ran=0.0, retraces=90)],
    "xla-recompiled": [with_xla(xla_ran=1.0, retraces=1), with_xla(retraces=2)],
    "precision-unsuited": [
        make_record(device=UNSUITED, options={"precision": "mixed_float16"}),
        make_record(device=UNSUITED, values=make_gpu_values(float64_layers=3)),
    ],
    "foreign-gpu-process": [
        with_values(foreign_gpu_processes=1, foreign_gpu_memory_bytes=2**30),
        with_values(foreign_gpu_processes=2, foreign_gpu_memory_bytes=None),
    ],
    "busy-machine": [
        with_values(foreign_cpu_share=0.06),
        with_values(cpu_steal_share=0.04),
        with_values(cgroup_throttled_seconds=0.5),
    ],
    "no-measurement": [with_windows(16, 16, 0), with_windows(*[16] * 20, -1)],
    "implausible": [on_t4(0.5), on_t4(0.5, options={"precision": "mixed_float16"}, macs=160e6)],
    "diverged": [
        make_record(values=make_gpu_values(loss=None), absent={"loss": "loss became nan"}),
        make_record(
            values=make_gpu_values(loss=2.3), absent={"held_out_accuracy": "loss became nan on held-out examples"}
        ),
    ],
    "weights-not-kept": [make_record(absent={"weights": "TypeError: a layer can't be saved"})],
    "doubtful-data": [make_record(data=make_data(doubts=("labels begin at 1: no image is of class 0",)))],
    "inline": [make_record(executor="inline")],
    "replay": [make_record(executor="replay")],
    "synthetic-data": [make_record(data=SYNTHETIC), make_record(data=make_data(requested="synthetic", synthetic=True))],
    "cpu-only": [make_record(device=CPU | {"gpu_unused": "Tesla T4"})],
    "throttled": [
        make_record(device=T4, values=make_gpu_values(gpu_throttle_reasons=bit))
        for bit in (0x8, 0x20, 0x40, 0x80, 0x84)
    ]
    + [with_values(cpu_thermal_throttles=2)],
    "power-cap": [make_record(device=T4, values=make_gpu_values(gpu_throttle_reasons=bit)) for bit in (0x4, 0x84)],
    "retraced": [make_record(values=make_gpu_values(retraces=1))],
    "few-windows": [make_record(count=4), make_record(count=1), make_record(count=7, protocol={"min_windows": 8})],
    "budget": [make_record(noise=0.08, count=6, stopped_by="budget")],
    "not-as-local": [
        make_record(executor="ray", environment={"niceness": "15"}),
        make_record(executor="ray", environment={"oom_score_adj": "1000"}),
    ],
    "logical-devices": [make_record(replication=make_replication(4, logical=True))],
    "replicas-differ": [
        make_record(replication=make_replication(remarks=("clipnorm: each device clips its own gradients",)))
    ],
    "noisy": [make_record(noise=0.2, count=30), with_windows(16, 16, 16, 16, 24)],
    "two-speeds": [
        alternating(24.0),
        with_windows(*[16.0] * 10, *[20.0] * 10),
        *(drawn(gap, count, seed) for gap in (0.15, 0.4) for count in (60, 150) for seed in range(3)),
    ],
    "drifting": [
        with_windows(*(16 + 0.1 * i for i in range(20))),
        with_windows(*(16 - 0.1 * i for i in range(20))),
    ],
    "input-bound": [make_attributed(31.5, 31, 12, 11.5), make_attributed(45, 30, 15, options={"prefetch": 0})],
}
SILENT = {
    "precision-contradicted": [
        make_record(),
        with_values(float32_layers=4),
        make_record(
            options={"precision": "mixed_bfloat16"}, values=make_gpu_values(bfloat16_layers=3, float32_layers=1)
        ),
        make_record(options={"precision": "mixed_bfloat16"}, values=make_gpu_values()),
        make_failed(),
    ],
    "biases-in-bfloat16": [make_record(), make_failed(notes={"bfloat16_layers": "biases of dense are summed"})],
    "xla-fell-back": [with_xla(xla_ran=1.0), with_xla(), make_record(values=make_gpu_values(xla_ran=0.0))],
    "xla-recompiled": [with_xla(xla_ran=1.0), with_xla(xla_ran=0.0, retraces=90), with_values(retraces=1)],
    "precision-unsuited": [
        make_record(options={"precision": "mixed_bfloat16"}),
        make_record(device=UNSUITED, values=make_gpu_values(float32_layers=9)),
        make_record(device=T4 | {"unsuited": {}}, values=make_gpu_values(float16_layers=9)),
    ],
    "foreign-gpu-process": [with_values(), with_values(foreign_gpu_processes=None), make_record()],
    "busy-machine": [
        make_record(),
        with_values(foreign_cpu_share=0.05, cpu_steal_share=0.03, cgroup_throttled_seconds=0.001),
        with_values(foreign_cpu_share=None, cpu_steal_share=None, cgroup_throttled_seconds=None),
        make_failed(),
    ],
    "no-measurement": [make_record(), make_record(windows=())],
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
    "retraced": [make_record(), make_record(values={}), with_xla(retraces=1)],
    "implausible": [
        on_t4(2),
        on_t4(2, options={"precision": "mixed_float16"}),
        make_record(step_ms=0.1),
        on_t4(0.1, options={"precision": "mixed_bfloat16"}),  # no tensor cores for these, and no peak
        make_failed(),
    ],
    "diverged": [make_record(values=make_gpu_values(loss=2.3)), make_failed(absent={"loss": "loss became nan"})],
    "weights-not-kept": [make_record()],
    "doubtful-data": [make_record(), make_record(data=SYNTHETIC)],
    "few-windows": [make_record(count=5), make_failed(status="skipped")],
    "budget": [
        make_record(),
        make_record(noise=0.001, stopped_by="budget"),
        make_record(noise=0.08, count=4, stopped_by="budget"),  # few-windows says it
        make_failed(),
    ],
    "not-as-local": [
        make_record(executor="ray", environment={"XLA_FLAGS": "a"}),
        make_record(environment={"niceness": "15", "oom_score_adj": "1000"}),
    ],
    "logical-devices": [
        make_record(),
        make_record(replication=make_replication(2)),
        make_record(replication=make_replication(1, logical=True)),
    ],
    "replicas-differ": [make_record(), make_record(replication=make_replication())],
    "noisy": [make_record(noise=0.05, count=30), make_record(windows=(Window(1, 1.0), Window(1, 2.0))), make_failed()],
    "two-speeds": [
        with_windows(*[16.0] * 5, *[20.0] * 5),
        with_windows(*[16.0] * 20, 24.0),
        alternating(16.5),
        *(drawn(shape, seed=seed) for shape in ("skewed", "wide", "outliers", "wandering") for seed in range(8)),
    ],
    "drifting": [with_windows(*(16 + 0.005 * i for i in range(20))), with_windows(16, 16, 18, 18), make_failed()],
    "input-bound": [
        make_record(),
        make_attributed(16, 1, 15.9, 15.8),
        make_attributed(5.0, 0.3, 4.9, 2.0),
        make_attributed(16, 25, 12),  # refused
    ],
}


@pytest.mark.parametrize(("code", "record"), [(code, r) for code, records in FIRING.items() for r in records])
def test_it_fires(code, record):
    (found,) = [finding for finding in judge(record, UNMEASURED) if finding.code == code]
    assert len(found.message) > 20


@pytest.mark.parametrize(("code", "record"), [(code, r) for code, records in SILENT.items() for r in records])
def test_it_is_silent(code, record):
    assert code not in [finding.code for finding in judge(record, UNMEASURED)]


def test_every_kind_of_finding_is_declared_once_and_tried_both_ways():
    declared = [kind.code for one in analysers() for kind in one.kinds]
    assert len(declared) == len(set(declared))
    assert set(declared) == set(FIRING) == set(SILENT) == set(kinds())
    modules = {path.stem for path in Path(findings.__path__[0]).glob("*.py")}
    assert {one.ask.__module__.rpartition(".")[2] for one in analysers()} == modules - {
        "__init__",
        "declaration",
        "pairs",
        "registry",
    }


def test_an_analyser_finds_what_it_declares_and_no_more():
    for one in analysers():
        for record in (record for records in FIRING.values() for record in records):
            found = one.ask(record, UNMEASURED) if one.needs_spread else one.ask(record)
            assert {finding.code for finding in found} <= {kind.code for kind in one.kinds}


def test_the_gravest_is_said_first():
    record = on_t4(0.5, noise=0.2, count=30, data=SYNTHETIC, executor="inline")
    found = [kinds()[finding.code].severity for finding in judge(record, UNMEASURED)]
    assert found == ["error", "error", "warning", "hint"]


def test_the_input_is_named_only_where_the_hosts_own_spread_shows_it():
    record = make_attributed(20, 19, 17, 16.8)
    found = [any(one.code == "input-bound" for one in judge(record, Spread(share))) for share in (0.01, 0.2)]
    verdicts = [attribute(record, Spread(share)).verdict for share in (0.01, 0.2)]
    assert found == [True, False] == [verdict == "input-bound" for verdict in verdicts]


@pytest.mark.parametrize("seed", range(40))
def test_steady_windows_give_rise_to_nothing(seed):
    record = make_record(windows=make_windows(noise=0.02, count=30, seed=seed))
    assert judge(record, UNMEASURED) == ()


def message(record):
    (found,) = judge(record, UNMEASURED)
    return found.message


def test_messages_are_short_and_the_same_for_every_row():
    noisy, noisier = make_record(noise=0.2, count=30), make_record(variant="b", noise=0.3, count=30)
    assert message(noisy) == message(noisier)
    assert message(make_record(noise=0.08, count=6, stopped_by="budget")) == "time budget ran out before ±2 % precision"
    slower = with_windows(*[16.0, 16.1] * 4, *[16.5, 16.6] * 4, *[17.0, 17.1] * 4)
    assert message(slower) == "its steps grew slower while they were measured"


def test_messages_say_what_it_was():
    assert message(make_record(data=SYNTHETIC)) == (
        "synthetic images stand in for cifar100: times hold, accuracies don't; "
        "no archive in the Keras cache, and no network"
    )
    unused = message(make_record(device=CPU | {"gpu_unused": "Tesla T4"}))
    assert "Tesla T4" in unused
    assert "bench doctor" in unused
    assert "software thermal slowdown" in message(
        make_record(device=T4, values=make_gpu_values(gpu_throttle_reasons=0x20))
    )


def test_messages_give_the_number():
    assert "over 25 % of the processors" in message(with_values(foreign_cpu_share=0.31))
    assert message(with_values(foreign_cpu_share=0.31)) == message(with_values(foreign_cpu_share=0.44))
    assert "over 3 %" in message(with_values(cpu_steal_share=0.031))
    assert "another process" in message(with_values(foreign_gpu_processes=1, foreign_gpu_memory_bytes=2**30))
    assert "1.0 GiB" in message(with_values(foreign_gpu_processes=1, foreign_gpu_memory_bytes=2**30))
    assert "3 other processes" in message(with_values(foreign_gpu_processes=3, foreign_gpu_memory_bytes=None))
    assert message(make_record(device=UNSUITED, values=make_gpu_values(float64_layers=3))) == (
        "computes in float64: a 32nd of the speed"
    )


def wandering(seed):
    generator = np.random.default_rng(seed)
    noise = [generator.standard_normal()]
    for _ in range(29):
        noise.append(0.5 * noise[-1] + generator.standard_normal() * 0.75**0.5)
    return with_windows(*(16 + 0.8 * np.array(noise)))


def test_windows_that_resemble_their_neighbours_rarely_pass_for_a_drift():
    assert sum(bool(drifting(wandering(seed))) for seed in range(100)) <= 5


def test_what_an_analyser_once_found_and_no_longer_finds_is_gone():
    assert judge(make_record(findings=(Finding(code="budget", message="an older rule"),)), UNMEASURED) == ()


def test_what_the_record_already_carries_stays():
    carried = Finding(code="xla-fallback", message="XLA left the step to TensorFlow")
    stale = Finding(code="synthetic-data", message="an older wording")
    found = judge(make_record(data=SYNTHETIC, findings=(stale, carried)), UNMEASURED)
    assert [finding.code for finding in found] == ["synthetic-data", "xla-fallback"]
    assert found[0].message != stale.message


def test_of_impossible_windows_nothing_else_is_said():
    (found,) = judge(with_windows(*[16] * 20, 0), UNMEASURED)
    assert (found.code, found.message) == ("no-measurement", "it has a window of 0 s: its times are no measurement")
    (found,) = judge(make_record(windows=(Window(0, 0.1),) * 20), UNMEASURED)
    assert found.message.startswith("it has a window of 0 steps")


def test_judging_twice_adds_nothing():
    record = make_record(data=SYNTHETIC, noise=0.2, count=30)
    judged = record.model_copy(update={"findings": judge(record, UNMEASURED)})
    assert judge(judged, UNMEASURED) == judge(record, UNMEASURED)
