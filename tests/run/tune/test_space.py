"""Which options are searched on which machine."""

import pytest

from bench.host.hardware import Hardware
from bench.results.record import DataInfo, OwnPipeline
from bench.run.plan import plan
from bench.run.tune.space import cell_of, option_space
from bench.suite.cells import Suite
from bench.suite.options import Options
from bench.suite.spec import DataSpec, ModelSpec, Variant

BOX = {"cpu": "x", "cores": 2, "memory_bytes": 1 << 34, "system": "linux"}
CPU = Hardware(kind="cpu", cpu_flags=("avx512_bf16",), **BOX)
OLD_CPU = Hardware(kind="cpu", **BOX)
T4 = Hardware(kind="gpu", gpu_name="Tesla T4", compute_capability="7.5", **BOX)


def cell(**options):
    suite = Suite(
        name="s",
        data=DataSpec(name="synthetic"),
        models=(ModelSpec(name="m", network="simple_cnn"),),
        variants=(Variant(name="base", options=Options(**options)),),
    )
    return suite.cells()[0]


@pytest.mark.parametrize("hardware", [CPU, T4], ids=["processor", "card"])
def test_there_are_ninety_six_candidates_and_more_and_each_can_run_and_is_work_of_its_own(hardware):
    space = option_space(cell(), hardware)
    assert len(space.candidates) >= 96
    works = [one.options.model_dump_json() for one in space.candidates]
    assert len(set(works)) == len(works)
    assert len({one.name for one in space.candidates}) == len(works)
    for one in space.candidates:
        planned = plan(cell_of(cell(), one.name, one.options, one.batch_size), hardware)
        assert planned.skip is None
        assert planned.options == one.options


def test_the_baseline_is_the_first_and_as_the_cell_has_it():
    base = option_space(cell(pixels="float32", xla=True), CPU).candidates[0]
    assert (base.name, base.options.pixels, base.options.xla) == ("base", "float32", True)


def test_candidates_are_named_by_what_they_change():
    names = {one.name for one in option_space(cell(xla=True), CPU).candidates}
    assert "pixels=uint8+xla=off" in names


def test_what_cannot_run_or_makes_no_sense_is_left_out_with_the_reason():
    space = option_space(cell(), OLD_CPU)
    assert not any("mixed" in one.name for one in space.candidates)
    assert "bfloat16" in space.left_out["precision=mixed_bfloat16"]
    assert "lies in memory already" in space.left_out["cache=memory"]
    assert "nothing to convert" in space.left_out["pixels=uint8+map=autotune"]


def test_what_comes_to_the_same_on_the_device_is_one_candidate():
    space = option_space(cell(), T4)
    resident = [one for one in space.candidates if one.options.source == "device"]
    assert resident
    assert all((one.options.map, one.options.cache) == ("none", "none") for one in resident)
    assert space.folded


def test_other_batch_sizes_multiply_the_space():
    plain, wide = (option_space(cell(), CPU, sizes) for sizes in ((), (128, 256)))
    assert len(wide.candidates) == 2 * len(plain.candidates)
    assert next(one for one in wide.candidates if one.name == "batch_size=256").batch_size == 256


def test_what_the_baseline_has_of_its_own_all_candidates_have():
    space = option_space(cell(augment="pipeline", threads=1), T4)
    assert {(one.options.augment, one.options.threads) for one in space.candidates} == {("pipeline", 1)}
    assert not any(one.options.source == "device" for one in space.candidates)


def test_what_does_not_apply_to_a_pipeline_of_ones_own_is_left_out():
    own = OwnPipeline(element="float32 [batch]", batched=False, seams=("map",))
    names = {"name": "a:b", "requested": "a:b", "synthetic": False, "digest": ""}
    data = DataInfo(**names, held_out_images=0, test_images=0, pipeline=own)
    space = option_space(cell(), CPU, data=data)
    changed = {name for one in space.candidates for name in one.options.changed()}
    assert changed == {"precision", "xla", "steps_per_execution", "map", "cache", "prefetch"}
    assert any("feeds itself" in why for why in space.left_out.values())
