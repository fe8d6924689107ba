"""Where times fell, and what one asks of those outside of their band: facts of the record first."""

from dataclasses import replace

import pytest

from bench.analyse.comparable import unfit
from bench.analyse.expectation.outcome import outcome, outcomes, verdict
from bench.analyse.findings.registry import judge
from bench.analyse.stats.spread import UNMEASURED
from bench.host.hardware import Hardware
from bench.host.measured import AiBenchmark, Peak
from bench.host.profile import HostProfile
from bench.host.registry import references
from tests.records import CPU, T4, make_attributed, make_gpu_values, make_record

REFERENCES = sorted(references().values(), key=lambda one: one.id)
MACHINE = {"cpu": "Xeon", "cores": 4, "memory_bytes": 2**34, "system": "linux"}
SCORED = {"full": AiBenchmark(version="0.1.2", date="2026-01-05", ai_score=17_000, seconds=60.0)}
PEAK = Peak(flops_per_second=2e11, low=1.9e11, high=2.1e11, date="2026-01-05")
CARD = HostProfile(
    id="box", label="Box", hardware=Hardware(kind="gpu", gpu_name="A card", **MACHINE), ai_benchmark=SCORED
)
PROCESSOR = HostProfile(
    id="xeon-2-cores", label="Xeon", hardware=Hardware(kind="cpu", **MACHINE), peaks={"float32": PEAK}
)
PROFILES = [*REFERENCES, CARD, PROCESSOR]
CARD_DEVICE = {"kind": "gpu", "name": "A card", "gpu_name": "A card", "gpu_unused": None}


def on_card(model="vgg16", *, step_ms, values=None, **changes):
    params = {"trainable_params": {"vgg16": 14_765_988, "simple_cnn": 128_420}[model]}
    fields = {"host": "box", "device": CARD_DEVICE, "absent": {}, "noise": 0.001}
    return make_record(model, step_ms=step_ms, values=make_gpu_values(**params) | (values or {}), **fields | changes)


def found(record):
    return outcome(record, PROFILES)


def of_card(record, known=PROFILES):
    return outcome(record, known, of_unused=True)


def test_healthy_slower_faster():
    # 57.7 ms by the score, ×/÷ 1.47
    assert [found(on_card(step_ms=ms)).verdict for ms in (61, 40, 84)] == ["healthy"] * 3
    assert found(on_card(step_ms=61)).question is None
    assert found(on_card(step_ms=100)).verdict == "slower"
    assert found(on_card(step_ms=30)).verdict == "faster"
    assert found(on_card(step_ms=57.7)).residual.value == pytest.approx(0, abs=0.01)


def test_the_network_counts_and_not_what_a_suite_calls_its_model():
    record = on_card(step_ms=61)
    renamed = record.model_copy(update={"model": "vgg16-40"})
    assert found(renamed).expectation == found(record).expectation
    assert found(renamed).network == "vgg16"


def test_the_margin_gives_the_time_the_benefit_of_the_doubt():
    one = found(on_card(step_ms=61)).expectation.value
    assert verdict(one, one.high * 1.05, 0.0) == "slower"
    assert verdict(one, one.high * 1.05, 0.06) == "healthy or slower"
    assert verdict(one, one.high * 0.99, 0.06) == "healthy"
    assert verdict(one, one.low / 1.05, 0.0) == "faster"
    assert verdict(one, one.low / 1.05, 0.06) == "healthy or faster"


def test_the_margin_is_that_of_windows_and_processes():
    high = found(on_card(step_ms=61)).expectation.value.high * 1e3
    near = found(on_card(step_ms=high * 1.03))  # processes differ by 2 %, where nothing is known
    assert near.verdict == "healthy or slower"
    assert near.question is None
    assert near.step_seconds - near.margin < high / 1e3 < near.step_seconds
    assert found(on_card(step_ms=high * 1.06)).verdict == "slower"
    assert found(on_card(step_ms=high * 1.06, noise=0.2)).verdict == "healthy or slower"


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ({"foreign_gpu_processes": 1}, "was the GPU its own? Another process was on the GPU"),
        ({"gpu_throttle_reasons": 0x20}, "was it too hot, or short of power? The GPU held its clocks back"),
        ({"foreign_cpu_share": 0.4}, "was the machine its own? Other processes took over 25 %"),
        ({"foreign_cpu_share": 0.4, "foreign_gpu_processes": 2}, "was the GPU its own? 2 other processes"),
        ({"retraces": 3}, "is its step traced anew each time? "),
        ({"gpu_utilization": 0.3}, "what does it wait for? The GPU computed for 30 % of the time"),
        ({"gpu_utilization": 0.9}, "what is its bottleneck? Its record doesn't say: bench doctor"),
        ({"gpu_utilization": None}, "what is its bottleneck? Its record doesn't say: bench doctor"),
    ],
)
def test_a_slow_cell_is_asked_about_what_its_record_holds(values, asked):
    assert found(on_card(step_ms=200, values=values)).question.startswith(asked)


def test_a_slow_cell_that_waits_for_its_input():
    waiting = make_attributed(200, 199, 60, 60, model="vgg16", host="box", on=CARD_DEVICE, values=make_gpu_values())
    assert found(waiting).question.startswith("does it wait for its input? Input-bound")


def test_a_run_on_the_processor_beside_a_card_is_held_against_the_card():
    device = CPU | {"gpu_unused": "NVIDIA GeForce RTX 2080 Ti"}
    small = of_card(make_record(step_ms=44, device=device))
    assert (small.verdict, small.of) == ("slower", "RTX 2080 Ti")
    assert small.question.startswith("is the run on the CPU? TensorFlow did not use the RTX 2080 Ti")
    assert small.expectation.value.high < 0.020
    assert "28,368" in small.expectation.value.evidence[0].rests_on


def test_its_host_is_judged_by_what_is_expected_of_the_host():
    """A card that lies idle beside it makes no other machine of it."""
    device = CPU | {"gpu_unused": "NVIDIA GeForce RTX 2080 Ti"}
    beside, alone = (found(make_record("vgg16", step_ms=30_000, device=one)) for one in (device, CPU))
    assert beside.of is None
    assert beside.expectation == alone.expectation
    assert (beside.verdict, beside.question) == (alone.verdict, alone.question)
    assert beside.verdict == "slower"
    assert "RTX" not in beside.question


def test_of_hosts_that_have_the_card_the_one_with_a_measured_score_tells():
    def having(name, **changes):
        hardware = Hardware(kind="gpu", gpu_name="NVIDIA GeForce RTX 2080 Ti", **MACHINE)
        return HostProfile(id=name, label=name, hardware=hardware, **changes)

    record = make_record("vgg16", step_ms=1300, device=CPU | {"gpu_unused": "NVIDIA GeForce RTX 2080 Ti"})
    known = [*PROFILES, having("rtx-2080-ti-2", ai_benchmark=SCORED)]
    assert "17,000" in of_card(record, known).expectation.value.evidence[0].rests_on
    slice_of_it = having("mig").hardware.model_copy(update={"mig": True})
    known = [*PROFILES, having("mig", ai_benchmark=SCORED).model_copy(update={"hardware": slice_of_it})]
    assert "28,368" in of_card(record, known).expectation.value.evidence[0].rests_on


def test_a_card_that_no_host_has_goes_by_its_datasheet():
    known = of_card(make_record("vgg16", step_ms=1300, device=CPU | {"gpu_unused": "Tesla V100-SXM2-16GB"}))
    assert (known.verdict, known.of) == ("slower", "V100-SXM2-16GB")
    assert [one.source for one in known.expectation.value.evidence] == ["card"]


def test_a_card_of_which_nothing_is_known_leaves_the_question():
    unknown = of_card(make_record("vgg16", step_ms=1300, device=CPU | {"gpu_unused": "A strange card"}))
    assert (unknown.verdict, unknown.expectation.value) == (None, None)
    assert unknown.question.startswith("is the run on the CPU? TensorFlow did not use the A strange card")


def test_grounds_that_contradict_each_other_give_no_verdict_of_health():
    """A T4 whose own roofs are a tenth of its card's: the step is as slow as they are."""
    hardware = Hardware(kind="gpu", gpu_name="Tesla T4", compute_capability="7.5", **MACHINE)
    slow = PEAK.model_copy(update={"flops_per_second": 8e11, "low": 7.9e11, "high": 8.1e11})
    ill = HostProfile(id="ill", label="Ill", hardware=hardware, peaks={"float32": slow})
    one = outcome(on_card(step_ms=320, host="ill"), [*REFERENCES, ill])
    assert one.verdict == "unclear"
    assert one.question == (
        "is this machine well? Its AI-Score and its roofs contradict each other: bench doctor looks at it"
    )
    assert outcome(on_card(step_ms=3200, host="ill"), [*REFERENCES, ill]).verdict == "slower"


def test_a_record_of_a_processor_under_a_card_s_host():
    lost = found(on_card(step_ms=1200, device=CPU))
    assert lost.question.startswith("is the run on the CPU? It should be on the A card")


def test_a_fast_cell_is_asked_what_differs():
    assert found(on_card(step_ms=20)).question == "is its software newer than the references'?"
    fast = found(make_record("vgg16", step_ms=300))
    assert fast.question.startswith("was the machine busy when its roofs were measured?")
    ampere = HostProfile(
        id="ampere",
        label="A",
        hardware=Hardware(kind="gpu", gpu_name="NVIDIA L4", compute_capability="8.9", **MACHINE),
        ai_benchmark=SCORED,
    )
    device = CARD_DEVICE | {"compute_capability": "8.9"}
    fastest = outcome(on_card(step_ms=1, host="ampere", device=device), [*REFERENCES, ampere])
    assert fastest.question.startswith("does TF32 give that?")
    small = outcome(on_card("simple_cnn", step_ms=1, host="ampere", device=device), [*REFERENCES, ampere])
    assert small.question.startswith("is its software newer")


def test_nothing_expected_is_no_verdict_and_has_a_reason():
    bare = PROCESSOR.model_copy(update={"peaks": {}})
    nothing = outcome(make_record(step_ms=20), [*REFERENCES, bare])
    assert (nothing.verdict, nothing.question, nothing.residual.value) == (None, None, None)
    assert "bench calibrate" in nothing.expectation.reason
    assert "hosts/elsewhere.yaml" in found(make_record(host="elsewhere")).expectation.reason
    assert found(make_record(windows=())) is None


def test_only_the_handout_s_cells_have_an_outcome():
    cells = [on_card(step_ms=61), on_card(step_ms=40, variant="xla", options={"xla": True}), make_record("ResNet50")]
    assert [one.record for one in outcomes(cells, PROFILES)] == cells[:1]
    assert outcomes(cells, [CARD]) == ()
    assert outcomes([on_card(step_ms=61, device=T4)], PROFILES)[0].verdict == "healthy"


def test_below_the_band_of_every_ground_is_implausible():
    one = found(on_card(step_ms=61)).expectation.value
    law = one.evidence[0]
    several = replace(one, evidence=(law, replace(law, source="roofs", low=law.low / 2)))
    assert verdict(several, law.low / 1.5, 0.0) == "faster"
    assert verdict(several, law.low / 2.5, 0.0) == "implausible"
    assert verdict(several, law.low / 2.05, 0.1) == "faster"


def test_windows_of_another_host_are_implausible():
    ours, theirs = on_card(step_ms=61), on_card(step_ms=61).model_copy(update={"host": "xeon-2-cores"})
    told = outcomes([ours, theirs, on_card("simple_cnn", step_ms=1)], PROFILES)
    assert [one.verdict for one in told] == ["implausible", "implausible", "faster"]
    assert told[0].question == "was it measured on this host? Its windows are, one by one, those of xeon-2-cores"


def test_more_than_the_datasheet_is_implausible():
    ti = next(one for one in REFERENCES if "2080" in one.label)
    device = {"kind": "gpu", "name": "RTX 2080 Ti", "gpu_name": "NVIDIA GeForce RTX 2080 Ti", "gpu_unused": None}
    work = {"training_macs_per_image": 940e6}
    record = on_card(step_ms=6, host=ti.id, device=device, values=work)
    assert [finding.code for finding in judge(record, UNMEASURED)][:1] == ["implausible"]
    one = found(record)
    assert one.verdict == "implausible"
    assert "at 3.0 times the float32 peak of a RTX 2080 Ti" in one.question
    assert unfit(record).startswith("is implausible: its step would run at 3.0 times")
    assert judge(on_card(step_ms=16, host=ti.id, device=device, values=work), UNMEASURED) == ()
