"""What is expected of the handout's cells: numbers by hand, references left out in turn, roofs as floors."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analyse.expectation.band import expected, published_residual, residual
from bench.analyse.expectation.handout_work import WORK
from bench.host.hardware import Hardware
from bench.host.measured import AiBenchmark, Noise, Peak, Roof, SelfTest
from bench.host.profile import HostProfile, Published, PublishedTime
from bench.host.registry import references
from bench.results.reading import read
from tests.records import PARAMS

REFERENCES = sorted(references().values(), key=lambda one: one.id)
T4, P100, RTX = REFERENCES
BOTH = ("simple_cnn", "vgg16")
MACHINE = {"cpu": "Xeon", "cores": 4, "memory_bytes": 2**34, "system": "linux"}
DATE = "2026-01-05"
T4_CARD = {"gpu_name": "Tesla T4", "gpu_memory_bytes": 16 * 2**30, "compute_capability": "7.5"}
H200_CARD = {"gpu_name": "NVIDIA H200", "gpu_memory_bytes": 141 * 2**30, "compute_capability": "9.0"}
OLD_CARD = {"gpu_name": "An unknown card", "compute_capability": "7.0"}


def host(card=None, score=None, **changes):
    kind = {"kind": "gpu", **card} if card else {"kind": "cpu"}
    full = {"full": AiBenchmark(version="0.1.2", date=DATE, ai_score=score, seconds=60.0)} if score else {}
    return HostProfile(id="here", label="Here", hardware=Hardware(**kind, **MACHINE), ai_benchmark=full, **changes)


def peak(flops):
    return Peak(flops_per_second=flops, low=flops * 0.99, high=flops * 1.01, date=DATE)


def roof(value):
    return Roof(value=value, low=value * 0.99, high=value * 1.01, date=DATE, of="something")


def self_test(empty):
    return SelfTest(date=DATE, version="0.1.0", largest_error=0.01, empty_step_seconds=empty, cells=5)


def band(profile, model, known=REFERENCES):
    return expected(profile, known, model).value


@pytest.mark.parametrize("model", BOTH)
def test_the_work_is_that_of_the_networks(checkout, model):
    """As TensorFlow's own layers were counted, in the records that this repository holds."""
    records = read(checkout / "results" / "cpu-amd-epyc-2c" / "cnn.jsonl").records
    notebooks = [one.values for one in records if (one.model, one.variant) == (model, "notebook")]
    # a run's later processes of a cell only time it
    counted = {values["macs_per_image"] for values in notebooks if "macs_per_image" in values}
    assert counted == {float(WORK[model].macs)}
    assert WORK[model].parameters == PARAMS[model]


def test_a_step_s_operations_leave_out_the_gradient_of_the_images():
    # 30 × 30 places, 32 channels, of 3×3×3 numbers
    assert WORK["simple_cnn"].first_macs == 30 * 30 * 32 * 27
    assert WORK["simple_cnn"].step_flops(128) == 2 * 128 * (3 * 4_554_368 - 777_600)
    assert WORK["vgg16"].step_flops(128) == pytest.approx(240.1e9, rel=1e-3)


def test_memory_traffic_by_hand():
    given = 30 * 30 * 32 + 15 * 15 * 32 + 13 * 13 * 64 + 6 * 6 * 64 + 4 * 4 * 64 + 64 + 100
    assert WORK["simple_cnn"].step_bytes(2) == 4 * (5 * 2 * given + 7 * 128_420)


def test_by_the_score_by_hand():
    """Between the references: their constants' geometric mean, and Student's t over the scatter of both networks."""
    found = band(host(OLD_CARD, 20_000), "vgg16")
    constants = {"vgg16": (75 * 14_248, 53 * 20_983, 28 * 28_368), "simple_cnn": (15 * 14_248, 15 * 20_983, 7 * 28_368)}
    logs = {model: [math.log(one) for one in given] for model, given in constants.items()}
    means = {model: sum(one) / 3 for model, one in logs.items()}
    variance = sum((one - means[model]) ** 2 for model, given in logs.items() for one in given) / 4
    middle = math.exp(means["vgg16"]) / 20_000
    factor = math.exp(1.5332 * math.sqrt(variance * 4 / 3))
    assert found.middle * 1e3 == pytest.approx(middle)
    assert (found.low * 1e3, found.high * 1e3) == pytest.approx((middle / factor, middle * factor), rel=1e-3)
    assert factor == pytest.approx(1.47, abs=0.01)
    assert [one.source for one in found.evidence] == ["score"]
    assert "AI-Score 20,000, measured 2026-01-05" in found.evidence[0].rests_on


@pytest.mark.parametrize("model", BOTH)
def test_references_left_out_in_turn_are_where_the_others_expect_them(model):
    inside = 0
    for one in REFERENCES:
        others = [other for other in REFERENCES if other is not one]
        found = band(one, model, others)
        assert found.agree
        time = next(time.step_ms / 1e3 for time in one.published.times if time.model == model)
        inside += found.low <= time <= found.high
        assert published_residual(one, REFERENCES, model).value == pytest.approx(time / found.middle - 1)
    assert inside >= 2


def test_a_published_time_doesn_t_count_for_itself():
    alone = published_residual(T4, [T4], "vgg16")
    assert alone.value is None
    changed = T4.model_copy(update={"published": T4.published.model_copy(update={"ai_score": 20_000})})
    before = published_residual(P100, REFERENCES, "vgg16").value
    assert published_residual(P100, [changed, P100, RTX], "vgg16").value != before
    assert published_residual(P100, [T4, RTX], "vgg16").value == before
    assert published_residual(host(T4_CARD), REFERENCES, "vgg16").reason == "no time of vgg16 is published for here"


@given(st.integers(7_200, 200_000), st.floats(1.0, 20.0), st.sampled_from(BOTH))
def test_a_higher_score_never_expects_a_longer_step(score, factor, model):
    slow, fast = band(host(OLD_CARD, score), model), band(host(OLD_CARD, int(score * factor)), model)
    assert fast.high <= slow.high * (1 + 1e-9)
    assert fast.middle <= slow.middle * (1 + 1e-9)


def test_far_above_the_references_the_upper_end_stays_and_far_below_nothing_is_said():
    best, far = band(host(OLD_CARD, 28_368), "simple_cnn"), band(host(OLD_CARD, 70_000), "simple_cnn")
    assert far.high == pytest.approx(best.high)
    assert far.low < best.low
    assert band(host(OLD_CARD, 70_000), "vgg16").high < band(host(OLD_CARD, 28_368), "vgg16").high
    weak = expected(host(OLD_CARD, 7_000), REFERENCES, "vgg16")
    assert weak.value is None
    assert "its AI-Score of 7,000 is under half of any reference's (14,248 and higher)" in weak.reason


def test_the_score_of_a_processor_says_nothing():
    found = expected(host(None, 1_918), REFERENCES, "vgg16")
    assert found.value is None
    assert found.reason == (
        "every reference is a GPU, and this host computes on its processor; no roof of here was measured; "
        "bench calibrate --roofs does"
    )
    assert "AI-Score" not in found.reason


def test_a_card_is_told_by_its_datasheet_where_the_step_is_arithmetic():
    others = [P100, RTX]
    found = band(host(T4_CARD), "vgg16", others)
    assert {one.source for one in found.evidence} == {"card", "roofs"}
    assert found.low < 0.075 < found.high
    assert found.low >= WORK["vgg16"].step_flops(128) / 8.1e12 / 1.03
    small = expected(host(T4_CARD), others, "simple_cnn")
    assert small.value is None
    assert "too little of a step of simple_cnn is arithmetic for its card to tell it" in small.reason


def test_before_its_score_is_measured_a_card_has_the_one_published_for_such_a_card():
    found = expected(host(T4_CARD), REFERENCES, "simple_cnn").value
    published = band(HostProfile(id="t4", label="T4", published=T4.published), "simple_cnn")
    assert (found.low, found.high) == (published.low, published.high)
    (score,) = (one for one in found.evidence if one.source == "score")
    assert score.rests_on.startswith("AI-Score 14,248, published for colab-t4's card; ")
    measured = band(host(T4_CARD, 15_000), "simple_cnn")
    assert measured.evidence[0].rests_on.startswith("AI-Score 15,000, measured ")
    assert "no AI-Score of here" in expected(host(T4_CARD | {"mig": True}), REFERENCES, "simple_cnn").reason


def test_on_a_processor_roofs_are_floor_and_ceiling():
    roofs = {"vgg16_float32": roof(200e9), "device_bandwidth": roof(20e9), "launch_latency": roof(1e-4)}
    profile = host(peaks={"float32": peak(220e9)}, roofs=roofs, self_test=self_test(1.2e-3))
    large, small = band(profile, "vgg16"), band(profile, "simple_cnn")
    give = math.exp(1.2816 * 0.02)
    # a roof lies within ±1 %: at its best for the floor, at its worst for the ceiling
    arithmetic, memory = WORK["vgg16"].step_flops(128) / 200e9, WORK["vgg16"].step_bytes(128) / 20e9
    assert large.low == pytest.approx(arithmetic / 1.01 / give, rel=1e-4)
    assert large.high == pytest.approx(1.4 * ((arithmetic + memory) / 0.99 + 1.2e-3) * give, rel=1e-4)
    arithmetic, memory = WORK["simple_cnn"].step_flops(128) / 220e9, WORK["simple_cnn"].step_bytes(128) / 20e9
    assert small.low == pytest.approx(arithmetic / 1.01 / give, rel=1e-4)
    assert small.high == pytest.approx(2 * ((arithmetic + memory) / 0.99 + 1.2e-3) * give, rel=1e-4)
    assert small.sharper is None
    shaky = profile.model_copy(update={"noise": Noise(date=DATE, in_turns=0.01, apart=0.08, rounds=20)})
    assert band(shaky, "vgg16").high > large.high


def test_no_step_is_shorter_than_an_empty_one():
    profile = host(H200_CARD, 70_000, roofs={"launch_latency": roof(2e-3)})
    assert band(profile, "simple_cnn").low == pytest.approx(1.98e-3 / math.exp(1.2816 * 0.02), rel=1e-3)
    slow = host(H200_CARD, 70_000, roofs={"launch_latency": roof(2e-3)}, self_test=self_test(3e-3))
    assert band(slow, "simple_cnn").low == pytest.approx(3e-3 / math.exp(1.2816 * 0.02), rel=1e-3)


def test_tf32_lowers_the_lower_end_of_arithmetic_alone():
    old, new = host(OLD_CARD | {"compute_capability": "7.5"}, 70_000), host(H200_CARD, 70_000)
    assert band(new, "vgg16").low < band(old, "vgg16").low / 3
    assert [one.low for one in band(new, "vgg16").evidence if one.source == "score"] == [None]
    assert band(new, "simple_cnn").low == pytest.approx(band(old, "simple_cnn").low)


def test_a_card_s_tf32_may_gain_what_its_peak_is_higher_by():
    """An A100 has 19.5 TFLOP/s in float32, which is not far from the references', and 156 in TF32."""
    found = band(host({"gpu_name": "NVIDIA A100-SXM4-40GB", "compute_capability": "8.0"}), "vgg16")
    (by_card,) = (one for one in found.evidence if one.source == "card")
    law = {one.id: WORK["vgg16"].step_flops(128) / peak for one, peak in ((T4, 8.1e12), (P100, 9.3e12), (RTX, 13.4e12))}
    factors = [time / law[one.id] for one, time in ((T4, 0.075), (P100, 0.053), (RTX, 0.028))]
    middle = math.prod(factors) ** (1 / 3) * WORK["vgg16"].step_flops(128) / 19.5e12
    assert by_card.high > middle > by_card.low * 156 / 19.5
    assert by_card.high / middle == pytest.approx(middle / (by_card.low * 156 / 19.5))


def test_a_card_far_from_the_references_is_not_told_by_its_datasheet():
    found = expected(host(H200_CARD), REFERENCES, "vgg16")
    assert "the float32 peak of the H200 SXM is too far from the references'" in found.reason


def test_on_a_card_the_host_s_share_comes_on_top_of_its_roofs():
    roofs = {"vgg16_float32": roof(5e12), "device_bandwidth": roof(250e9), "launch_latency": roof(1e-4)}
    found = band(host(OLD_CARD, roofs=roofs, peaks={"float32": peak(6e12)}), "vgg16")
    parts = WORK["vgg16"].step_flops(128) / 5e12 + WORK["vgg16"].step_bytes(128) / 250e9 + 1e-4
    assert found.high == pytest.approx(math.exp(1.2816 * 0.02) * (1.4 * parts / 0.99 + 0.015), rel=1e-3)


def test_the_middle_leans_to_the_narrower_ground():
    roofs = {"vgg16_float32": roof(5e12), "device_bandwidth": roof(250e9), "launch_latency": roof(1e-4)}
    found = band(host(OLD_CARD, 9_000, roofs=roofs, peaks={"float32": peak(6e12)}), "vgg16")
    score, by_roofs = found.evidence
    weights = [math.log(one.high / one.low) ** -2 for one in found.evidence]
    middles = [math.log(one.middle) for one in found.evidence]
    wanted = math.exp(sum(w * m for w, m in zip(weights, middles, strict=True)) / sum(weights))
    assert found.middle == pytest.approx(min(max(wanted, found.low), found.high))
    assert abs(math.log(found.middle / by_roofs.middle)) < abs(math.log(found.middle / score.middle))


def test_published_times_that_agree_are_known_no_better_than_they_were_rounded():
    def reference(name, score, step_ms):
        time = PublishedTime(model="vgg16", batch_size=128, step_ms=step_ms, trainable_params=1)
        return HostProfile(id=name, label=name, published=Published(source="a table", ai_score=score, times=(time,)))

    whole = [reference("a", 10_000, 60.0), reference("b", 20_000, 30.0)]
    found = band(host(OLD_CARD, 15_000), "vgg16", whole)
    deviation = math.sqrt(((0.5 / 60) ** 2 + (0.5 / 30) ** 2) / 2 / 3)
    assert found.middle == pytest.approx(0.040)
    assert found.high == pytest.approx(0.040 * math.exp(3.0777 * deviation * math.sqrt(1.5)), rel=1e-3)
    exact = [reference("a", 10_000, 60.0), reference("b", 20_000, 30.0 * 1.0001)]
    assert band(host(OLD_CARD, 15_000), "vgg16", exact).high < found.high


def test_score_and_roofs_that_contradict_each_other_are_all_in_the_band():
    """The score is the card's, and the machine multiplies at a tenth of its rate: a T4 that is not well."""
    profile = T4.model_copy(
        update={
            "hardware": Hardware(kind="gpu", **T4_CARD, **MACHINE),
            "peaks": {"float32": peak(0.8e12)},
            "roofs": {"vgg16_float32": roof(0.7e12)},
        }
    )
    found = band(profile, "vgg16")
    assert not found.agree
    assert found.low < 0.075
    assert found.high > 0.34
    assert "published for its card" in found.evidence[0].rests_on


def test_what_would_sharpen_it():
    roofs = {"vgg16_float32": roof(5e12), "device_bandwidth": roof(250e9), "launch_latency": roof(1e-4)}
    peaks = {"float32": peak(5.5e12)}
    assert band(host(T4_CARD, 14_000, roofs=roofs, peaks=peaks), "vgg16").sharper is None
    assert band(host(T4_CARD, 14_000), "vgg16").sharper == "bench calibrate --roofs"
    assert band(host(T4_CARD, roofs=roofs, peaks=peaks), "vgg16").sharper == "bench calibrate"
    assert band(host(T4_CARD), "vgg16").sharper == "bench calibrate"
    assert band(T4, "vgg16").sharper is None


def test_more_is_known_the_narrower_the_band():
    roofs = {"vgg16_float32": roof(4.5e12), "device_bandwidth": roof(240e9), "launch_latency": roof(1e-4)}
    bare, scored = host(T4_CARD), host(T4_CARD, 14_248)
    whole = host(T4_CARD, 14_248, roofs=roofs, peaks={"float32": peak(5e12)})
    widths = [band(one, "vgg16").high / band(one, "vgg16").low for one in (bare, scored, whole)]
    assert widths == sorted(widths, reverse=True)
    assert band(whole, "vgg16").low < 0.075 < band(whole, "vgg16").high


RATES = st.floats(1e6, 1e16)
CARDS = st.sampled_from([None, T4_CARD, H200_CARD, OLD_CARD, T4_CARD | {"mig": True}])


@settings(max_examples=150, deadline=None)
@given(
    CARDS,
    st.none() | st.integers(1, 10**7),
    st.dictionaries(st.sampled_from(["float32", "tf32", "bfloat16"]), RATES.map(peak)),
    st.dictionaries(st.sampled_from(["vgg16_float32", "vgg16_tf32", "device_bandwidth", "map"]), RATES.map(roof)),
    st.none() | st.floats(1e-7, 10.0).map(self_test),
    st.lists(st.sampled_from(REFERENCES), unique_by=lambda one: one.id),
    st.sampled_from([*BOTH, "ResNet50"]),
)
def test_any_of_it_gives_a_band_or_a_reason(card, score, peaks, roofs, test, known, model):
    found = expected(host(card, score, peaks=peaks, roofs=roofs, self_test=test), known, model)
    if found.value is None:
        assert found.reason
        assert residual(found, 1.0).reason == found.reason
        return
    assert 0 < found.value.low <= found.value.high < math.inf
    assert found.value.evidence
    lows = [one.low for one in found.value.evidence if one.low is not None and one.source == "roofs"]
    assert not found.value.agree or all(found.value.low >= low for low in lows)
    middle = found.value.middle
    if {one.source for one in found.value.evidence} == {"roofs"}:
        assert (middle, residual(found, 1.0).reason) == (None, "no law gives this band a middle")
    if middle is not None:
        assert found.value.low <= middle <= found.value.high
        assert residual(found, middle).value == pytest.approx(0)
