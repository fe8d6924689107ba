from dataclasses import replace

import pytest

from bench.host.detect import Hardware
from bench.results.record import DataInfo
from bench.run.plan import fingerprints, plan, settle, unmet
from bench.suite.cells import Cell
from bench.suite.options import Options
from bench.suite.spec import DataSpec, ModelSpec, Protocol, TrainSpec, Variant

SOFTWARE = {"tensorflow": "2.21.0", "keras": "3.15.1", "python": "3.11.7"}


def machine(gpu=None, capability=None, flags=()):
    kind = {"kind": "gpu", "gpu_name": gpu, "compute_capability": capability} if gpu else {"kind": "cpu"}
    return Hardware(**kind, cpu="A Processor", cores=2, memory_bytes=2**34, system="linux", cpu_flags=flags)


T4, P100, A100 = machine("Tesla T4", "7.5"), machine("Tesla P100", "6.0"), machine("A100", "8.0")
CPU, CPU_BF16 = machine(), machine(flags=("avx512_bf16",))
AUTO = Options(source="auto", precision="auto", xla="auto", steps_per_execution="auto", cache="memory", map=2)


@pytest.mark.parametrize(
    ("hardware", "source", "precision", "xla", "steps"),
    [
        (T4, "device", "mixed_float16", True, 16),
        (P100, "device", "float32", True, 16),
        (A100, "device", "mixed_bfloat16", True, 16),
        (CPU, "memory", "float32", False, 1),
        (CPU_BF16, "memory", "mixed_bfloat16", False, 1),
    ],
    ids=["T4", "P100", "A100", "CPU", "CPU with bfloat16"],
)
def test_auto_settles_for_what_suits_the_device(hardware, source, precision, xla, steps):
    settled = settle(AUTO, hardware)
    assert (settled.source, settled.precision, settled.xla, settled.steps_per_execution) == (
        source,
        precision,
        xla,
        steps,
    )
    # what lies on the device is neither cached nor mapped in the pipeline
    assert (settled.cache, settled.map) == (("none", "none") if source == "device" else ("memory", 2))


def test_what_is_not_auto_stays():
    options = Options(xla=True, precision="mixed_float16", prefetch=0)
    assert settle(options, CPU) == options


def cell(train=None, seed=0, **options):
    return Cell(
        id="m/v/b8",
        suite="s",
        folder=".",
        data=DataSpec(name="digits"),
        model=ModelSpec(name="m", network="simple_cnn"),
        variant=Variant(name="v", options=Options(**options)),
        batch_size=8,
        seed=seed,
        protocol=Protocol(),
        train=train,
    )


@pytest.mark.parametrize(
    ("options", "hardware", "reason"),
    [
        ({"precision": "mixed_float16"}, P100, "Tesla P100 has none"),
        ({"precision": "mixed_float16"}, CPU, "tensor cores"),
        ({"precision": "mixed_bfloat16"}, T4, "8.0"),
        ({"precision": "mixed_bfloat16"}, CPU, "avx512_bf16"),
        ({"tf32": False}, T4, "TF32"),
        ({"tf32": False}, CPU, "TF32"),
        ({"source": "device", "augment": "pipeline"}, A100, "augment them in the model"),
    ],
    ids=str,
)
def test_what_cannot_run_here_is_skipped_with_its_reason(options, hardware, reason):
    assert reason in plan(cell(**options), hardware).skip


@pytest.mark.parametrize(
    ("options", "hardware"),
    [
        ({}, CPU),
        ({"precision": "mixed_float16"}, T4),
        ({"precision": "mixed_bfloat16"}, CPU_BF16),
        ({"tf32": False}, A100),
        ({"xla": True}, CPU),
        ({"source": "auto", "augment": "pipeline"}, A100),
    ],
    ids=str,
)
def test_what_can_run_here_is_not_skipped(options, hardware):
    assert plan(cell(**options), hardware).skip is None


def data(**changes):
    fields = {
        "name": "digits",
        "requested": "digits",
        "synthetic": False,
        "shape": (32, 32, 3),
        "classes": 10,
        "train_images": 1527,
        "held_out_images": 270,
        "test_images": 0,
        "digest": "a",
    }
    return DataInfo(**(fields | changes))


def both(a_cell, a_data=None, software=SOFTWARE):
    return fingerprints(plan(a_cell, CPU), a_data or data(), software)


def test_other_pixels_leave_timings_comparable_and_accuracies_not():
    timing, accuracy = both(cell())
    assert both(cell(), data(digest="b", synthetic=True, name="synthetic"))[0] == timing
    assert both(cell(), data(digest="b"))[1] != accuracy
    assert both(cell(seed=1))[0] == timing
    assert both(cell(seed=1))[1] != accuracy
    assert both(cell(train=TrainSpec(epochs=2)))[0] == timing
    assert both(cell(train=TrainSpec(epochs=2)))[1] != accuracy


@pytest.mark.parametrize(
    "other",
    [
        both(cell(cache="memory")),
        both(cell(), data(shape=(64, 64, 3))),
        both(cell(), data(train_images=100)),
        both(cell(), data(classes=100)),
        both(cell(), software=SOFTWARE | {"keras": "3.6.0"}),
        both(cell().model_copy(update={"batch_size": 16})),
        both(cell().model_copy(update={"model": ModelSpec(name="m", network="vgg16")})),
    ],
)
def test_whatever_changes_a_steps_time_changes_both_fingerprints(other):
    assert set(other).isdisjoint(both(cell()))


def test_what_a_cell_is_called_changes_neither():
    renamed = cell().model_copy(update={"id": "x", "model": ModelSpec(name="other", network="simple_cnn")})
    assert both(renamed) == both(cell())


def test_an_edited_network_of_the_users_own_does_not_pass_for_the_old(tmp_path):
    file = tmp_path / "edited_models.py"
    own = cell().model_copy(
        update={"folder": str(tmp_path), "model": ModelSpec(name="m", network="edited_models:build")}
    )
    file.write_text("def build(): ...\n")
    before = both(own)
    assert both(own) == before
    file.write_text("def build(): return 1\n")
    assert set(both(own)).isdisjoint(before)


FOUR = A100.model_copy(update={"visible_gpus": 4})
WITHOUT_GPU = CPU.model_copy(update={"cores": 6})


@pytest.mark.parametrize(
    ("options", "hardware", "settled"),
    [
        ({}, FOUR, (1, None, "global", False)),
        ({"devices": "all", "batch": "per_replica"}, FOUR, (4, "mirrored", "per_replica", False)),
        ({"devices": "all", "batch": "per_replica"}, A100, (1, None, "global", False)),
        ({"devices": "all"}, WITHOUT_GPU, (1, None, "global", False)),
        ({"devices": "all", "logical_devices": True}, WITHOUT_GPU, (6, "mirrored", "global", True)),
        ({"devices": 2, "logical_devices": True}, FOUR, (2, "mirrored", "global", False)),
        ({"strategy": "mirrored"}, CPU, (1, "mirrored", "global", False)),
    ],
    ids=str,
)
def test_devices_are_settled_for_the_machine(options, hardware, settled):
    found = settle(Options(**options), hardware)
    assert (found.devices, found.strategy, found.batch, found.logical_devices) == settled


def test_auto_is_what_goes_with_several_devices():
    found = settle(AUTO.model_copy(update={"devices": 2}), FOUR)
    assert (found.source, found.xla, found.steps_per_execution, found.precision) == (
        "memory",
        False,
        1,
        "mixed_bfloat16",
    )


@pytest.mark.parametrize(
    ("options", "hardware", "reason"),
    [
        ({"devices": 8}, FOUR, "wants 8 GPUs, and a process here can compute on 4"),
        ({"devices": 2}, CPU, "`logical_devices: on` makes as many of it"),
        ({"devices": 3, "logical_devices": True}, CPU, "a batch of 8 can't be shared evenly by 3 devices"),
        ({"devices": "all", "xla": True}, FOUR, "XLA can't compile a step under MirroredStrategy"),
    ],
    ids=str,
)
def test_what_devices_cannot_share_here_is_skipped_with_its_reason(options, hardware, reason):
    assert reason in plan(cell(**options), hardware).skip


def test_a_batch_of_each_replica_makes_the_step_larger():
    options = {"devices": 3, "logical_devices": True, "batch": "per_replica"}
    found = plan(cell(**options), CPU)
    assert (found.skip, found.global_batch_size, found.cell.batch_size) == (None, 24, 8)


@pytest.mark.parametrize(
    ("changes", "reason"), [({"generated": True}, "Python generator"), ({"uneven": True}, "drop_")]
)
def test_pipelines_that_several_devices_would_train_otherwise_are_skipped(changes, reason):
    own = data(pipeline={"element": "int64 [batch]", "batched": True} | changes)
    two = replace(plan(cell(devices=2, logical_devices=True), CPU), data=own)
    assert reason in unmet(two)
    assert unmet(replace(plan(cell(), CPU), data=own)) is None


def test_older_timings_stay_comparable_and_devices_are_told_apart():
    before = both(cell())
    assert both(cell(devices="all", batch="per_replica")) == before  # this machine has one
    assert both(cell(devices=2, logical_devices=True))[0] != before[0]
