import pytest

from bench.analyse.efficiency import efficiency
from bench.results.metric import ABSENT, significant, to_margin, with_margin
from bench.results.metrics import METRICS, show
from bench.results.record import Accuracy, Training, Window
from tests.records import NO_GPU, T4, make_failed, make_gpu_values, make_history, make_record, make_replication

GPU = make_record(
    device=T4,
    values=make_gpu_values(
        steps=187,
        examples_per_step=127.5,
        seconds=6.2,
        xla_ran=1.0,
        ray_cpu_share=0.01,
        ray_resident_bytes=4e8,
        float32_layers=5,
        float16_layers=0,
        bfloat16_layers=0,
        float64_layers=0,
        training_peak_resident_bytes=3_265 * 2**20,
        training_peak_gpu_allocator_bytes=420 * 2**20,
    ),
    absent={},
    windows=(Window(4, 0.06), Window(6, 0.14)),
    accuracy=Accuracy(
        train=0.041,
        held_out=0.0352,
        held_out_images=512,
        steps=187,
        synthetic=False,
        train_images=512,
        test=0.034,
        test_images=2_000,
    ),
    train={"target_accuracy": 0.5},
    training=Training(stopped_by="epochs", monitor="val_loss", best_epoch=6, restored=True),
    replication=make_replication(),
    history=tuple(epoch.model_copy(update={"energy_joules": 40.0}) for epoch in make_history(6)),
)
UNITS = {"_bytes": "MiB", "_watts": "W", "_joules": "J", "_hz": "MHz", "_celsius": "°C"}


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_whole(name):
    metric = METRICS[name]
    assert metric.name == name
    assert metric.title
    assert metric.heading
    assert metric.legend
    assert metric.legend[0].islower() or metric.legend.startswith("GPU")
    assert metric.better in ("lower", "higher", None)
    assert metric.scale > 0
    for ending, unit in UNITS.items():
        if name.endswith(ending):
            assert metric.unit == unit
    if name.endswith("seconds"):
        assert metric.unit in ("s", "ms/step")


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_reads_and_shows_a_full_record(name):
    metric = METRICS[name]
    assert metric.read(GPU) is not None
    assert metric.why_absent(GPU) is None
    shown = metric.show(GPU)
    assert shown != ABSENT
    assert shown.endswith(metric.unit)
    assert metric.show(GPU, unit=False) == metric.text(metric.read(GPU))


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_of_a_failed_cell_is_absent_for_a_reason(name):
    failed = make_failed(status="out_of_memory", message="ResourceExhaustedError: OOM")
    assert show(failed, name) == ABSENT
    assert METRICS[name].why_absent(failed) == "out of memory: ResourceExhaustedError: OOM"


@pytest.mark.parametrize("steps", [0, 10**400])
def test_the_energy_of_impossible_windows_is_none(steps):
    record = GPU.model_copy(update={"windows": (Window(steps, 0.1),)})
    assert METRICS["gpu_energy_joules"].read(record) is None
    assert METRICS["gpu_energy_joules"].why_absent(record).startswith("it has a window of ")
    assert efficiency(record, None).energy_per_step_joules.value is None


def test_rates_are_totals_over_totals_and_never_averaged():
    assert METRICS["step_seconds"].read(GPU) == pytest.approx(0.02)
    assert METRICS["images_per_second"].read(GPU) == pytest.approx(127.5 / 0.02)  # its own mean, where batches vary
    assert METRICS["window_steps"].read(GPU) == 10
    assert METRICS["window_seconds"].read(GPU) == pytest.approx(0.2)


def test_figures_as_people_see_them():
    shown = {name: show(GPU, name) for name in METRICS}
    assert shown["step_seconds"] == "20.0 ms/step"
    assert shown["images_per_second"] == "6,375 images/s"
    assert shown["peak_gpu_allocator_bytes"] == "310 MiB"
    assert shown["gpu_utilization"] == "62.0 %"
    assert shown["gpu_sm_clock_hz"] == "1,590 MHz"
    assert shown["gpu_temperature_celsius"] == "61 °C"
    assert shown["trainable_params"] == "128,420"
    assert shown["held_out_accuracy"] == "3.5 %"
    assert shown["trained_steps"] == "187"
    assert shown["macs_per_image"] == "6.60 M"
    assert shown["xla_ran"] == "yes"
    assert shown["float32_layers"] == "5"
    assert METRICS["gpu_throttle_reasons"].text(0x24) == "0x24"


def test_an_instrument_says_why_it_has_nothing():
    record = make_record()
    assert show(record, "peak_gpu_nvml_bytes") == ABSENT
    assert METRICS["peak_gpu_nvml_bytes"].why_absent(record) == NO_GPU
    assert METRICS["gpu_power_watts"].why_absent(record) == "not recorded"


def test_a_training_state_that_no_formula_fits_is_absent_for_the_reason_recorded():
    why = "the optimizer is SGD, not Adam"
    record = make_record(values={"trainable_params": 128_420}, absent={"train_state_bytes": why})
    assert show(record, "train_state_bytes") == ABSENT
    assert METRICS["train_state_bytes"].why_absent(record) == why
    assert show(make_record("vgg16"), "train_state_bytes") == "169 MiB"


def test_the_registry_cannot_be_changed():
    with pytest.raises(TypeError):
        METRICS["mine"] = METRICS["steps"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.01234, "0.0123"), (16.25, "16.2"), (616.4, "616"), (1234.5, "1,234"), (99.98, "100"), (0, "0")],
)
def test_three_significant_digits(value, text):
    assert significant(value) == text


@pytest.mark.parametrize(
    ("value", "margin", "text"),
    [
        (16.25, 0.31, "16.25 ± 0.31"),
        (16.25, 0.36, "16.2 ± 0.4"),
        (616.4, 12.3, "616 ± 12"),
        (1.3512, 0.0041, "1.351 ± 0.004"),
        (16.2, 25.0, "16 ± 25"),
        (616.4, 9.97, "616 ± 10"),
        (16.2, 0.0, "16.2 ± 0.0"),
        (16.2, 1e-9, "16.2000 ± 0.0000"),
        (12345.6, 78.9, "12,346 ± 79"),
    ],
)
def test_a_margin_decides_the_digits(value, margin, text):
    assert with_margin(value, margin) == text


@pytest.mark.parametrize(
    ("value", "margin", "text"),
    [
        (4467.1, 174.0, "4,470"),
        (17783.0, 44.0, "17,780"),
        (17783.0, 4000.0, "18,000"),
        (16.284, 0.2, "16.3"),
        (120.9, 1.0, "121"),
        (16.2, 0.0, "16.2"),
    ],
)
def test_a_margin_that_is_not_shown_decides_the_digits_too(value, margin, text):
    assert to_margin(value, margin) == text
