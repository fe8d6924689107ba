import pytest

from bench.analyse.bottleneck.breakdown import attribute
from bench.analyse.options.advice import advice
from bench.host.hardware import Hardware
from tests.records import CPU as CPU_DEVICE
from tests.records import T4, make_attributed, make_record

CPU = Hardware(kind="cpu", cpu="Intel Xeon", cores=2, memory_bytes=2**34, system="linux")
BF16 = CPU.model_copy(update={"cpu_flags": ("avx512_bf16",)})
GPU = CPU.model_copy(
    update={"kind": "gpu", "gpu_name": "Tesla T4", "gpu_memory_bytes": 2**34, "compute_capability": "7.5"}
)
SMALL = CPU.model_copy(update={"memory_bytes": 2**28})
LATE = (31.5, 31, 12)


def advised(record, hardware=CPU, others=()):
    tip = advice(record, attribute(record), hardware, others)
    return None if tip is None else (f"{tip.option}: {tip.value}", tip.gain and round(tip.gain, 1))


def slow(hardware=CPU, **options):
    return advised(make_attributed(*LATE, options=options), hardware)


def test_without_prefetch_prefetch_comes_first_and_leaves_the_slower_of_the_two():
    assert advised(make_attributed(45, 30, 15, options={"prefetch": 0})) == ("prefetch: autotune", 1.5)
    assert advised(make_attributed(45, 15, 30, options={"prefetch": 0})) == ("prefetch: autotune", 1.5)


def test_a_late_pipeline_leaves_at_most_the_step():
    assert slow() == ("source: device", 2.6)
    assert slow(SMALL) == ("pixels: uint8", 2.6)
    assert slow(SMALL, map=2) == ("map: autotune", 2.6)
    assert slow(CPU, augment="pipeline", map="autotune") == ("cache: memory", 2.6)
    assert slow(SMALL, map="autotune", cache="memory") == ("pixels: uint8", 2.6)
    assert slow(None) == ("pixels: uint8", 2.6)


def test_what_works_on_batches_cannot_leave_the_pipeline_but_can_be_done_several_at_a_time():
    assert slow(batch_map="slow:nap") == ("map: autotune", 2.6)
    assert slow(augment="pipeline") == ("map: autotune", 2.6)


def test_a_late_pipeline_is_not_mended_elsewhere():
    assert slow(BF16, source="device") is None
    assert slow(batch_map="slow:nap", map="autotune", cache="memory") is None


def test_dispatch_is_hidden_by_as_many_steps_as_the_loop_had():
    record = make_attributed(5.0, 0.3, 5.0, 2.0, execution=48)
    assert advised(record, GPU) == ("steps_per_execution: 48", 2.5)


def computing(kind=None, **options):
    return make_attributed(16, 1, 15.9, 15.8, on=T4 if kind == "gpu" else CPU_DEVICE, options=options)


@pytest.mark.parametrize("hardware", [CPU, None])
def test_without_the_hardware_for_it_nothing_is_left(hardware):
    assert advised(computing(), hardware) is None


def test_a_gain_that_no_record_tells_is_not_known():
    assert advised(computing(), BF16) == ("precision: auto", None)
    assert "bench ab" in str(advice(computing(), attribute(computing()), BF16))


def test_what_precision_brought_is_taken_from_records_of_this_host_and_network():
    faster = make_record(variant="bf16", step_ms=8, options={"precision": "mixed_bfloat16"})
    assert advised(computing(), BF16, [faster]) == ("precision: auto", 2.0)
    elsewhere = faster.model_copy(update={"host": "another"})
    other_network = make_record("vgg16", "bf16", step_ms=8, options={"precision": "mixed_bfloat16"})
    assert advised(computing(), BF16, [elsewhere, other_network]) == ("precision: auto", None)
    assert advised(computing(), None, [faster]) == ("precision: auto", 2.0)
    both = make_record(variant="all", step_ms=8, options={"precision": "mixed_bfloat16", "prefetch": 0})
    assert advised(computing(), BF16, [both]) == ("precision: auto", None)
    without = make_record(variant="prefetch-0", step_ms=24, options={"prefetch": 0})
    assert advised(computing(), BF16, [both, without]) == ("precision: auto", 3.0)
    assert advised(computing(), BF16, [both, without, faster]) == ("precision: auto", 2.0)


def test_what_brought_nothing_is_not_advised_and_the_next_is():
    slower = make_record(variant="f16", step_ms=17, options={"precision": "mixed_float16"}, device=T4)
    assert advised(computing("gpu"), GPU, [slower]) == ("xla: on", None)
    compiled = make_record(variant="xla", step_ms=10, options={"xla": True}, device=T4)
    assert advised(computing("gpu"), GPU, [slower, compiled]) == ("xla: on", 1.6)
    assert advised(computing("gpu", xla=True), GPU, [slower, computing("gpu")]) is None


def test_a_balanced_step_is_first_rid_of_what_is_not_computation():
    assert advised(make_attributed(16, 6, 13, 9, execution=22)) == ("steps_per_execution: 22", 1.3)


def test_it_says_what_the_gain_rests_on():
    record = make_attributed(*LATE)
    assert str(advice(record, attribute(record), CPU)) == (
        "next, try source: device (2.63 times as fast at most, as the step alone takes)"
    )


def test_what_was_measured_is_no_bound():
    faster = make_record(variant="bf16", step_ms=8, options={"precision": "mixed_bfloat16"})
    text = str(advice(computing(), attribute(computing()), BF16, [faster]))
    assert text.endswith("times as fast, as it was in simple_cnn/bf16/b128)")


def test_noise_gives_no_advice():
    assert advised(make_attributed(67, 1, 67, 65, noise=0.3), BF16) is None
